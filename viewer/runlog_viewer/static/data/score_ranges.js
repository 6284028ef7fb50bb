// From where to where each score goes: in the runs that the page has read and, until then, in what it has seen.

const ranges = new Map();
const listeners = [];

// Makes the range of a score hold these values, as far as they are finite.
export function widen(name, values) {
  let [low, high] = ranges.get(name) ?? [Infinity, -Infinity];
  for (const value of values) {
    if (value < low && value > -Infinity) low = value;
    if (value > high && value < Infinity) high = value;
  }
  ranges.set(name, [low, high]);
}

export const names = () => [...ranges.keys()];
export const rangeOf = (name) => ranges.get(name);

// Takes over the ranges of a run, as [name, low, high]; two runs that are compared share theirs.
export function take(found) {
  for (const [name, ...ends] of found) widen(name, ends);
  for (const listener of listeners) listener();
}

// Calls back when the ranges of a run have been taken over.
export const onTake = (listener) => listeners.push(listener);
