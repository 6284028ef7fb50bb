// The scale of an axis: where a value is, in 0 … 1, and the round numbers along it, with their labels.

import * as tickLabels from './tick_labels.js';

const seconds = [86400, 43200, 21600, 10800, 7200, 3600, 1800, 900, 600, 300, 240, 120, 60, 30, 20, 15, 10, 5, 4, 2, 1];
// None less than half of the one before, so that one of them has between a number of ticks and twice as many.
const [factors, factorsOfOne] = [[5, 2.5, 2, 1], [5, 4, 2, 1]];
const decadesTried = 3;
const slack = 1e-9;
const farthest = 0.2; // of the axis, from an end of it to the nearest tick
const narrowest = 1e-12; // of the numbers: floats hold no round ones that are closer to each other
const smallest = 1e-290;
const powerOf = (span) => Math.floor(Math.log10(span));

// Of descending steps the widest with enough multiples, near both ends if any has: its multiples and the step.
function roundNumbers(steps, low, high, most) {
  let [step, first, count] = [0, 0, 0];
  for (const closer of steps) {
    const from = Math.ceil(low / closer - slack);
    const upTo = Math.floor(high / closer + slack);
    if (count >= most / 2 && upTo - from + 1 > most) break;
    [step, first, count] = [closer, from, Math.max(0, upTo - from + 1)];
    const isNear = Math.max(from * step - low, high - upTo * step) <= farthest * (high - low);
    if (count >= most / 2 && isNear) break;
  }
  return {step, values: Array.from({length: count}, (_, n) => (first + n) * step)};
}

// 5, 2.5, 2 and 1 times powers of ten, descending from what is more than `span`.
function* roundSteps(span) {
  const first = powerOf(span);
  for (let power = first; power > first - decadesTried; power -= 1) yield* factors.map((factor) => factor * 10 ** power).filter(Number.isFinite);
}

function* wholeSteps(span) {
  for (let power = powerOf(span); power >= 0; power -= 1) yield* (power ? factors : factorsOfOne).map((factor) => factor * 10 ** power);
}

function place(low, high) {
  const span = high - low;
  const at = (value) => (span > 0 || !Number.isFinite(value) ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5);
  return {at, back: (part) => low + part * span};
}

// The ticks of an axis, each a value and its label, and what is to be added to the labels, in words.
function labelled(values, {texts, offset}) {
  return {ticks: values.map((value, n) => [value, texts[n]]), offset};
}

const plainly = (values, step, low, high) => labelled(values, tickLabels.labels(values, step, low, high));

function linearValues(low, high, most) {
  const span = high - low;
  if (!(span > 0 && span < Infinity)) return {step: 0, values: Number.isFinite(low) && !span ? [low] : []};
  if (span < narrowest * Math.max(Math.abs(low), Math.abs(high))) return {step: span, values: [low, high]};
  return roundNumbers(roundSteps(span), low, high, most);
}

function linearTicks(low, high, most) {
  if (high - low > 0 && high - low < smallest) return linearTicks(low, low, most);
  const {step, values} = linearValues(low, high, most);
  return plainly(values, step, low, high);
}

export const linear = (low, high, most) => ({...place(low, high), ...linearTicks(low, high, most)});

// Steps are whole: 2k for 2,000.
function stepTicks(low, high, most) {
  const {step, values} = low === high ? {step: 0, values: [low]} : roundNumbers(wholeSteps(high - low), low, high, most);
  return plainly(values, step, low, high);
}

export const steps = (low, high, most) => ({...place(low, high), ...stepTicks(low, high, most)});

function timeTicks(low, high, most) {
  const span = high - low;
  const days = span > 86400 ? [...wholeSteps(span / 86400)].map((count) => count * 86400) : [];
  const {step, values} = span < 2 ? linearValues(low, high, most) : roundNumbers([...days, ...seconds], low, high, most);
  return labelled(values, tickLabels.timeLabels(values, step));
}

export const times = (low, high, most) => ({...place(low, high), ...timeTicks(low, high, most)});

// All decades, with numbers between them where these are few, or every so many where they are too many.
function logarithmicTicks(low, high, most) {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const every = Math.max(1, Math.ceil((last - first - 1) / most));
  const ticks = (within) => {
    const found = [];
    for (let power = first; power <= last; power += 1) {
      if (power % every === 0) found.push(...within.map((factor) => factor * 10 ** power));
    }
    return found.filter((value) => value >= low * (1 - slack) && value <= high * (1 + slack));
  };
  const [many, some, all] = [[1, 2, 5], [1, 3], [1]].map(ticks);
  const values = many.length <= most + 2 ? many : some.length <= most ? some : all;
  return values.length < most / 2 ? linearTicks(low, high, most) : labelled(values, {texts: values.map((value) => tickLabels.short(value, 1)), offset: ''});
}

// For numbers above 0; those that are not have no place.
export function logarithmic(low, high, most) {
  const {at, back} = place(Math.log10(low), Math.log10(high));
  return {at: (value) => (value > 0 ? at(Math.log10(value)) : NaN), back: (part) => 10 ** back(part), ...logarithmicTicks(low, high, most)};
}
