// Steps in order.

import {fillSelect} from '../core/dom.js';

// How many of ascending steps are at or before a step.
export function countUpTo(steps, step) {
  let [from, to] = [0, steps.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (steps[middle] <= step) from = middle + 1;
    else to = middle;
  }
  return from;
}

// What a slider can go over for images of some keys, of `metrics` as [keys, values] by name: the `names` of those, and the one
// it goes `over`, null for steps: what is `asked` for, else its `own`, which all of the keys have.
export function sliderOver(metrics, keys, asked) {
  const names = Object.keys(metrics).filter((name) => keys.some((key) => metrics[name][0].includes(key)));
  const own = names.find((name) => keys.every((key) => metrics[name][0].includes(key))) ?? null;
  return {names, own, over: asked === null ? own : names.find((name) => name === asked) ?? null};
}

// Puts the choice of what a slider goes over into a select.
export function fillOver(select, {names, over}) {
  select.hidden = !names.length;
  fillSelect(select, ['step', ...names].map((name) => [name, name]), over ?? 'step');
}

// Of step metrics as [keys, values] by name, each of some of the steps, those of all: a value may be in several.
export function joinedStops(parts) {
  const found = new Map();
  for (const [name, [keys, stops]] of parts.flatMap(Object.entries)) {
    if (!found.has(name)) found.set(name, {keys, byValue: new Map()});
    const {byValue} = found.get(name);
    for (const [value, first, last] of stops) {
      const [, from, to] = byValue.get(value) ?? [value, first, last];
      byValue.set(value, [value, Math.min(first, from), Math.max(last, to)]);
    }
  }
  const byLast = (byValue) => [...byValue.values()].sort(([, , a], [, , b]) => a - b);
  return Object.fromEntries([...found].map(([name, {keys, byValue}]) => [name, [keys, byLast(byValue)]]));
}

// Of ascending steps the last that has each value of a step metric, as {step, value}.
export function stopsOf(steps, values) {
  return values.flatMap(([value, first, last]) => {
    const step = steps[countUpTo(steps, last) - 1];
    return step >= first ? [{step, value}] : [];
  });
}
