// The list of the boxes of a picture is lines of text; where it is opened, a table is put in its place.

import * as content from '../core/content.js';
import {byId} from '../core/dom.js';
import {ofLayer} from '../core/layer_kinds.js';
import {overlaysScript} from './on_demand.js';

const figures = new WeakMap(); // of lists that stand elsewhere

const drawn = (list) => list.querySelector(':scope > .box-table-frame');

// The lines stay, unseen: they say which layers there are, and what has no box.
async function draw(list) {
  try {
    const {boxTable} = await overlaysScript();
    const made = boxTable.tableOf(figures.get(list) ?? list.closest('figure'), figures.has(list));
    drawn(list)?.remove();
    list.querySelector('dl').hidden = true;
    list.append(made);
  } catch {
    // the lines are there to be read
  }
}

// Takes the copy of a list that stands elsewhere than in its figure.
export function attach(list, figure) {
  drawn(list)?.remove();
  list.querySelector('dl').hidden = false;
  figures.set(list, figure);
  if (list.open) draw(list);
}

// The box of a row, in the picture that its table stands beside; undefined where there is none.
export function boxOf(row) {
  const host = row.closest('figure') ?? byId('full-title').closest('dialog').querySelector('.full-stage');
  return host.querySelector(`.overlay > ${ofLayer('boxes', row.parentNode.dataset.layer)}`)?.children[row.dataset.box];
}

export function start() {
  document.addEventListener('toggle', ({target}) => target.matches?.('details.boxes[open]') && draw(target), true);
  content.onChange(() => {
    for (const list of byId('content').querySelectorAll('details.boxes[open]')) draw(list);
  });
}
