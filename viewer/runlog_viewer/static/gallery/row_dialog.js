// All that is in a row of a table: what does not fit into its cells, and its pictures as large as they are.

import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import {note} from './cell_pictures.js';
import {cellOf} from './table_cells.js';

// `filters` are those of the masks in it; `pictures(column)` gives those of a column, as `note` wants them.
export function openRow({key, place, names, cells, filters, pictures}) {
  const facts = make('dl');
  cells.forEach((cell, column) => {
    const {childNodes, className} = cellOf(cell, Infinity);
    const dd = make('dd', {className}, ...childNodes);
    note(dd, () => pictures(column));
    facts.append(make('dt', {}, make('bdi', {textContent: names[column]})), dd);
  });
  const dialog = make('dialog', {className: 'row-dialog'});
  const close = make('form', {method: 'dialog'}, make('button', {textContent: 'Close'}));
  dialog.append(make('header', {}, make('h2', {}, make('bdi', {textContent: key}), ` row ${place}`), close), facts);
  dialog.setAttribute('aria-label', `Row ${place} of ${key}`);
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  content.supply(filters, dialog);
  dialog.showModal();
}
