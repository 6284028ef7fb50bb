// One chart: draws one series, or those of several runs, into a .plot as the page has it, and marks a place on it.

import {make, makeSvg} from '../core/dom.js';
import * as series from '../data/series.js';
import * as axes from './axes.js';

const margin = 4; // of 100, above and below the line
const [short, nearEnd] = [6, 85]; // signs of a label below, and percent: longer ones would be cut there
const round = (value) => Math.round(value * 100) / 100;

// The path of a line, which breaks where a point has no height, and that of the points between two breaks.
function paths(points, place) {
  const places = points.map(place);
  const isDrawn = (n) => Number.isFinite(places[n]?.[1]);
  let [line, dots] = ['', ''];
  places.forEach(([x, y], n) => {
    if (!isDrawn(n)) return;
    if (isDrawn(n - 1) || isDrawn(n + 1)) line += `${isDrawn(n - 1) ? 'L' : 'M'}${round(x)},${round(y)}`;
    else dots += `M${round(x)},${round(y)}h0`;
  });
  return {line, dots};
}

const extent = (found) => [Math.min(...found.map(([first]) => first.x)), Math.max(...found.map((points) => points.at(-1).x))];

function across(found, [low, high], kind, most) {
  const isWhole = kind === 'step' || (kind === 'own' && found.flat().every(({x}) => Number.isSafeInteger(x)));
  const along = kind === 'time' ? axes.times : isWhole ? axes.steps : axes.linear;
  const axis = along(low, high, most);
  return axis.ticks.every(([, {length}]) => length <= short) ? axis : along(low, high, Math.floor(most / 2));
}

function upwards(found, isLog, most) {
  const shown = found.flat().map(({value}) => value).filter((value) => Number.isFinite(value) && (!isLog || value > 0));
  if (!shown.length) return {at: () => NaN, ticks: [], offset: ''};
  const [low, high] = [shown.reduce((a, b) => Math.min(a, b)), shown.reduce((a, b) => Math.max(a, b))];
  return (isLog ? axes.logarithmic : axes.linear)(low, high, most);
}

const within = ([low, high]) => ({x}) => x >= low && x <= high;

// Whether there is something to see from one place to another.
export const isRange = (points, range) => points.filter(within(range)).length > 1;

// The points from one place to another, with those next to them, which lines lead to.
function around(points, [low, high]) {
  const before = points.filter(({x}) => x < low).length;
  const upTo = points.filter(({x}) => x <= high).length;
  return points.slice(Math.max(0, before - 1), upTo + 1);
}

const down = (part) => 100 - margin - part * (100 - 2 * margin);

function grid({x, y}) {
  const lines = y.ticks.map(([value, label]) => {
    const at = `${round(down(y.at(value)))}%`;
    return [makeSvg('line', {x2: '100%', y1: at, y2: at}), makeSvg('text', {class: 'y', x: 0, y: at}, label)];
  });
  const below = x.ticks.map(([value, label]) => {
    const at = x.at(value) * 100;
    return makeSvg('text', {class: label.length > short && at > nearEnd ? 'x before' : 'x', x: `${round(at)}%`, y: '100%'}, label);
  });
  const offsets = [y.offset && makeSvg('text', {class: 'offset'}, y.offset), x.offset && makeSvg('text', {class: 'x-offset', y: '100%'}, x.offset)];
  return [...lines.flat(), ...below, ...offsets.filter(Boolean)];
}

function label(plot, name) {
  plot.querySelector('.over')?.remove();
  if (!name) return;
  const element = make('p', {className: 'over'});
  element.setAttribute('aria-hidden', 'true');
  element.append(make('bdi', {textContent: name}));
  plot.append(element);
}

function linePaths({series: of, line: number}, points, drawn, options) {
  const {x, y, kind} = drawn;
  const place = (point) => [x.at(point.x) * 300, down(y.at(point.value))];
  const isSmooth = options.weight > 0;
  const breaks = points.filter((point) => !Number.isFinite(y.at(point.value))).map((point) => `M${round(x.at(point.x) * 300)},100v-6`);
  const {line, dots} = paths(points, place);
  const found = [['breaks', breaks.join('')], [isSmooth ? 'raw' : 'line', line], ['dots', dots]];
  if (isSmooth) found.push(['line', paths(series.smoothed(of, kind, options), place).line]);
  return found.map(([name, d]) => makeSvg('path', {class: name, 'data-line': number, d}));
}

// The places that can be looked at: the points of one line, or wherever one of several has a point.
function stopsOf(found) {
  if (found.length === 1) return found[0];
  return [...new Map(found.flat().map((point) => [point.x, point])).values()].sort((a, b) => a.x - b.x);
}

// What lines are drawn over: their step metric where that is the same for all of them.
function kindOf(lines, over) {
  const names = new Set(lines.map((line) => line.series.along?.name));
  return series.acrossOf({along: names.size === 1 ? lines[0].series.along : null}, over);
}

// Draws lines, each {series, line} with its place among the runs if there are several, and returns what the other
// functions need; `options` are over, isLog, weight, how many ticks and the range of places, if not all.
export function draw(plot, lines, options) {
  const {isLog, over, ticks = [6, 6]} = options;
  const kind = kindOf(lines, over);
  const name = kind === 'own' ? lines[0].series.along.name : '';
  const all = lines.map((line) => series.points(line.series, kind));
  const whole = extent(all);
  const range = options.range && isRange(stopsOf(all), options.range) ? options.range : null;
  const found = range ? all.map((points) => points.filter(within(range))) : all;
  const x = across(all, range ?? whole, kind, ticks[0]);
  const drawn = {kind, name, whole, range, found, stops: stopsOf(found), x, y: upwards(found, isLog, ticks[1])};
  plot.classList.toggle('zoomed', range !== null);
  plot.querySelector('.grid').replaceChildren(...grid(drawn));
  plot.querySelector('.lines').replaceChildren(...lines.flatMap((line, n) => linePaths(line, range ? around(all[n], range) : all[n], drawn, options)));
  plot.querySelector('.cursor')?.remove();
  label(plot, name);
  return drawn;
}

// The point of each line at a stop: of one of several the nearest, or null before its first and after its last.
export function readings({found, stops}, n) {
  if (found.length === 1) return [stops[n]];
  const {x} = stops[n];
  return found.map((points) => (!points.length || x < points[0].x || x > points.at(-1).x ? null : points[series.nearest(points, x)]));
}

// Marks a stop; null takes the mark away.
export function mark(plot, drawn, n, lines) {
  let cursor = plot.querySelector('.cursor');
  if (n === null) return cursor?.remove();
  if (!cursor) {
    cursor = makeSvg('svg', {class: 'cursor', 'aria-hidden': 'true'});
    cursor.append(makeSvg('line', {y2: '100%'}), ...lines.map(({line}) => makeSvg('circle', {r: 4, 'data-line': line})));
    plot.append(cursor);
  }
  const [line, ...circles] = cursor.children;
  const left = (point) => `${round(drawn.x.at(point.x) * 100)}%`;
  for (const name of ['x1', 'x2']) line.setAttribute(name, left(drawn.stops[n]));
  readings(drawn, n).forEach((point, at) => {
    circles[at].toggleAttribute('hidden', !point);
    if (!point) return;
    const y = down(drawn.y.at(point.value));
    circles[at].setAttribute('cx', left(point));
    circles[at].setAttribute('cy', `${Number.isFinite(y) ? round(y) : 100}%`);
    circles[at].classList.toggle('none', !Number.isFinite(y));
  });
  return undefined;
}
