// What colour a value of a column is shown in: one of few by its place among them, one of many numbers by its size.

export const few = 12; // numbers that have a colour each, as words have
// As in palette.py: told apart by the red-blind and the green-blind, the first eight.
export const colours = ['#0072b2', '#e69f00', '#56b4e9', '#009e73', '#d55e00', '#cc79a7', '#f0e442', '#78f0e1', '#a53c2d', '#9678ff', '#c3d287', '#8700ff'];
// Ever farther from the ground, so that nobody needs the hue to tell them apart: darker on white, lighter on black.
const [low, middle, high] = ['light-dark(#e09600, #7556ee)', 'light-dark(#c43d73, #e8628f)', 'light-dark(#2b0b7a, #ffe38a)'];

// The colour of a part of many numbers, 0 … 1.
export function ramp(part) {
  const [from, to, start] = part < 0.5 ? [low, middle, 0] : [middle, high, 0.5];
  return `color-mix(in oklab, ${to} ${Math.round(200 * (part - start))}%, ${from})`;
}

// `values` are the different ones, in order; `at` gives the places of many numbers, 0 … 1, if not evenly from the least to the most.
// Gives the function from one of them to its colour; a value that is missing or no number has none.
export function colouring(values, at = null) {
  const numbers = values.filter(Number.isFinite);
  if (numbers.length > few) {
    const [least, most] = [numbers[0], numbers.at(-1)];
    const placeOf = at ?? ((value) => (value - least) / (most - least));
    return (value) => (Number.isFinite(value) ? ramp(placeOf(value)) : null);
  }
  const places = new Map(values.filter((value) => !Number.isNaN(value)).map((value, place) => [value, colours[place % colours.length]]));
  return (value) => places.get(value) ?? null;
}
