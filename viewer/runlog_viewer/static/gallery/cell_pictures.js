// Pictures in the cells of tables as figures, to be looked at as those of a gallery are: what is known of one is its row.

import {make} from '../core/dom.js';

const known = new WeakMap(); // a cell → the place of its row, and what gives the figures of its column

const words = (cell) => cell.dataset.words ?? cell.textContent;

// The figure of a cell, of `cells` that are all of a row, or null where it has no picture.
export function figureOf({key, step}, names, row, cells, column) {
  const picture = cells[column]?.querySelector('a.picture');
  if (!picture) return null;
  const facts = make('dl', {className: 'facts'});
  cells.forEach((cell, n) => words(cell) && facts.append(make('dt', {}, make('bdi', {textContent: names[n]})), make('dd', {textContent: words(cell)})));
  const figure = make('figure', {className: 'image'}, picture.cloneNode(true), make('div', {className: 'about'}, facts));
  Object.assign(figure.dataset, {key, step, index: row});
  const caption = cells[column].dataset.words;
  if (caption) figure.append(make('figcaption', {}, make('bdi', {textContent: caption})));
  return figure;
}

// Notes of a cell that its column has more pictures than the rows in the page.
export const note = (cell, row, figures) => known.set(cell, {row, figures});

function figuresInPage(cell) {
  const names = [...cell.closest('table').querySelectorAll('thead th')].slice(1).map((th) => th.textContent);
  const {dataset} = cell.closest('.logged-table');
  const {rows} = cell.closest('tbody');
  return [...rows].map((tr) => figureOf(dataset, names, tr.dataset.row, [...tr.cells].slice(1), cell.cellIndex - 1)).filter(Boolean);
}

// The picture of a cell as a figure, and those of the same column to walk through: {figure, figures}.
export function figuresAround(link) {
  const cell = link.closest('td.image, dd.image');
  const figures = known.get(cell)?.figures() ?? figuresInPage(cell);
  const row = Number(known.get(cell)?.row ?? cell.parentNode.dataset.row);
  return {figure: figures.find(({dataset}) => Number(dataset.index) === row), figures};
}
