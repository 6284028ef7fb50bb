// What colour a value of a column is shown in: one of few by its place among them, one of many numbers by its size.

const few = 12; // numbers that have a colour each, as words have
// As in palette.py: told apart by the red-blind and the green-blind, the first eight.
const colours = ['#0072b2', '#e69f00', '#56b4e9', '#009e73', '#d55e00', '#cc79a7', '#f0e442', '#78f0e1', '#a53c2d', '#9678ff', '#c3d287', '#8700ff'];
const [low, high] = ['#f0e442', '#0072b2'];

// `values` are the different ones, in order. Gives the function from one of them to its colour; a value that is missing
// or no number has none.
export function colouring(values) {
  const numbers = values.filter(Number.isFinite);
  if (numbers.length > few) {
    const [least, most] = [numbers[0], numbers.at(-1)];
    return (value) => (Number.isFinite(value) ? `color-mix(in oklab, ${high} ${Math.round(100 * (value - least) / (most - least))}%, ${low})` : null);
  }
  const places = new Map(values.filter((value) => !Number.isNaN(value)).map((value, place) => [value, colours[place % colours.length]]));
  return (value) => places.get(value) ?? null;
}
