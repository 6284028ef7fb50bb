// Plots of the runs that show: one of their numbers as lines, and against a value of the configuration. The run under the
// pointer, here or in the table, is brought out in all of them.

import {down, grid, margin, round} from '../../charts/grid.js';
import * as address from '../../core/address.js';
import {byId, make, makeSvg} from '../../core/dom.js';
import {number, valueText} from '../../core/numbers.js';
import * as live from '../../data/live.js';
import {ramp} from '../../gallery/value_colours.js';
import {linesScript} from '../../data/site_names.js';
import * as columns from './columns.js';
import * as sweepModel from './sweep_model.js';

const perBlock = 32; // runs in a data script
let lines = new Map(); // a run's folder → its [steps, values] by key
let loaded = null;
let shown = {folders: [], nameOf: (folder) => folder, linkOf: null};
let drawn = null; // {key, config, colour, lines, points}
let out = null; // the run that is brought out
const rest = 120; // ms, after which plots follow what is typed
let timer = 0;

const isOpen = () => address.get('plot') !== null;

/* what is chosen */

function list(select, section, wanted) {
  const names = columns.names(section).filter((name) => section === 'config' || shown.folders.some((folder) => lines.get(folder)?.[name]));
  const chosen = names.includes(wanted) ? wanted : names[0] ?? '';
  select.replaceChildren(...names.map((name) => make('option', {value: name, textContent: name, selected: name === chosen})));
  return chosen;
}

// What points can be coloured by: a value of the configuration, or a number; as `section.name`, '' for nothing.
function listColours(wanted) {
  const groups = [['Configuration', 'config'], ['Numbers', 'summary']].map(([label, section]) => {
    const group = make('optgroup', {label});
    group.append(...columns.names(section).map((name) => make('option', {value: `${section}.${name}`, textContent: name})));
    return group;
  });
  const select = byId('plot-colour');
  select.replaceChildren(make('option', {value: '', textContent: 'nothing'}), ...groups.filter((group) => group.children.length));
  select.value = wanted ?? '';
  if (select.selectedIndex < 0) select.value = '';
  return select.value;
}

/* drawing */

const nameOfColour = () => drawn.colour.slice(drawn.colour.indexOf('.') + 1);

function sample(colour) {
  const svg = makeSvg('svg', {viewBox: '0 0 12 12', 'aria-hidden': 'true'});
  svg.append(coloured(makeSvg('circle', {cx: 6, cy: 6, r: 4}), colour));
  return svg;
}

// A point, or a line, of a run in its colour.
function coloured(shape, colour) {
  shape.setAttribute('class', colour === null ? 'uncoloured' : 'coloured');
  if (colour !== null) shape.style.setProperty('--colour', colour);
  return shape;
}

function entry(...parts) {
  const item = make('li');
  item.append(...parts);
  return item;
}

const bdi = (textContent) => make('bdi', {textContent, title: textContent});

function scaleEntries({low, high, isLog}) {
  const bar = make('span', {className: 'ramp'});
  bar.style.background = `linear-gradient(to right, ${[0, 0.25, 0.5, 0.75, 1].map(ramp)})`;
  return [entry(number(low, 3), bar, number(high, 3)), ...(isLog ? [entry('log scale')] : [])];
}

function showLegend(colours) {
  const legend = byId('plot-legend');
  legend.hidden = !colours;
  if (!colours) return legend.replaceChildren();
  const {scale, named, others, without, isOfNumbers} = colours;
  const found = scale ? scaleEntries(scale) : named.map(([value, colour]) => entry(sample(colour), bdi(valueText(value))));
  const rest = [others && `${others} ${others === 1 ? 'other' : 'others'}`, without && `${without} without a ${isOfNumbers ? 'number' : 'value'}`];
  return legend.replaceChildren(entry(bdi(nameOfColour())), ...found, ...rest.filter(Boolean).map((text) => entry(sample(null), text)));
}

