// Pictures in the cells of tables as figures, to be looked at as those of a gallery are: what is known of one is its row.

import {make} from '../core/dom.js';

const known = new WeakMap(); // a cell → what gives its picture, and those of its column

const words = (cell) => cell.dataset.words ?? cell.textContent;

// The figure of a cell, of `cells` that are all of a row, or null where it has no picture; `place` is what it is told by.
export function figureOf(place, names, cells, column) {
  const picture = cells[column]?.querySelector('a.picture');
  if (!picture) return null;
  const facts = make('dl', {className: 'facts'});
  cells.forEach((cell, n) => words(cell) && facts.append(make('dt', {}, make('bdi', {textContent: names[n]})), make('dd', {textContent: words(cell)})));
  const figure = make('figure', {className: 'image'}, picture.cloneNode(true), make('div', {className: 'about'}, facts));
  Object.assign(figure.dataset, place);
  const caption = cells[column].dataset.words;
  if (caption) figure.append(make('figcaption', {}, make('bdi', {textContent: caption})));
  return figure;
}

// Notes of a cell that its column has more pictures than the rows in the page: `pictures()` gives what `figuresAround` does.
export const note = (cell, pictures) => known.set(cell, pictures);

function picturesInPage(cell) {
  const names = [...cell.closest('table').querySelectorAll('thead th')].slice(1).map((th) => th.textContent);
  const {key, step} = cell.closest('.logged-table').dataset;
  const {rows} = cell.closest('tbody');
  const made = [...rows].map((tr) => figureOf({key, step, index: tr.dataset.row}, names, [...tr.cells].slice(1), cell.cellIndex - 1));
  return {figure: made[[...rows].indexOf(cell.parentNode)], figures: made.filter(Boolean)};
}

// The picture of a cell as a figure, and those of the same column to walk through: {figure, figures}, and what else
// the full view is to be told of them.
export function figuresAround(link) {
  const cell = link.closest('td.image, dd.image');
  return known.get(cell)?.() ?? picturesInPage(cell);
}
