// Charts by key: drawn when they come into view, and one of them enlarged. Each has one line, or one for each of several
// runs: lines have a title then, and a list in each chart names them.

import * as address from '../core/address.js';
import * as content from '../core/content.js';
import {byId, make} from '../core/dom.js';
import * as settings from '../core/settings.js';
import * as series from '../data/series.js';
import * as chart from './chart.js';
import {keyFilter, together} from './chart_keys.js';
import {chartReading} from './chart_reading.js';
import {chartZoom} from './chart_zoom.js';
import {lineSample} from './line_sample.js';

const maxUnfiltered = 12;
const mostShown = 100; // charts of a section, until all are asked for
const mostLines = 8;
// key → {key, element, plot, width, lines, names, drawn, isNear, at}; what is drawn is stale where it is not of these lines and options.
const charts = new Map();
let linesOf = new Map(); // by key
let ofRun = new Map(); // key → its series, where the charts are of one run
let known = new Map(); // the series that were taken last
const keysOf = new Map(); // by the first part of keys
let large = null;
const reading = chartReading({
  all: () => [...charts.values(), ...(large ? [large] : [])],
  isBehind: (one) => large !== null && one !== large,
  isKept: (one) => one === large,
  enter: (one) => (one === large ? byId('chart-step').click() : enlarge(one.key)),
  onRead: (one) => one === large && showStepLink(one.at),
});
const zoom = chartZoom(() => drawAnew([large]));
/** @type {(step: number) => Promise<{step: number, href: string} | null>} the step with images at or before it */
let linkTo = async () => null;

const read = (name) => address.get(name) ?? settings.get(name);
const options = () => ({
  over: ['step', 'time'].includes(read('x')) ? read('x') : 'own',
  isLog: read('y') === 'log',
  weight: Number(read('smooth') ?? 0),
});

let near = null; // the charts that are near the screen

function noteNear(entries) {
  const changed = entries.filter(({target}) => charts.has(target.dataset.key)).map(({target, isIntersecting}) => {
    return Object.assign(charts.get(target.dataset.key), {isNear: isIntersecting});
  });
  drawNeeded(changed);
}

// All are measured before one is drawn: each that is drawn would have the page laid out anew for the next.
function drawNeeded(all) {
  const needed = all.filter((one) => one.isNear && one.isStale && one.lines.length);
  for (const one of needed) one.width = one.plot.clientWidth || 300;
  needed.forEach(draw);
}

function drawAnew(all) {
  for (const one of all) one.isStale = true;
  drawNeeded(all);
}

// Draws a chart at once where its numbers are here, and again with each of those that are loaded, unless it is drawn anew meanwhile.
async function draw(one) {
  const {lines} = one;
  const turn = one.turn + 1;
  Object.assign(one, {turn, isStale: false});
  const isMeant = () => one.turn === turn && one.lines === lines && !one.isStale;
  try {
    const missing = lines.filter((line) => !line.series.head);
    if (missing.length) await Promise.all(missing.map((line) => series.loadHead(line.series)));
    while (isMeant()) {
      drawNow(one);
      const {wanted} = one.drawn;
      if (!wanted.flat().length) return;
      await Promise.all(lines.map((line, n) => series.loadParts(line.series, wanted[n])));
    }
  } catch {
    if (one.turn === turn) one.isStale = true; // a file that is just being replaced: the page hears of the new one, and draws again
  }
}

function drawNow(one) {
  one.drawn = chart.draw(one.plot, one.lines, {...options(), width: one.width, ...one === large ? {ticks: [8, 6], range: zoom.range()} : {}});
  showWarnings(one);
  reading.showAgain(one);
  if (one === large) byId('chart-out').disabled = !large.drawn.range;
}

/* the page as the data has it */

const prefixOf = (key) => (key.includes('/') ? key.slice(0, key.indexOf('/')) : '');