function path(points) {
  const places = points.map(({x, y}) => [round(x * 300), round(down(y))]);
  return places.map(([x, y], n) => (Number.isFinite(y) ? `${Number.isFinite(places[n - 1]?.[1]) ? 'L' : 'M'}${x},${y}${places.length === 1 ? 'h0' : ''}` : '')).join('');
}

function draw() {
  const key = list(byId('plot-number'), 'summary', address.get('plot'));
  const config = list(byId('plot-config'), 'config', address.get('by'));
  const colour = listColours(address.get('colour'));
  drawn = {
    key, config, colour,
    lines: sweepModel.linesOf(shown.folders, (folder) => lines.get(folder)?.[key]),
    points: sweepModel.pointsOf(shown.folders, (folder) => columns.value(folder, `config.${config}`), (folder) => columns.value(folder, `summary.${key}`)),
  };
  const ofRuns = new Set([...drawn.lines.lines, ...drawn.points.points].map(({folder}) => folder));
  const colours = colour ? sweepModel.coloursOf([...ofRuns], (folder) => columns.value(folder, colour)) : null;
  const inColour = (shape, folder) => {
    shape.dataset.key = folder;
    return colours ? coloured(shape, colours.of(folder)) : shape;
  };
  const [ofLines, ofPoints] = [byId('plot-lines'), byId('plot-points')];
  ofLines.querySelector('.grid').replaceChildren(...grid(drawn.lines.x, drawn.lines.y));
  ofPoints.querySelector('.grid').replaceChildren(...grid(drawn.points.x, drawn.points.y));
  ofLines.querySelector('.lines').replaceChildren(...drawn.lines.lines.map(({folder, points}) => inColour(makeSvg('path', {d: path(points)}), folder)));
  ofPoints.querySelector('.points').replaceChildren(...drawn.points.points.map(({folder, x, y}) => (
    inColour(makeSvg('circle', {cx: `${round(x * 100)}%`, cy: `${round(down(y))}%`, r: colours ? 5 : 4}), folder))));
  showLegend(colours);
  ofLines.setAttribute('aria-label', `${key} over steps`);
  ofPoints.setAttribute('aria-label', `${key} against ${config}`);
  ofPoints.querySelector('.over bdi').textContent = config;
  ofPoints.parentElement.hidden = !config;
  for (const id of ['plot-config', 'plot-colour']) byId(id).parentElement.hidden = !config;
  bringOut(drawn.lines.lines.some(({folder}) => folder === out) ? out : null);
}

/* one run brought out */

function words(folder) {
  const last = drawn.lines.lines.find((one) => one.folder === folder)?.points.at(-1);
  const value = columns.value(folder, `config.${drawn.config}`);
  const parts = [shown.nameOf(folder)];
  if (last) parts.push(`${drawn.key} ${number(last.value)} at step ${last.step}`);
  if (value !== undefined) parts.push(`${drawn.config} ${valueText(value)}`);
  const third = columns.value(folder, drawn.colour);
  if (third !== undefined && ![`config.${drawn.config}`, `summary.${drawn.key}`].includes(drawn.colour)) parts.push(`${nameOfColour()} ${valueText(third)}`);
  return parts.join(' · ');
}

function bringOut(folder) {
  out = folder;
  for (const one of document.querySelectorAll('#plots .out, .runs .out')) one.classList.remove('out');
  const found = folder === null ? [] : [...document.querySelectorAll(`#plots [data-key="${CSS.escape(folder)}"], .runs tr[data-key="${CSS.escape(folder)}"]`)];
  for (const one of found) {
    one.classList.add('out');
    if (one.closest('#plots')) one.parentNode.append(one); // over the others
  }
  byId('plots').classList.toggle('has-out', folder !== null);
  const text = folder === null ? '' : words(folder);
  byId('plot-run').textContent = text;
  for (const plot of plots()) {
    const order = inOrder(plot);
    plot.setAttribute('aria-valuemax', Math.max(0, order.length - 1));
    plot.setAttribute('aria-valuenow', Math.max(0, order.indexOf(folder)));
    plot.setAttribute('aria-valuetext', text || `${order.length} runs`);
  }
}

