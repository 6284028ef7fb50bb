// The numbers of one key: as the data scripts have them, and as the buckets that a view has room for.

import {duration, number} from '../core/numbers.js';
import * as live from './live.js';
import * as pyramid from './pyramid.js';

// One series; `ends` are those of what it can be drawn over, `along` is its step metric or null. Its buckets are not here until
// they are loaded, from the folder `viewer`.
export function read([key, name, count, gaps, written, remade, steps, seconds, last, extremes, along], viewer) {
  const ends = {step: steps, time: seconds, own: along?.slice(2)};
  return {key, name, count, gaps, written, remade, ends, last, extremes, along: along && {name: along[0], missing: along[1]}, viewer, head: null, parts: new Map()};
}

// Takes over what is known of a series, where it is still so.
export function renew(series, known) {
  if (known?.name !== series.name || known.viewer !== series.viewer) return;
  if (known.written === series.written) series.head = known.head;
  if (known.remade === series.remade) series.parts = known.parts;
}

const coming = new Map(); // scripts on their way, which a chart and the same one enlarged want at once

function script({name, viewer}, end, tag) {
  const path = `data/chart-${name}${end}.js`;
  const id = `${viewer}${path}?${tag}`;
  if (!coming.has(id)) coming.set(id, live.load('chart', path, tag, viewer).finally(() => coming.delete(id)));
  return coming.get(id);
}

// Takes what the script of the top level hands over.
export function takeHead(series, [level, top, rest]) {
  const total = series.count;
  const ofRest = pyramid.read(rest, {level: 0, first: 0, total});
  const first = total - ofRest.length;
  series.head = {level, total, top: pyramid.read(top, {level, first: 0, total}), rest: ofRest.map((point) => ({...point, from: point.from + first}))};
}

export async function loadHead(series) {
  const said = await script(series, '', series.written);
  if (!series.head) takeHead(series, said);
}

// `wanted` is [level, number].
async function loadPart(series, [level, number]) {
  const id = `${level}-${number}`;
  const [, buckets] = await script(series, `-${id}`, series.remade);
  if (!series.parts.has(id)) series.parts.set(id, pyramid.read(buckets, {level, first: number * pyramid.perPart, total: series.count}));
}

export const loadParts = (series, wanted) => Promise.all(wanted.map((one) => loadPart(series, one)));

// What is across where a series is drawn over 'step', 'time' or 'own': its step metric, if it has one.
export const acrossOf = ({along}, over) => (over === 'own' && !along ? 'step' : over);

const placeOf = {step: ({step}) => step, time: ({seconds}) => seconds, own: ({place}) => place};

const inOrder = (points) => points.filter(({x}) => Number.isFinite(x)).sort((a, b) => a.x - b.x);
const placed = (buckets, across) => inOrder(buckets.map((bucket) => ({...bucket, x: placeOf[across](bucket)})));

// The points from one place to another, with those next to them, which lines lead to.
function around(points, low, high) {
  const before = points.filter(({x}) => x < low).length;
  const upTo = points.filter(({x}) => x <= high).length;
  return points.slice(Math.max(0, before - 1), upTo + 1);
}

// What is drawn from `low` to `high` on `width` pixels, in order of its places, with what is next to it; and which parts, not here
// yet, have more to show.
export function points(series, across, {low, high, width}) {
  const perPixel = (high - low) / width;
  const wanted = [];
  const buckets = pyramid.refined(series.head, {x: placeOf[across], low, high, perPixel}, (level, number) => {
    const here = series.parts.get(`${level}-${number}`);
    if (!here) wanted.push([level, number]);
    return here ?? null;
  });
  const found = around(placed(buckets, across), low, high);
  return {points: found.length > width && perPixel > 0 ? pyramid.columns(found, {low, high, perPixel}) : found, wanted};
}

// Exponential moving average through the top level; it starts at the first value, and passes over what has no place.
export function smoothed(series, across, {weight, isLog}) {
  let last = null;
  const shown = placed(series.head.top, across).filter(({value}) => Number.isFinite(value) && !(isLog && value <= 0));
  return shown.map(({x, value}) => {
    last = last === null ? value : weight * last + (1 - weight) * value;
    return {x, value: last};
  });
}

// The height at a place of a line through points.
export function heightAt(line, x) {
  if (!line.length) return NaN;
  const n = nearest(line, x);
  const [a, b] = line[n].x <= x ? [line[n], line[n + 1] ?? line[n]] : [line[n - 1] ?? line[n], line[n]];
  return b.x > a.x ? a.value + (b.value - a.value) * Math.max(0, Math.min(1, (x - a.x) / (b.x - a.x))) : line[n].value;
}

// The place of the point nearest to `x`, among ascending points.
export function nearest(found, x) {
  let [low, high] = [0, found.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (found[middle].x <= x) low = middle;
    else high = middle;
  }
  return x - found[low].x <= found[high].x - x ? low : high;
}

const distance = (point, step) => Math.abs(point.step - step);
export const nearestStep = (found, step) => found.reduce((best, point, n) => (distance(point, step) < distance(found[best], step) ? n : best), 0);

// Where a point is, in words; `name` is that of the step metric.
export function placeWords({x, step, seconds}, across, name) {
  if (across === 'time') return duration(seconds);
  return across === 'step' ? `step ${step}` : `${name} ${number(x, 6)}`;
}

// What is drawn at a point: the smoothed value, the value, or the mean of several with the lowest and the highest.
export function valueWords({value, low, high, smooth, count}, digits = 4) {
  if (smooth !== undefined) return number(smooth, digits);
  return count > 1 && low < high ? `${number(value, digits)} (${number(low, digits)} … ${number(high, digits)})` : number(value, digits);
}

export function words(point, across, name) {
  const places = across === 'own' ? ['own', 'step', 'time'] : ['step', 'time'];
  return `${valueWords(point, 6)} at ${places.map((one) => placeWords(point, one, name)).join(', ')}`;
}

// What a chart of series does not show, in words.
export function warnings(all, across) {
  const sum = (counts) => counts.reduce((a, b) => a + b, 0);
  const missing = across === 'own' ? sum(all.map(({along}) => along.missing)) : 0;
  const gaps = sum(all.map((one) => one.gaps));
  return [missing && `${missing} without ${all[0].along.name}`, gaps && `${gaps} not finite`].filter(Boolean);
}

// The extremes in words, which are exact however many points are drawn.
export function about({count, extremes}) {
  if (!extremes) return 'no finite value';
  const [[low, atLow], [high, atHigh]] = extremes;
  return `${count.toLocaleString('en')} values · lowest ${number(low, 6)} at step ${atLow} · highest ${number(high, 6)} at step ${atHigh}`;
}