function newSection(prefix, open) {
  const section = make('details', {className: 'panel charts', open});
  section.dataset.key = prefix;
  const heading = make('h2');
  heading.append(prefix ? make('bdi', {textContent: prefix}) : 'Charts', ' ', make('small'));
  section.append(make('summary'), make('div', {className: 'chart-grid'}));
  section.firstChild.append(heading);
  return section;
}

function newChart(key) {
  const element = content.parsed(`<div class="chart"><h3><bdi></bdi><output aria-live="off"></output></h3><div class="plot">
    <svg class="grid" aria-hidden="true"></svg><svg class="lines" viewBox="0 0 300 100" preserveAspectRatio="none"></svg></div></div>`).firstChild;
  element.dataset.key = key;
  element.querySelector('bdi').textContent = key;
  return element;
}

const newState = (key, element) => ({key, element, plot: element.querySelector('.plot'), lines: [], names: '', drawn: null, isStale: true, turn: 0, isNear: false, at: null});

function adopt(element, key) {
  const heading = element.querySelector('h3');
  const button = make('button', {type: 'button', className: 'enlarge', title: 'Enlarge'});
  button.setAttribute('aria-label', `Enlarge ${key}`);
  button.addEventListener('click', () => enlarge(key));
  heading.append(button);
  const one = newState(key, element);
  one.plot.querySelector('.lines').removeAttribute('role');
  one.plot.querySelector('.lines').setAttribute('aria-hidden', 'true');
  charts.set(key, one);
  reading.listen(one);
  near.observe(element);
}

// Puts sections and charts in order, without touching those that are in their place.
function arrange(parent, wanted) {
  let at = parent.firstElementChild;
  for (const element of wanted) {
    if (element === at) at = at.nextElementSibling;
    else parent.insertBefore(element, at);
  }
  while (at) {
    const next = at.nextElementSibling;
    at.remove();
    at = next;
  }
}

// Takes what charts are to show, as {key, lines}, in the order in which they stand; see chart.draw for the lines.
function take(all) {
  const before = known;
  known = new Map();
  linesOf = new Map(all.map(({key, lines}) => [key, lines]));
  for (const {series: one} of all.flatMap(({lines}) => lines)) {
    const id = one.viewer + one.name;
    if (!known.has(id)) series.renew(one, before.get(id));
    known.set(id, one);
  }
  for (const [key, one] of [...charts]) {
    if (linesOf.has(key)) Object.assign(one, {lines: linesOf.get(key), isStale: true});
    else charts.delete(key);
  }
  keysOf.clear();
  for (const {key} of all) keysOf.set(prefixOf(key), [...keysOf.get(prefixOf(key)) ?? [], key]);
  const shown = new Map([...byId('charts').children].map((section) => [section.dataset.key, section]));
  const isOpen = all.length <= mostShown;
  arrange(byId('charts'), [...keysOf.keys()].map((prefix) => shown.get(prefix) ?? newSection(prefix, isOpen)));
  for (const section of byId('charts').children) {
    section.dataset.count = keysOf.get(section.dataset.key).length;
    section.querySelector('small').textContent = section.dataset.count;
  }
  showBar();
  drawAnew([...charts.values()]);
  if (large) enlarge(large.key);
}

function chartOf(key) {
  if (!charts.has(key)) adopt(newChart(key), key);
  const one = charts.get(key);
  one.lines = linesOf.get(key);
  nameLines(one);
  return one.element;
}

// Puts the charts of a section into it that are meant, where it is open: of very many the first.
function fill(section, isMeant) {
  const keys = keysOf.get(section.dataset.key).filter(isMeant);
  section.hidden = !keys.length;
  if (!section.open) return;
  const shown = section.dataset.all ? keys : keys.slice(0, mostShown);
  arrange(section.querySelector('.chart-grid'), shown.map(chartOf));
  section.querySelector('.more-charts')?.remove();
  if (shown.length === keys.length) return;
  const more = make('button', {type: 'button', className: 'more-charts', textContent: `All ${keys.length.toLocaleString('en')} charts`});
  more.addEventListener('click', () => {
    section.dataset.all = 'true';
    filter();
  });
  section.append(more);
}

