// A cell of a table as markup.

import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import {viewer} from '../core/viewer.js';
import {rebased} from './figures.js';
import {textOf} from './table_model.js';

const kindOf = (cell) => {
  if (cell === null || cell === undefined) return 'none';
  if (typeof cell !== 'object') return {boolean: 'bool', string: 'text', number: 'number'}[typeof cell];
  if (Array.isArray(cell)) return 'numbers';
  return 'words' in cell ? 'image' : 'number';
};

// At most so many letters of a text: no more of it would be seen.
export function cellOf(cell, most = 2000) {
  const className = kindOf(cell);
  const td = make('td', {className});
  if (className === 'image') td.append(cell.html === undefined ? cell.picture() : rebased(content.parsed(cell.html), viewer()));
  if (className === 'image' && cell.words) td.dataset.words = cell.words;
  else if (className === 'text' || className === 'numbers') td.append(make('div', {textContent: textOf(cell).slice(0, most)}));
  else if (className !== 'image') td.textContent = textOf(cell);
  if (className === 'number') td.title = cell.digits ?? String(cell);
  return td;
}
