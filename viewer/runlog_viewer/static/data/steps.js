// Steps in order.

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
