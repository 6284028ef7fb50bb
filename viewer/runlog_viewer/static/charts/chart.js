// One chart: draws one series, or those of several runs, into a .plot as the page has it, and marks a place on it.

import {make, makeSvg} from '../core/dom.js';
import * as series from '../data/series.js';
import * as axes from './axes.js';
import {down, grid, round, short} from './grid.js';

const leastApart = 36; // px, from one label below to the next

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

/** @returns {[number, number]} */
const extent = (lines, kind) => {
  const ends = lines.map((line) => line.series.ends[kind]);
  return [Math.min(...ends.map(([first]) => first)), Math.max(...ends.map(([, last]) => last))];
};

function across(found, [low, high], kind, most) {
  const isWhole = kind === 'step' || (kind === 'own' && found.flat().every(({x}) => Number.isSafeInteger(x)));
  const along = kind === 'time' ? axes.times : isWhole ? axes.steps : axes.linear;
  const axis = along(low, high, most);
  return axis.ticks.every(([, {length}]) => length <= short) ? axis : along(low, high, Math.floor(most / 2));
}

// On a log scale, of points from below 0 to above it what is above 0 alone has a place.
const ends = ({low, value, high}, isLog) => [isLog && !(low > 0) ? (value > 0 ? value : high) : low, high];

function upwards(found, isLog, most) {
  const shown = found.flat().flatMap((point) => ends(point, isLog)).filter((value) => Number.isFinite(value) && (!isLog || value > 0));
  if (!shown.length) return {at: () => NaN, ticks: [], offset: ''};
  const [low, high] = [shown.reduce((a, b) => Math.min(a, b)), shown.reduce((a, b) => Math.max(a, b))];
  return (isLog ? axes.logarithmic : axes.linear)(low, high, most);
}

const within = ([low, high]) => ({x}) => x >= low && x <= high;

// Whether there is something to see from one place to another.
export const isRange = (points, range) => points.filter(within(range)).reduce((sum, {count}) => sum + count, 0) > 1;

const placed = ({ticks, at, offset}) => ({ticks: ticks.map(([value, label]) => [at(value), label]), offset});

function label(plot, name) {
  plot.querySelector('.over')?.remove();
  if (!name) return;
  const element = make('p', {className: 'over'});
  element.setAttribute('aria-hidden', 'true');
  element.append(make('bdi', {textContent: name}));
  plot.append(element);
}

// The paths around what lies between the lowest and the highest, in pieces where there is no point.
function bandPath(points, {x, y}) {
  const pieces = [[]];
  for (const point of points) {
    if (Number.isFinite(y.at(point.high))) pieces.at(-1).push(point);
    else pieces.push([]);
  }
  const edge = (point, height) => `${round(x.at(point.x) * 300)},${Number.isFinite(height) ? round(down(height)) : 100}`;
  return pieces.filter((piece) => piece.some(({low, high}) => low < high)).map((piece) => {
    const below = piece.map((point) => edge(point, y.at(point.low))).reverse();
    return `M${[...piece.map((point) => edge(point, y.at(point.high))), ...below].join('L')}Z`;
  }).join('');
}

function linePaths({line: number}, points, smooth, drawn) {
  const {x, y} = drawn;
  const place = (point) => [x.at(point.x) * 300, down(y.at(point.value))];
  const breaks = points.filter((point) => point.gaps || !Number.isFinite(y.at(point.value))).map((point) => `M${round(x.at(point.x) * 300)},100v-6`);
  const {line, dots} = paths(points, place);
  const band = bandPath(points, drawn);
  const found = [...band ? [['band', band]] : [], ['breaks', breaks.join('')], [smooth ? 'raw' : 'line', line], ['dots', dots]];
  if (smooth) found.push(['line', paths(smooth, place).line]);
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

// What there is to draw from one place to another, for each line, and what could be loaded to show more.
function viewOf(lines, kind, [low, high], width) {
  const shown = lines.map((line) => series.points(line.series, kind, {low, high, width}));
  const found = shown.map(({points}) => points.filter(within([low, high])));
  return {around: shown.map(({points}) => points), found, stops: stopsOf(found), wanted: shown.map(({wanted}) => wanted)};
}

// Draws lines, each {series, line} with its place among the runs if there are several, and returns what the other
// functions need; `options` are over, isLog, weight, the width of the plot in pixels, how many ticks and the range of places, if
// not all. Of each line, `wanted` are the parts that have more to show.
export function draw(plot, lines, options) {
  const {isLog, over, weight, width, ticks = [6, 6]} = options;
  const kind = kindOf(lines, over);
  const name = kind === 'own' ? lines[0].series.along.name : '';
  const whole = extent(lines, kind);
  let range = options.range ?? null;
  let view = viewOf(lines, kind, range ?? whole, width);
  if (range && !isRange(view.stops, range) && !view.wanted.flat().length) {
    range = null;
    view = viewOf(lines, kind, whole, width);
  }
  const smooth = weight > 0 ? lines.map((line) => series.smoothed(line.series, kind, options)) : [];
  smooth.forEach((line, n) => view.found[n].forEach((point) => { point.smooth = series.heightAt(line, point.x); }));
  const x = across(view.found, range ?? whole, kind, Math.max(2, Math.min(ticks[0], Math.floor(width / leastApart))));
  const drawn = {...view, kind, name, whole, range, x, y: upwards(view.found, isLog, ticks[1])};
  plot.classList.toggle('zoomed', range !== null);
  plot.querySelector('.grid').replaceChildren(...grid(placed(drawn.x), placed(drawn.y)));
  plot.querySelector('.lines').replaceChildren(...lines.flatMap((line, n) => linePaths(line, view.around[n], smooth[n], drawn)));
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
    const y = down(drawn.y.at(point.smooth ?? point.value));
    circles[at].setAttribute('cx', left(point));
    circles[at].setAttribute('cy', `${Number.isFinite(y) ? round(y) : 100}%`);
    circles[at].classList.toggle('none', !Number.isFinite(y));
  });
  return undefined;
}