const plots = () => [byId('plot-lines'), byId('plot-points')];

// The runs as the keyboard goes through them: by where their lines end, or from the left.
function inOrder(plot) {
  const found = plot.id === 'plot-lines'
    ? drawn.lines.lines.map(({folder, points}) => [folder, points.at(-1).y])
    : drawn.points.points.map(({folder, x}) => [folder, x]);
  return found.sort(([, a], [, b]) => a - b).map(([folder]) => folder);
}

function near({currentTarget: plot, clientX, clientY}) {
  const {left, top, width, height} = plot.getBoundingClientRect();
  const [x, y] = [(clientX - left) / width, (100 - margin - ((clientY - top) / height) * 100) / (100 - 2 * margin)];
  return plot.id === 'plot-lines' ? sweepModel.lineNear(drawn.lines, x, y) : sweepModel.pointNear(drawn.points, x, y, width / height);
}

function press(event) {
  const by = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -Infinity, End: Infinity}[event.key];
  const order = inOrder(event.currentTarget);
  if (event.key === 'Enter' && out !== null) open(out);
  if (by === undefined || !order.length) return;
  event.preventDefault();
  const at = order.includes(out) ? order.indexOf(out) : by > 0 ? -1 : order.length;
  bringOut(order[Math.min(order.length - 1, Math.max(0, at + by))]);
}

const open = (folder) => shown.linkOf(folder).click();

/* following the page */

// Loads the lines of all runs, of which there are `count`, as of a revision.
async function load(count, revision) {
  if (loaded === revision) return;
  const numbers = Array.from({length: Math.ceil(count / perBlock)}, (_, n) => n);
  const blocks = await Promise.all(numbers.map((n) => live.load(`lines-${n}`, linesScript(n), revision)));
  lines = new Map(blocks.flat());
  loaded = revision;
}

// Shows the runs that match, of `count`, if plots are wanted; `nameOf` gives the name of a run, `linkOf` its link.
export async function show(folders, count, {nameOf, linkOf}) {
  shown = {folders, nameOf, linkOf};
  byId('plots').hidden = !isOpen();
  byId('show-plots').setAttribute('aria-pressed', isOpen());
  if (!isOpen()) return;
  const {revision} = document.body.dataset;
  await Promise.all([load(count, revision), columns.load(revision)]).catch(() => {}); // files that are just being replaced
  clearTimeout(timer);
  if (loaded !== null && isOpen()) timer = setTimeout(draw, drawn ? rest : 0);
}

// `again()` shows the page anew.
export function start(again) {
  const set = (values) => {
    address.set(values);
    again();
  };
  byId('show-plots').addEventListener('click', () => set(isOpen() ? {plot: null, by: null, colour: null} : {plot: byId('plot-number').value}));
  byId('plot-number').addEventListener('change', ({target}) => set({plot: target.value}));
  byId('plot-config').addEventListener('change', ({target}) => set({by: target.value}));
  byId('plot-colour').addEventListener('change', ({target}) => set({colour: target.value || null}));
  for (const plot of plots()) {
    plot.addEventListener('pointermove', (event) => near(event) !== out && bringOut(near(event)));
    plot.addEventListener('pointerleave', () => bringOut(null));
    plot.addEventListener('click', (event) => near(event) !== null && open(near(event)));
    plot.addEventListener('keydown', press);
  }
  document.querySelector('.runs tbody').addEventListener('pointerover', ({target}) => {
    const folder = target.closest('tr')?.dataset.key ?? null;
    if (isOpen() && drawn && folder !== out) bringOut(folder);
  });
}
