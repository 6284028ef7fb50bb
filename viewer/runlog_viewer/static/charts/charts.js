// Charts by key: drawn when they come into view, and one of them enlarged. Each has one line, or one for each of several
// runs: lines have a title then, and a list in each chart names them.

import * as address from '../core/address.js';
import * as content from '../core/content.js';
import {byId, make} from '../core/dom.js';
import * as settings from '../core/settings.js';
import * as series from '../data/series.js';
import * as chart from './chart.js';
import {chartReading} from './chart_reading.js';
import {chartZoom} from './chart_zoom.js';
import {lineSample} from './line_sample.js';

const maxUnfiltered = 12;
// key → {key, element, plot, lines, names, drawn, isNear, at}; what is drawn is stale where it is not of these lines and options.
const charts = new Map();
let large = null;
const reading = chartReading({
  all: () => [...charts.values(), ...(large ? [large] : [])],
  isKept: (one) => one === large,
  enter: (one) => (one === large ? byId('chart-step').click() : enlarge(one.key)),
  onRead: (one) => one === large && showStepLink(one.at),
});
const zoom = chartZoom(() => enlarge(large.key));
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
  for (const {target, isIntersecting} of entries) {
    const one = charts.get(target.dataset.key);
    if (!one) continue;
    one.isNear = isIntersecting;
    drawIfNeeded(one);
  }
}

function drawIfNeeded(one) {
  if (one.isNear && one.isStale && one.lines.length) draw(one);
}

// Draws a chart at once where its numbers are here, and again with each of those that are loaded.
async function draw(one) {
  const {lines} = one;
  one.isStale = false;
  const isMeant = () => one.lines === lines && !one.isStale;
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
    one.isStale = true; // a file that is just being replaced: the page hears of the new one, and draws again
  }
}

function drawNow(one) {
  one.drawn = chart.draw(one.plot, one.lines, {...options(), ...one === large ? {ticks: [8, 6], range: zoom.range()} : {}});
  showWarnings(one);
  reading.showAgain(one);
  if (one === large) byId('chart-out').disabled = !large.drawn.range;
}

function drawAll() {
  for (const one of charts.values()) {
    one.isStale = true;
    drawIfNeeded(one);
  }
  if (large) enlarge(large.key);
}

/* the page as the data has it */

const prefixOf = (key) => (key.includes('/') ? key.slice(0, key.indexOf('/')) : '');

function newSection(prefix) {
  const section = make('details', {className: 'panel charts', open: true});
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

const newState = (key, element) => ({key, element, plot: element.querySelector('.plot'), lines: [], names: '', drawn: null, isStale: true, isNear: false, at: null});

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
  const sections = new Map();
  for (const {key, lines} of all) {
    const prefix = prefixOf(key);
    if (!sections.has(prefix)) sections.set(prefix, []);
    if (!charts.has(key)) adopt(newChart(key), key);
    const one = charts.get(key);
    lines.forEach((line, n) => series.renew(line.series, one.lines[n]?.series));
    Object.assign(one, {lines, isStale: true});
    nameLines(one);
    sections.get(prefix).push(one.element);
  }
  const keys = new Set(all.map(({key}) => key));
  for (const key of [...charts.keys()]) if (!keys.has(key)) charts.delete(key);
  const shown = new Map([...byId('charts').children].map((section) => [section.dataset.key, section]));
  arrange(byId('charts'), [...sections.keys()].map((prefix) => shown.get(prefix) ?? newSection(prefix)));
  for (const section of byId('charts').children) {
    arrange(section.querySelector('.chart-grid'), sections.get(section.dataset.key));
    section.dataset.count = sections.get(section.dataset.key).length;
    section.querySelector('small').textContent = section.dataset.count;
  }
  showBar();
  drawAll();
}

// Takes runs as {title, charts, viewer}, in the order of their places; those whose numbers are not here yet have none.
export function takeRuns(runs) {
  const byKey = new Map();
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

// Takes the numbers of one run.
export function takeRun(all, viewer) {
  take(all.map((entry) => series.read(entry, viewer)).map((one) => ({key: one.key, lines: [{series: one}]})));
  enlargeByAddress();
}

function nameLines(one) {
  const {element, lines} = one;
  const names = lines.map(({line, title}) => `${line} ${title}`).join('\n');
  if (lines[0].title === undefined || one.names === names) return;
  one.names = names;
  let list = element.querySelector('.line-key');
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
  byId('chart-bar').hidden = !charts.size;
  byId('chart-filter').hidden = charts.size <= maxUnfiltered;
  showSettings();
  filter();
}

function filter() {
  const words = byId('chart-filter').hidden ? [] : byId('chart-filter').value.toLowerCase().split(/\s+/);
  for (const [key, {element}] of charts) element.hidden = !words.every((word) => key.toLowerCase().includes(word));
  for (const section of byId('charts').children) {
    section.hidden = !section.querySelector('.chart:not([hidden])');
  }
}

/* one chart, enlarged */

function enlarge(key) {
  const dialog = byId('chart-dialog');
  const one = charts.get(key);
  if (!one?.lines.length) return;
  if (!dialog.open) {
    dialog.querySelector('.chart')?.remove();
    const element = newChart(key);
    element.classList.add('large');
    large = {...newState(key, element), isNear: true, at: one.at};
    reading.listen(large);
    zoom.listenToDrag(large);
    dialog.querySelector('footer').before(byId('chart-bar'), element);
    byId('chart-title').textContent = key;
    dialog.showModal();
    address.set({chart: key});
  }
  large.lines = one.lines;
  showStepLink(null);
  nameLines(large);
  draw(large);
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
  address.set({chart: null, zoom: null});
}

/* what is set */

function set(name, value) {
  settings.set(name, value);
  address.set({[name]: value});
  drawAll();
}

// The step metrics that series are drawn over, unless the reader wants something else.
function stepMetrics() {
  const lines = [...charts.values()].flatMap((one) => one.lines);
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
  byId('chart-dialog').addEventListener('close', close);
  zoom.start(() => large);
}

// Enlarges the chart that the address names, if it is not.
export function enlargeByAddress() {
  if (address.get('chart') !== null && !large) enlarge(address.get('chart'));
}
