// What stands at the ticks of an axis: short enough for the room beside it, no two alike. As in pages/tick_labels.py.

import {duration} from '../core/numbers.js';

const [longest, longestLone] = [10, 8]; // signs of a label without an offset
const offsetBelow = 1e-3; // of the magnitude
const slack = 1e-9;
const units = {3: 'k', 6: 'M', 9: 'G', 12: 'T'};
const [leastPlain, firstUnit, pastUnits] = [-3, 4, 15]; // powers of ten
const mostDecimals = 15;

function powerOfUnit(size) {
  const power = Math.floor(Math.log10(size) + slack);
  if (power >= leastPlain && power < firstUnit) return 0;
  return power >= firstUnit && power < pastUnits ? Math.floor(power / 3) * 3 : power;
}

// Powers of ten above 1 are exact for longer, and the same in every language when they are read.
const scaled = (value, power) => (power >= 0 ? value / Number(`1e${power}`) : value * Number(`1e${-power}`));
const unit = (power) => (power ? units[power] ?? `e${power}` : '');

// The power of ten of the last digit of a round number other than 0: -1 for 0.5 and 2.5.
function lastPlace(step) {
  const power = Math.floor(Math.log10(step) + slack);
  return power - (Math.abs(step / 10 ** power - 2.5) < 0.1 ? 1 : 0);
}

function texts(values, step) {
  const largest = Math.max(...values.map(Math.abs));
  if (largest < step / 2) return values.map(() => '0');
  const power = powerOfUnit(largest);
  const decimals = Math.min(mostDecimals, Math.max(0, power - lastPlace(step)));
  return values.map((value) => (Math.abs(value) < step / 2 ? '0' : `${scaled(value, power).toFixed(decimals)}${unit(power)}`));
}

// Rounded to significant digits: 124M, 1.2G, 1e-9.
export function short(value, digits) {
  if (!value) return '0';
  const power = powerOfUnit(Math.abs(value));
  return `${Number(scaled(value, power).toPrecision(digits))}${unit(power)}`;
}

// A value that stands alone, with as many of six digits as there is room for.
const lone = (value) => [6, 5, 4].map((digits) => short(value, digits)).find((text) => text.length <= longestLone) ?? short(value, 3);

// Of ascending values, each a multiple of `step`, on an axis from `low` to `high`: the texts, and what has to be added to each.
export function labels(values, step, low, high) {
  if (values.length === 1 && low === high) return {texts: [lone(values[0])], offset: ''};
  const plain = texts(values, step);
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low >= offsetBelow * size && plain.every((text) => text.length <= longest)) return {texts: plain, offset: ''};
  const added = texts(values.map((value) => value - values[0]), step);
  return {texts: added.map((text) => `+${text}`), offset: texts(values.slice(0, 1), step)[0]};
}

// Of seconds: as durations, which two units must tell apart.
export function timeLabels(values, step) {
  const [first] = values;
  if (step < 1) {
    const base = first < 10 ? 0 : Math.floor(first);
    const added = texts(values.map((value) => value - base), step).map((text) => (text === '0' ? text : `${text} s`));
    return base ? {texts: added.map((text) => `+${text}`), offset: duration(base, 4)} : {texts: added, offset: ''};
  }
  const plain = values.map((value) => duration(value));
  if (new Set(plain).size === plain.length) return {texts: plain, offset: ''};
  return {texts: values.map((value) => `+${duration(value - first)}`), offset: duration(first, 4)};
}
