// The numbers of one key: as the data script has them, and as points over what is across.

import {duration, number} from '../core/numbers.js';

// One series, by ascending step; `along` is null, or where its points stand along its step metric.
export function read([key, count, gaps, steps, values, seconds, middles, means, along]) {
  const [name, places, middlePlaces, missing] = along ?? [];
  return {key, count, gaps, steps, values, seconds, middles, means, along: along && {name, places, middlePlaces, missing}};
}

// What is across where a series is drawn over 'step', 'time' or 'own': its step metric, if it has one.
export const acrossOf = ({along}, over) => (over === 'own' && !along ? 'step' : over);
const placesOf = (series, across) => ({step: series.steps, time: series.seconds, own: series.along?.places})[across];

const inOrder = (points) => points.filter(({x}) => Number.isFinite(x)).sort((a, b) => a.x - b.x);

// The points that have a place, in order of it.
export function points(series, across) {
  const places = placesOf(series, across);
  return inOrder(series.values.map((value, n) => ({x: places[n], value, step: series.steps[n], seconds: series.seconds[n]})));
}

// What a moving average goes through: all values, or the means of many.
function means(series, across) {
  if (!series.middles.length) return points(series, across);
  const placeOf = {
    step: (n) => series.middles[n],
    time: (n) => secondsAt(series, series.middles[n]),
    own: (n) => series.along.middlePlaces[n],
  }[across];
  return inOrder(series.means.map((value, n) => ({x: placeOf(n), value})));
}

// Exponential moving average; it starts at the first value, and passes over what has no place.
export function smoothed(series, across, {weight, isLog}) {
  let last = null;
  const shown = means(series, across).filter(({value}) => Number.isFinite(value) && !(isLog && value <= 0));
  return shown.map(({x, value}) => {
    last = last === null ? value : weight * last + (1 - weight) * value;
    return {x, value: last};
  });
}

function secondsAt(series, step) {
  const after = Math.max(1, series.steps.findIndex((one) => one >= step));
  const [a, b] = [series.steps[after - 1], series.steps[after] ?? series.steps[after - 1]];
  const [s, t] = [series.seconds[after - 1], series.seconds[after] ?? series.seconds[after - 1]];
  return b > a ? s + ((t - s) * (step - a)) / (b - a) : s;
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

export function words(point, across, name) {
  const places = across === 'own' ? ['own', 'step', 'time'] : ['step', 'time'];
  return `${number(point.value, 6)} at ${places.map((one) => placeWords(point, one, name)).join(', ')}`;
}

// What a chart of series does not show, in words.
export function warnings(all, across) {
  const sum = (counts) => counts.reduce((a, b) => a + b, 0);
  const missing = across === 'own' ? sum(all.map(({along}) => along.missing)) : 0;
  const gaps = sum(all.map((one) => one.gaps));
  return [missing && `${missing} without ${all[0].along.name}`, gaps && `${gaps} not finite`].filter(Boolean);
}

// The extremes in words, which are exact however many points are drawn.
export function about({count, steps, values}) {
  const finite = values.map((value, n) => [value, steps[n]]).filter(([value]) => Number.isFinite(value));
  if (!finite.length) return 'no finite value';
  const [low, high] = [finite.reduce((a, b) => (b[0] < a[0] ? b : a)), finite.reduce((a, b) => (b[0] > a[0] ? b : a))];
  const points = count === values.length ? '' : `, ${values.length} of them drawn`;
  return `${count.toLocaleString('en')} values${points} · lowest ${number(low[0], 6)} at step ${low[1]} · highest ${number(high[0], 6)} at step ${high[1]}`;
}
