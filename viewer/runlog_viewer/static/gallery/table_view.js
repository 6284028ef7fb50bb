// One table of which only the rows in sight are in the page: sorted, filtered and grouped as is asked of it.

import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import {note} from './cell_pictures.js';
import {openRow} from './row_dialog.js';
import {cellOf} from './table_cells.js';
import {blockRows, valueOf} from './table_model.js';
import {colouring} from './value_colours.js';

const beyond = 12; // rows drawn above and below what is seen
const mostAround = 100; // pictures to walk through on either side of one that is enlarged
let isDrawing = false;

// Whether the content changes since rows come into sight.
export const isJustDrawing = () => isDrawing;

// `source` is {model, filters, need(blocks), figureOf(place, names, cells, column), isOf(), about}: the rows; the filters of the masks
// in those that are loaded; what loads blocks of them; the picture of a cell as a figure; whether these are still the rows of
// the section; and {run, whole} if there is more to know of such figures, as the full view wants that. `wishOf()` gives what is asked of the table,
// columns by their names.
export function openView(section, source, wishOf) {
  const {key} = section.dataset;
  const {model, filters} = source;
  const frame = section.querySelector('.table-frame');
  const body = frame.querySelector('tbody');
  const heads = [...frame.querySelectorAll('thead th')];
  const names = heads.slice(1).map((th) => th.textContent);
  const status = section.querySelector('.table-count');
  const drawn = new Map(); // place or head of a group → tr
  let order = null; // places and heads of groups, where they are not simply all rows
  let colourOf = null; // of a cell
  let height = 0;
  let isStarted = false;
  let waiting = null;
  const wish = () => {
    const {column, group, colour, ...other} = wishOf();
    return {...other, column: names.indexOf(column), group: names.indexOf(group), colour: names.indexOf(colour)};
  };
  const shownRows = () => (order ? order.length : model.count);
  const placeAt = (n) => (order ? order[n] : n);
  const isRow = (place) => typeof place === 'number';

  function drawHead({name, count}) {
    const column = names[wish().group];
    const words = make('th', {colSpan: names.length + 1, scope: 'rowgroup'}, make('bdi', {textContent: `${column} = ${name || 'none'}`}), make('small', {textContent: count.toLocaleString('en')}));
    return make('tr', {className: 'table-group'}, words);
  }

  function drawRow(place) {
    const tr = make('tr');
    tr.dataset.row = place;
    const cells = model.row(place);
    const opener = make('button', {type: 'button', className: 'plain', textContent: place, title: 'Show all of this row'});
    tr.append(make('td', {className: 'row-number'}, cells ? opener : String(place)));
    for (const [column, cell] of cells?.entries() ?? []) {
      const td = cellOf(cell);
      note(td, () => pictures(place, column));
      tr.append(td);
    }
    if (!cells) tr.append(make('td', {colSpan: names.length || 1, className: 'coming', textContent: '…'}));
    else if (colourOf) addColour(tr, colourOf(valueOf(cells[wish().colour])));
    return tr;
  }

  function addColour(tr, colour) {
    if (!colour) return;
    tr.style.setProperty('--chip', colour);
    tr.cells[0].classList.add('chip');
    tr.cells[wish().colour + 1].classList.add('chip');
  }

  function spacer(lines) {
    const tr = make('tr', {className: 'space'});
    tr.append(make('td', {colSpan: names.length + 1}));
    tr.firstChild.style.height = `${lines * height}px`;
    tr.setAttribute('aria-hidden', 'true');
    return tr;
  }

  // Draws what is in sight; what is there stays, so that no picture flickers.
  function draw() {
    if (!isStarted) return;
    height ||= body.querySelector('tr[data-row]')?.offsetHeight || 30;
    const count = shownRows();
    const first = Math.max(0, Math.floor(frame.scrollTop / height) - beyond);
    const last = Math.min(count, Math.ceil((frame.scrollTop + frame.clientHeight) / height) + beyond);
    const wanted = Array.from({length: Math.max(0, last - first)}, (_, n) => first + n);
    const kept = new Set(wanted.map(placeAt));
    for (const [place] of drawn) if (!kept.has(place) || drawn.get(place).querySelector('.coming')) drawn.delete(place);
    const trs = wanted.map((n) => {
      const place = placeAt(n);
      if (!drawn.has(place)) drawn.set(place, isRow(place) ? drawRow(place) : drawHead(place));
      drawn.get(place).setAttribute('aria-rowindex', n + 2);
      return drawn.get(place);
    });
    if (first > 0) trs.unshift(spacer(first));
    if (last < count) trs.push(spacer(count - last));
    body.replaceChildren(...trs);
    content.supply(filters, body);
    isDrawing = true;
    content.changed();
    isDrawing = false;
    const missing = model.blocksOf(wanted.map(placeAt).filter(isRow)).filter((block) => !model.row(block * blockRows));
    if (missing.length) wait(source.need(missing));
  }

  function wait(promise) {
    const own = waiting = promise.then(() => own === waiting && draw(), () => {
      status.textContent = 'Its rows cannot be loaded.';
    });
  }

  function showHeads() {
    const {column, direction, filter, group, colour} = wish();
    heads.forEach((th, n) => {
      if (n - 1 === column && (column >= 0 || direction < 0)) th.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
      else th.removeAttribute('aria-sort');
    });
    const now = {filter, group: names[group] ?? '', colour: names[colour] ?? ''};
    for (const control of section.querySelectorAll('.table-bar [name]')) if (control.value !== now[control.name]) control.value = now[control.name];
  }

  function showCount() {
    const found = order && wish().filter.trim() ? order.filter(isRow).length : null;
    status.textContent = found === null ? '' : `${found.toLocaleString('en')} of ${model.count.toLocaleString('en')}`;
  }

  // Puts rows in the order, and those out of the way, that the reader asked for. Until they are there, what is shown
  // stays.
  async function arrange(top = 0) {
    showHeads();
    const {filter, column, direction, group, colour} = wish();
    const isAll = !filter.trim() && column < 0 && direction > 0 && group < 0;
    const blocks = isAll && colour < 0 ? model.blocks().slice(0, 1) : model.blocks();
    if (blocks.some((block) => !model.row(block * blockRows))) status.textContent = 'Loading …';
    try {
      await source.need(blocks);
    } catch {
      status.textContent = 'Its rows cannot be loaded.';
      return;
    }
    order = isAll ? null : model.order(wish());
    colourOf = colour < 0 ? null : colouring(model.distinct(colour));
    showCount();
    drawn.clear();
    frame.scrollTop = 0;
    draw();
    frame.scrollTop = top;
  }

  function showRow(place) {
    const cells = model.row(place);
    if (cells) openRow({key, place, names, cells, filters, pictures: (column) => pictures(place, column)}); // else it is just coming
  }

  // The picture of a cell, and those of its column around it, in the order of the rows, as far as these are loaded: as
  // figures, with what gives all that is known of one.
  function pictures(place, column) {
    const places = order?.filter(isRow) ?? [...Array(model.count).keys()];
    const at = places.indexOf(place);
    const near = places.slice(Math.max(0, at - mostAround), at + mostAround + 1).filter((one) => model.row(one));
    const made = new Map(near.map((one) => [one, source.figureOf(one, names, model.row(one).map((cell) => cellOf(cell, Infinity)), column)]));
    const figures = [...made.values()].filter(Boolean);
    for (const figure of figures) content.supply(filters, figure);
    return {figure: made.get(place), figures, ...source.about};
  }

  function start(top = 0) {
    if (isStarted) return;
    isStarted = true;
    arrange(top);
  }

  // The page may have put the table there as it came.
  function redraw() {
    if (!isStarted) return;
    showHeads();
    showCount();
    drawn.clear();
    if (model.row(0)) draw();
  }

  frame.onscroll = () => draw();
  return {source, start, arrange, redraw, showRow, isStarted: () => isStarted};
}
