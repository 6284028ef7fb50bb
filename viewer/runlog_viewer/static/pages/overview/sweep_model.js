// What many runs come to at once: one of their numbers as lines, and against a value of their configuration. Places are
// parts of the plot, 0 … 1 from the left and from the bottom; nothing here knows of a page.

import * as axes from '../../charts/axes.js';
import {compare} from '../../core/value_order.js';
import {colouring, few} from '../../gallery/value_colours.js';

const collator = new Intl.Collator('en', {numeric: true});
const [across, upwards] = [5, 5]; // ticks
const decades = 2; // from here on, numbers above 0 may stand on a log scale

const isNumber = (value) => typeof value === 'number';

function extent(values) {
  return [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
}

// An axis as a function from values to places, its ticks as [place, label], and what their labels leave out.
function axis(scale) {
  return {at: scale.at, ticks: scale.ticks.map(([value, label]) => [scale.at(value), label]), offset: scale.offset ?? ''};
}

const nothing = {at: () => NaN, ticks: [], offset: ''};

const linear = (values, most) => (values.length ? axis(axes.linear(...extent(values), most)) : nothing);

const different = (values) => [...new Set(values)].sort((a, b) => compare(a, b, 1));

// Whether numbers, different ones in order, are chosen by factors: they span some decades, and the middle one is at least as near to the
// middle of a log scale as to that of an even one. A rate is, mostly; a number of runs, or an accuracy, is not.
function isByFactors(numbers) {
  const [low, middle, high] = [numbers[0], numbers[(numbers.length - 1) >> 1], numbers.at(-1)];
  const fromMiddle = (of) => Math.abs((of(middle) - of(low)) / (of(high) - of(low)) - 0.5);
  return low > 0 && high / low >= 10 ** decades && fromMiddle(Math.log) <= fromMiddle(Number);
}

const numberAxis = (numbers, most) => (isByFactors(numbers) ? axis(axes.logarithmic(numbers[0], numbers.at(-1), most)) : linear(numbers, most));

function wordAxis(values) {
  const words = [...new Set(values.map(String))].sort(collator.compare);
  const at = (value) => (words.indexOf(String(value)) + 0.5) / words.length;
  return {at, ticks: words.map((word) => [at(word), word]), offset: ''};
}

// `lineOf(folder)` gives [steps, values] of a run, or nothing.
export function linesOf(folders, lineOf) {
  const found = folders.map((folder) => ({folder, line: lineOf(folder)})).filter(({line}) => line);
  const steps = found.flatMap(({line: [all]}) => [all[0], all.at(-1)]);
  const values = found.flatMap(({line: [, all]}) => all).filter(Number.isFinite);
  const x = steps.length ? axis(axes.steps(...extent(steps), across)) : nothing;
  const y = linear(values, upwards);
  const lines = found.map(({folder, line: [all, heights]}) => ({
    folder,
    points: all.map((step, n) => ({x: x.at(step), y: y.at(heights[n]), step, value: heights[n]})),
  }));
  return {x, y, lines};
}

// `xOf(folder)` and `yOf(folder)` give values of a run; what has none of either, or no number upwards, has no point.
export function pointsOf(folders, xOf, yOf) {
  const found = folders.map((folder) => ({folder, a: xOf(folder), value: yOf(folder)}));
  const known = found.filter(({a, value}) => a !== undefined && Number.isFinite(value) && (!isNumber(a) || Number.isFinite(a)));
  const all = known.map(({a}) => a);
  const x = all.every(isNumber) ? numberAxis(different(all), across) : wordAxis(all);
  const y = linear(known.map(({value}) => value), upwards);
  return {x, y, points: known.map(({folder, a, value}) => ({folder, x: x.at(a), y: y.at(value), a, value}))};
}

// The colours of runs by a value, `valueOf(folder)`: `of(folder)`, null for one without. Many numbers have a `scale`, on which those chosen
// by factors stand as on an axis; few values, and the first of many words, are `named`, each [value, colour], of which there are `others`. Runs
// without a value, or without a number where all are numbers, are counted, too.
export function coloursOf(folders, valueOf) {
  const isKnown = (value) => value !== undefined && !(isNumber(value) && !Number.isFinite(value));
  const all = folders.map(valueOf);
  const known = different(all.filter(isKnown));
  const numbers = known.filter(isNumber);
  const isScale = numbers.length > few;
  const named = isScale ? [] : known.slice(0, few);
  const colourOf = isScale ? colouring(numbers, numberAxis(numbers, across).at) : colouring(named);
  const without = all.filter((value) => (isScale ? colourOf(value) === null : !isKnown(value))).length;
  return {
    of: (folder) => colourOf(valueOf(folder)),
    scale: isScale ? {low: numbers[0], high: numbers.at(-1), isLog: isByFactors(numbers)} : null,
    named: named.map((value) => [value, colourOf(value)]),
    others: all.filter((value) => colourOf(value) === null).length - without,
    without,
    isOfNumbers: isScale || known.every(isNumber),
  };
}

// The height of a line at a place: between the points next to it, or that of the nearest where it ends.
function heightAt(points, x) {
  const after = points.findIndex((point) => point.x >= x);
  if (after <= 0) return points.at(after).y;
  const [a, b] = [points[after - 1], points[after]];
  return b.x > a.x ? a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x) : b.y;
}

const nearest = (found) => found.filter(({far}) => Number.isFinite(far)).reduce((a, b) => (b.far < (a?.far ?? Infinity) ? b : a), null)?.folder ?? null;

// The run whose line is nearest above or below a place.
export const lineNear = ({lines}, x, y) => nearest(lines.map(({folder, points}) => ({folder, far: Math.abs(heightAt(points, x) - y)})));

// The run whose point is nearest to a place; the plot is `ratio` times as wide as high.
export const pointNear = ({points}, x, y, ratio) => nearest(points.map((point) => ({folder: point.folder, far: Math.hypot((point.x - x) * ratio, point.y - y)})));