// Takes runs as {title, charts, viewer}, in the order of their places; those whose numbers are not here yet have none.
export function takeRuns(runs) {
  const byKey = new Map();
  ofRun = new Map();
  runs.forEach(({title, charts: all, viewer}, line) => {
    for (const one of (all ?? []).map((entry) => series.read(entry, viewer))) {
      if (!byKey.has(one.key)) byKey.set(one.key, []);
      byKey.get(one.key).push({series: one, line, title});
    }
  });
  take([...byKey].map(([key, lines]) => ({key, lines})));
  enlargeByAddress();
  return byKey.size;
}

const named = (all) => (all.length === 1 ? [{series: all[0]}] : all.map((one, line) => ({series: one, line, title: one.key})));

// Takes the numbers of one run.
export function takeRun(all, viewer) {
  ofRun = new Map(all.map((entry) => [entry[0], series.read(entry, viewer)]));
  const ofChart = (key) => [key, ...together(key, (one) => ofRun.has(one))].map((one) => ofRun.get(one));
  take([...ofRun.keys()].map((key) => ({key, lines: named(ofChart(key))})));
  enlargeByAddress();
}

const addedKeys = () => address.list('with') ?? [];

// The lines of the enlarged chart: those of its key, and of a run those that the reader has added.
function enlargedLines(key) {
  const added = addedKeys().filter((one) => ofRun.has(one));
  if (!added.length) return linesOf.get(key);
  const own = linesOf.get(key).map((line) => line.series);
  return named([...new Set([...own, ...added.map((one) => ofRun.get(one))])].slice(0, mostLines));
}

function showChoice() {
  const drawn = new Set(large.lines.map((line) => line.series.key));
  const others = [...ofRun.keys()].filter((key) => !drawn.has(key));
  byId('chart-add').hidden = !others.length || drawn.size >= mostLines;
  byId('chart-with').replaceChildren(make('option', {value: '', textContent: 'another key …'}), ...others.map((key) => make('option', {value: key, textContent: key})));
  byId('chart-alone').hidden = !addedKeys().length;
}

function choose(keys) {
  address.setList('with', keys);
  enlarge(large.key);
}

function nameLines(one) {
  const {element, lines} = one;
  const names = lines.map(({line, title}) => `${line} ${title}`).join('\n');
  let list = element.querySelector('.line-key');
  if (lines[0].title === undefined) list?.remove();
  if (lines[0].title === undefined || (one.names === names && list)) return;
  one.names = names;
  if (!list) element.querySelector('h3').after(list = make('ul', {className: 'line-key'}));
  list.replaceChildren(...lines.map(({line, title}) => {
    const item = make('li');
    item.dataset.line = line;
    item.append(lineSample(line), make('bdi', {textContent: title, title}), make('span', {className: 'value'}));
    return item;
  }));
}

function showWarnings({element, lines, drawn}) {
  for (const old of element.querySelectorAll('.warn')) old.remove();
  const warnings = series.warnings(lines.map((line) => line.series), drawn.kind);
  const named = lines.map((line) => [line.title, ...series.warnings([line.series], drawn.kind)]);
  const title = lines[0].title === undefined ? '' : named.filter((words) => words.length > 1).map(([name, ...words]) => `${name}: ${words.join(', ')}`).join('\n');
  element.querySelector('h3 output').before(...warnings.map((textContent) => make('span', {className: 'warn', textContent, title})));
}

function showBar() {
  byId('chart-bar').hidden = !linesOf.size;
  byId('chart-filter').hidden = linesOf.size <= maxUnfiltered;
  showSettings();
  filter();
}

function filter() {
  const input = byId('chart-filter');
  const isMeant = keyFilter(input.hidden ? '' : input.value);
  input.setAttribute('aria-invalid', !isMeant);
  if (!isMeant) return;
  const found = [...linesOf.keys()].filter(isMeant).length;
  const isNarrow = found < linesOf.size && found <= mostShown;
  for (const section of byId('charts').children) {
    // What is found shows in closed sections, too, which close again once it is not looked for any more.
    if (isNarrow && !section.open) section.dataset.found = section.open = true;
    else if (!isNarrow && section.dataset.found) {
      delete section.dataset.found;
      section.open = false;
    }
    fill(section, isMeant);
  }
}

