// The rows of a logged table, as far as they are loaded: what each cell is in words, and which rows are seen in which
// order. Knows of no page.

import {number} from '../core/numbers.js';
import {fits, termsOf} from '../core/row_filter.js';
import {compare} from '../core/value_order.js';

export const blockRows = 500; // as in pages/tables.py

// What a cell is sorted and filtered by: a number, a text, or undefined where it has nothing.
export function valueOf(cell) {
  if (cell === null || cell === undefined) return undefined;
  if (Array.isArray(cell)) return cell.map(String).join(', ');
  if (typeof cell === 'object') return cell.near ?? cell.words;
  return typeof cell === 'boolean' ? Number(cell) : cell;
}

// A cell as text; pictures have none of their own.
export function textOf(cell) {
  if (cell === null || cell === undefined) return '';
  if (Array.isArray(cell)) return cell.map(textOf).join(', ');
  if (typeof cell === 'object') return cell.digits ?? cell.words;
  return typeof cell === 'number' ? number(cell) : String(cell);
}

export const tableModel = (names, count) => {
  const rows = new Array(count);
  const words = new Array(count);

  function put(block, loaded) {
    for (let n = 0; n < loaded.length && block * blockRows + n < count; n += 1) rows[block * blockRows + n] = loaded[n];
  }

  // The blocks that hold some rows.
  function blocksOf(places) {
    return [...new Set([...places].map((place) => Math.floor(place / blockRows)))];
  }

  const blocks = () => Array.from({length: Math.ceil(count / blockRows)}, (_, n) => n);

  const wordsOf = (place) => (words[place] ??= rows[place].map(textOf).join('\n').toLowerCase());

  // The values of the columns of a name, in which quotes may hold spaces together.
  function valuesOf(place, name) {
    const wanted = name.replaceAll('"', '').toLowerCase();
    const values = [];
    for (let n = 0; n < names.length; n += 1) {
      if (names[n].toLowerCase() !== wanted) continue;
      const cell = rows[place][n];
      if (Array.isArray(cell)) values.push(...cell);
      else if (typeof cell === 'boolean') values.push(String(cell), Number(cell));
      else if (cell !== null) values.push(valueOf(cell));
    }
    return values;
  }

  // What to see, all of which must be loaded: the places of the rows that a filter finds, in the order of a column
  // (-1 for the rows' own), from the least up where `direction` is 1. With a column to group by, those with the same
  // in it follow a head {name, count}, the least first.
  function order({filter, column, direction, group = -1}) {
    const found = sorted(filter, column, direction);
    return group < 0 ? found : grouped(found, group);
  }

  function grouped(places, column) {
    const groups = new Map();
    for (const place of places) {
      const value = valueOf(rows[place][column]);
      const name = textOf(rows[place][column]);
      if (!groups.has(name)) groups.set(name, {value, name, places: []});
      groups.get(name).places.push(place);
    }
    const inOrder = [...groups.values()].sort((a, b) => compare(a.value, b.value, 1));
    return inOrder.flatMap(({name, places}) => [{name, count: places.length}, ...places]);
  }

  function sorted(filter, column, direction) {
    const terms = termsOf(filter);
    const found = [];
    for (let place = 0; place < count; place += 1) {
      if (!rows[place]) continue;
      const row = terms.length ? {words: wordsOf(place), fields: {}} : null;
      if (terms.every((term) => fits(term, row, (name) => valuesOf(place, name)))) found.push(place);
    }
    if (column < 0) return direction < 0 ? found.reverse() : found;
    const keys = rows.map((row) => valueOf(row[column]));
    return found.sort((a, b) => compare(keys[a], keys[b], direction) || a - b);
  }

  // The different values of a column, in order.
  function distinct(column) {
    const found = new Set(rows.map((row) => valueOf(row[column])));
    return [...found].filter((value) => value !== undefined).sort((a, b) => compare(a, b, 1));
  }

  return {count, put, order, distinct, blocksOf, blocks, row: (place) => rows[place]};
};
