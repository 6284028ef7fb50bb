// Steps in order, and what the page of one is called.

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

export const stepFile = (step) => `${String(step).padStart(9, '0')}.html`;
