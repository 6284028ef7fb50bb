// The boxes of a picture as a table, a row each. It is sorted by its heads; its rows say of themselves what their boxes
// do, and so come and go with them.

import {make} from '../core/dom.js';
import {ofLayer} from '../core/layer_kinds.js';
import {number} from '../core/numbers.js';
import {compare} from '../core/value_order.js';
import {boxOf} from './box_lists.js';
import {scoresOf} from './box_scores.js';
import * as hover from './hover.js';

const ofClass = {id: 'class', name: 'class'};
const sides = ['x', 'y', 'width', 'height'].map((name) => ({id: `side ${name}`, name}));
const ofScore = (name) => ({id: `score ${name}`, name});
const valuesOf = new WeakMap(); // by column, of each row
let asked = null; // {id, direction} by which the reader wants all tables sorted

// As asked for; else those of the highest scores first, as they are written in the picture.
function orderIn(columns) {
  if (asked && columns.includes(asked.id)) return asked;
  return columns[1] === sides[0].id ? {id: null, direction: 1} : {id: columns[1], direction: -1};
}

function wordsCell(box, canGo) {
  const {label, caption} = box.dataset;
  const swatch = make('i', {className: 'swatch'});
  swatch.style.background = box.getAttribute('stroke');
  const words = make('bdi', {textContent: label || 'box'});
  const name = canGo ? make('button', {type: 'button', className: 'plain', title: 'Bring it to the middle'}, words) : words;
  const cell = make('td', {}, make('span', {}, swatch, name));
  const [score] = scoresOf(box).values();
  const said = [label, `${label} ${score?.toFixed(2)}`]; // by the other cells
  if (caption && !said.includes(caption)) cell.append(make('small', {}, make('bdi', {textContent: caption})));
  return cell;
}

function rowOf(box, place, columns, canGo) {
  const {class: id, label, scores} = box.dataset;
  const values = new Map([[ofClass.id, label]]);
  for (const [name, value] of scoresOf(box)) values.set(ofScore(name).id, value);
  for (const side of sides) values.set(side.id, Number(box.getAttribute(side.name)));
  const cells = columns.slice(1).map((column) => {
    const value = values.get(column.id);
    return make('td', {className: 'number', textContent: value === undefined ? '' : number(value)});
  });
  const tr = make('tr', {}, wordsCell(box, canGo), ...cells);
  Object.assign(tr.dataset, {class: id, box: place, ...(scores ? {scores} : {})});
  tr.toggleAttribute('data-below', box.hasAttribute('data-below'));
  valuesOf.set(tr, values);
  return tr;
}

function headOf({id, name}) {
  const th = make('th', {scope: 'col', className: id === ofClass.id ? '' : 'number'});
  th.dataset.column = id;
  th.append(make('button', {type: 'button', className: 'sort'}, make('bdi', {textContent: name})));
  return th;
}

function lineOf(cell, text, columns) {
  cell.colSpan = columns.length;
  cell.append(make('bdi', {textContent: text}));
  return make('tr', {}, cell);
}

function bodyOf({name, boxes, lost}, columns, canGo) {
  const body = make('tbody', {}, lineOf(make('th', {scope: 'rowgroup'}), name, columns));
  Object.assign(body.dataset, {kind: 'boxes', layer: name});
  body.append(...boxes.map((box, place) => rowOf(box, place, columns, canGo)), ...lost.map((line) => lineOf(make('td'), line, columns)));
  return body;
}

// What a figure has of each layer that its list names.
function layersOf(figure) {
  return [...figure.querySelectorAll('details.boxes dt')].map((dt) => {
    const group = figure.querySelector(`.overlay > ${ofLayer('boxes', dt.textContent)}`);
    const lost = dt.nextElementSibling.querySelector('.lost')?.textContent.split('\n') ?? [];
    return {name: dt.textContent, boxes: [...group?.children ?? []], lost};
  });
}

function sort(table) {
  const heads = [...table.tHead.rows[0].cells];
  const {id, direction} = orderIn(heads.map(({dataset}) => dataset.column));
  for (const head of heads) {
    if (asked && head.dataset.column === id) head.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
    else head.removeAttribute('aria-sort');
  }
  const valueOf = (row) => valuesOf.get(row).get(id);
  for (const body of table.tBodies) {
    const rows = [...body.rows].filter((row) => valuesOf.has(row));
    body.rows[0].after(...rows.sort((a, b) => compare(valueOf(a), valueOf(b), direction)));
  }
}

// Gives a table in a frame that scrolls; `canGo` says whether its rows lead to their boxes.
export function tableOf(figure, canGo) {
  const layers = layersOf(figure);
  const scores = [...new Set(layers.flatMap(({boxes}) => boxes.flatMap((box) => [...scoresOf(box).keys()])))];
  const columns = [ofClass, ...scores.map(ofScore), ...sides];
  const table = make('table', {className: 'box-table'}, make('thead', {}, make('tr', {}, ...columns.map(headOf))));
  table.append(...layers.map((layer) => bodyOf(layer, columns, canGo)));
  sort(table);
  const frame = make('div', {className: 'box-table-frame', tabIndex: 0}, table);
  frame.setAttribute('role', 'region');
  frame.setAttribute('aria-label', 'Boxes');
  return frame;
}

function sortBy({dataset: {column: id}}) {
  asked = {id, direction: asked?.id === id ? -asked.direction : id === ofClass.id ? 1 : -1};
  for (const table of document.querySelectorAll('.box-table')) sort(table);
}

const inTable = (element) => element?.closest?.('.box-table');

// The box of the row at the pointer or the focus is brought out.
function point({target}) {
  if (!inTable(target)) return;
  const row = target.closest('tr[data-box]');
  hover.mark(row && boxOf(row));
}

export function start() {
  document.addEventListener('click', ({target}) => inTable(target) && target.closest('.sort') && sortBy(target.closest('th')));
  for (const type of ['pointermove', 'focusin']) document.addEventListener(type, point);
  document.addEventListener('pointerout', ({target, relatedTarget}) => inTable(target) && !inTable(relatedTarget) && hover.mark(null));
}