/* one chart, enlarged */

function enlarge(key) {
  const dialog = byId('chart-dialog');
  if (!linesOf.has(key)) return;
  if (!dialog.open) {
    dialog.querySelector('.chart')?.remove();
    const element = newChart(key);
    element.classList.add('large');
    large = {...newState(key, element), isNear: true, at: charts.get(key)?.at ?? null};
    reading.listen(large);
    zoom.listenToDrag(large);
    dialog.querySelector('footer').before(byId('chart-bar'), element);
    byId('chart-title').textContent = key;
    dialog.showModal();
    address.set({chart: key});
  }
  large.lines = enlargedLines(key);
  showStepLink(null);
  nameLines(large);
  showChoice();
  drawAnew([large]);
  byId('chart-about').textContent = large.lines.map(aboutLine).join('\n');
}

async function showStepLink(point) {
  const link = byId('chart-step');
  const found = point && await linkTo(point.step).catch(() => null); // a file that is just being replaced
  if (point && large?.at !== point) return;
  link.hidden = !found;
  if (!found) return link.removeAttribute('href');
  link.href = found.href;
  link.textContent = `Images of step ${found.step}`;
}

const aboutLine = ({series: of, title}) => (title === undefined ? series.about(of) : `${title}: ${series.about(of)}`);

function close() {
  large = null;
  byId('charts').before(byId('chart-bar'));
  address.set({chart: null, zoom: null, with: null});
}

/* what is set */

function set(name, value) {
  settings.set(name, value);
  address.set({[name]: value});
  drawAnew([...charts.values(), ...(large ? [large] : [])]);
}

// The step metrics that series are drawn over, unless the reader wants something else.
function stepMetrics() {
  const lines = [...linesOf.values()].flat();
  return [...new Set(lines.map((line) => line.series.along?.name).filter((name) => name !== undefined))];
}

function showSettings() {
  const {over, isLog, weight} = options();
  const names = stepMetrics();
  byId('chart-own').textContent = names.length ? `${names.length === 1 ? names[0] : 'step metrics'}, else steps` : '';
  byId('chart-own').hidden = !names.length;
  byId('chart-x').value = over === 'own' && !names.length ? 'step' : over;
  byId('chart-log').checked = isLog;
  byId('chart-smooth').value = weight;
}

// Over steps is the same as what each has of its own, where none has a step metric.
function setOver(value) {
  address.set({zoom: null});
  set('x', value === 'own' || (value === 'step' && !stepMetrics().length) ? null : value);
}

// `stepLink` is for charts of one run: the step to go to from a point, as in `linkTo`.
export function start(stepLink = linkTo) {
  linkTo = stepLink;
  near = new IntersectionObserver(noteNear, {rootMargin: '300px'});
  for (const element of document.querySelectorAll('#charts .chart')) adopt(element, element.dataset.key);
  showSettings();
  byId('chart-x').addEventListener('change', ({target}) => setOver(target.value));
  byId('chart-log').addEventListener('change', ({target}) => set('y', target.checked ? 'log' : null));
  byId('chart-smooth').addEventListener('input', ({target}) => set('smooth', Number(target.value) || null));
  byId('chart-filter').addEventListener('input', filter);
  byId('charts').addEventListener('toggle', filter, {capture: true});
  byId('chart-with').addEventListener('change', ({target}) => target.value && choose([...addedKeys(), target.value]));
  byId('chart-alone').addEventListener('click', () => choose([]));
  byId('chart-dialog').addEventListener('close', close);
  zoom.start(() => large);
}

// Enlarges the chart that the address names, if it is not.
export function enlargeByAddress() {
  if (address.get('chart') !== null && !large) enlarge(address.get('chart'));
}
