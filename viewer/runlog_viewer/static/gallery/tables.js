// Logged tables: rows are drawn as they come into sight, out of data scripts of 500 of them; sorted by their heads and
// filtered by words, once all are there. What is asked of a key's table stays while the steps change.

import * as address from '../core/address.js';
import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import {viewer} from '../core/viewer.js';
import * as live from '../data/live.js';
import {tableScript} from '../data/site_names.js';
import {figureOf, note} from './cell_pictures.js';
import {rebased} from './figures.js';
import * as tableAddress from './table_address.js';
import {blockRows, tableModel, textOf} from './table_model.js';

const beyond = 12; // rows drawn above and below what is seen
const mostLoaded = 60; // data scripts kept
const views = new WeakMap(); // a section → its view
let asked = new Map(); // key → {filter, column, direction}, the column by its name
const loaded = new Map(); // what is asked for → a data script on its way

let isDrawing = false;

const mostAround = 100; // pictures to walk through on either side of one that is enlarged
const {nothing} = tableAddress;
const sections = (root) => root.querySelectorAll('section.logged-table');
const signature = ({dataset}) => `${dataset.data} ${dataset.rows} ${dataset.step}`;

function load(data, block, rows) {
  const name = `table-${data}-${block}`;
  const tag = Math.min(rows, (block + 1) * blockRows);
  const coming = loaded.get(`${name} ${tag}`) ?? live.load(name, tableScript(data, block), tag);
  loaded.delete(`${name} ${tag}`);
  loaded.set(`${name} ${tag}`, coming);
  coming.catch(() => loaded.delete(`${name} ${tag}`)); // asked for again, it may be there
  if (loaded.size > mostLoaded) loaded.delete(loaded.keys().next().value);
  return coming;
}

const kindOf = (cell) => {
  if (cell === null) return 'none';
  if (typeof cell !== 'object') return {boolean: 'bool', string: 'text', number: 'number'}[typeof cell];
  if (Array.isArray(cell)) return 'numbers';
  return 'html' in cell ? 'image' : 'number';
};

function cellOf(cell, most = 2000) {
  const className = kindOf(cell);
  const td = make('td', {className});
  if (className === 'image') td.append(rebased(content.parsed(cell.html), viewer()));
  if (className === 'image' && cell.words) td.dataset.words = cell.words;
  else if (className === 'text' || className === 'numbers') td.append(make('div', {textContent: textOf(cell).slice(0, most)}));
  else td.textContent = textOf(cell);
  if (className === 'number') td.title = cell.digits ?? String(cell);
  return td;
}

function openView(section) {
  const {key, data} = section.dataset;
  const rows = Number(section.dataset.rows);
  const frame = section.querySelector('.table-frame');
  const body = frame.querySelector('tbody');
  const heads = [...frame.querySelectorAll('thead th')];
  const names = heads.slice(1).map((th) => th.textContent);
  const model = tableModel(names, rows);
  const drawn = new Map(); // place → tr
  const filters = {}; // of the masks in rows that are loaded
  let order = null; // places, where they are not simply all
  let height = 0;
  let isStarted = false;
  let waiting = null;
  const wish = () => {
    const {column, ...other} = asked.get(key) ?? nothing;
    return {...other, column: names.indexOf(column)};
  };
  const shownRows = () => (order ? order.length : rows);
  const placeAt = (n) => (order ? order[n] : n);

  async function need(blocks) {
    const missing = blocks.filter((block) => !model.row(block * blockRows));
    await Promise.all(missing.map(async (block) => {
      const {rows: cells, filters: ofBlock} = await load(data, block, rows);
      model.put(block, cells);
      Object.assign(filters, ofBlock);
    }));
  }

  function drawRow(n, place) {
    const tr = make('tr');
    tr.dataset.row = place;
    tr.setAttribute('aria-rowindex', n + 2);
    const cells = model.row(place);
    const opener = make('button', {type: 'button', className: 'plain', textContent: place, title: 'Show all of this row'});
    tr.append(make('td', {className: 'row-number'}, cells ? opener : String(place)));
    for (const [column, cell] of cells?.entries() ?? []) {
      const td = cellOf(cell);
      note(td, place, () => figures(place, column));
      tr.append(td);
    }
    if (!cells) tr.append(make('td', {colSpan: names.length || 1, className: 'coming', textContent: '…'}));
    return tr;
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
    height ||= body.querySelector('tr:not(.space)')?.offsetHeight || 30;
    const count = shownRows();
    const first = Math.max(0, Math.floor(frame.scrollTop / height) - beyond);
    const last = Math.min(count, Math.ceil((frame.scrollTop + frame.clientHeight) / height) + beyond);
    const wanted = Array.from({length: Math.max(0, last - first)}, (_, n) => first + n);
    const kept = new Map(wanted.map((n) => [placeAt(n), n]));
    for (const [place] of drawn) if (!kept.has(place) || drawn.get(place).querySelector('.coming')) drawn.delete(place);
    const trs = wanted.map((n) => {
      const place = placeAt(n);
      if (!drawn.has(place)) drawn.set(place, drawRow(n, place));
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
    const missing = model.blocksOf(wanted.map(placeAt)).filter((block) => !model.row(block * blockRows));
    if (missing.length) wait(need(missing));
  }

  function wait(promise) {
    const own = waiting = promise.then(() => own === waiting && draw(), () => {
      section.querySelector('.table-count').textContent = 'Its rows cannot be loaded.';
    });
  }

  function showHeads() {
    const {column, direction} = wish();
    heads.forEach((th, n) => {
      if (n - 1 === column && (column >= 0 || direction < 0)) th.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
      else th.removeAttribute('aria-sort');
    });
    const input = section.querySelector('input');
    if (input.value !== wish().filter) input.value = wish().filter;
  }

  function showCount() {
    section.querySelector('.table-count').textContent = order && wish().filter.trim() ? `${order.length.toLocaleString('en')} of ${rows.toLocaleString('en')}` : '';
  }

  // Puts rows in the order, and those out of the way, that the reader asked for. Until they are there, what is shown
  // stays.
  async function arrange() {
    showHeads();
    const {filter, column, direction} = wish();
    const isAll = !filter.trim() && column < 0 && direction > 0;
    const status = section.querySelector('.table-count');
    const blocks = isAll ? model.blocks().slice(0, 1) : model.blocks();
    if (blocks.some((block) => !model.row(block * blockRows))) status.textContent = 'Loading …';
    try {
      await need(blocks);
    } catch {
      status.textContent = 'Its rows cannot be loaded.';
      return;
    }
    order = isAll ? null : model.order(wish());
    showCount();
    drawn.clear();
    frame.scrollTop = 0;
    draw();
  }

  // All that is in a row: what does not fit into its cells, and its pictures as large as they are.
  function showRow(place) {
    if (!model.row(place)) return; // it is just coming
    const facts = make('dl');
    model.row(place).forEach((cell, n) => {
      const {childNodes, className} = cellOf(cell, Infinity);
      const dd = make('dd', {className}, ...childNodes);
      note(dd, place, () => figures(place, n));
      facts.append(make('dt', {}, make('bdi', {textContent: names[n]})), dd);
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

  // The pictures of a column around a row, in the order of the rows, as far as these are loaded.
  function figures(place, column) {
    const places = order ?? [...Array(rows).keys()];
    const at = places.indexOf(place);
    const near = places.slice(Math.max(0, at - mostAround), at + mostAround + 1).filter((one) => model.row(one));
    const found = near.map((one) => figureOf(section.dataset, names, one, model.row(one).map((cell) => cellOf(cell, Infinity)), column)).filter(Boolean);
    for (const figure of found) content.supply(filters, figure);
    return found;
  }

  function start() {
    if (isStarted) return;
    isStarted = true;
    arrange();
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
  return {signature: signature(section), start, arrange, redraw, showRow, isStarted: () => isStarted};
}

let inSight = null; // starts the view of a table once it comes near

function startSeen(changes) {
  for (const {target, isIntersecting} of changes) if (isIntersecting) views.get(target)?.start();
}

// A head is pressed to sort: numbers from the greatest, words from A; then the other way, then as they were. `column` is
// null for the rows' own order.
function sortBy(section, column, isText) {
  const now = asked.get(section.dataset.key) ?? nothing;
  const first = isText ? 1 : -1;
  const next = now.column !== column ? {column, direction: first} : now.direction === first ? {column, direction: -first} : {column: null, direction: 1};
  if (column === null) Object.assign(next, {column: null, direction: now.column === null ? -now.direction : 1});
  ask(section.dataset.key, {...now, ...next});
}

// On the page of a key, its tables of all steps are asked the same.
function ask(key, wish) {
  asked.set(key, wish);
  address.set(tableAddress.written(asked));
  arrange([key]);
}

function arrange(keys) {
  for (const section of sections(document)) if (keys.includes(section.dataset.key) && views.get(section)?.isStarted()) views.get(section).arrange();
}

function readAddress() {
  const before = asked;
  asked = tableAddress.read(address.get);
  arrange([...before.keys(), ...asked.keys()]);
}

function addButtons(section) {
  section.querySelector('.table-rest')?.remove();
  for (const th of section.querySelectorAll('thead th')) {
    if (th.querySelector('button')) continue;
    const button = make('button', {type: 'button', className: 'sort'});
    button.append(...th.childNodes);
    th.append(button);
  }
}

function prepare(root) {
  for (const section of sections(root)) addButtons(section);
}

// New content may have put other rows in the place of those that were drawn here.
function refresh() {
  if (isDrawing) return;
  for (const section of sections(document)) {
    if (views.get(section)?.signature === signature(section)) {
      views.get(section).redraw();
      continue;
    }
    views.set(section, openView(section));
    inSight.unobserve(section);
    inSight.observe(section);
  }
}

// Begins with the page as it stands by then.
export function start() {
  inSight = new IntersectionObserver(startSeen, {rootMargin: '50% 0px'});
  asked = tableAddress.read(address.get);
  address.onChange(readAddress);
  content.onTake(prepare);
  content.onChange(refresh);
  document.addEventListener('click', ({target}) => {
    const row = target.closest?.('section.logged-table td.row-number button')?.closest('tr');
    if (row) views.get(row.closest('.logged-table'))?.showRow(Number(row.dataset.row));
    const th = target.closest?.('section.logged-table th');
    if (!th || !target.closest('button')) return;
    sortBy(th.closest('.logged-table'), th.cellIndex ? th.textContent : null, ['text', 'image', 'numbers'].includes(th.dataset.type));
  });
  document.addEventListener('input', ({target}) => {
    const section = target.closest?.('section.logged-table');
    if (!section) return;
    ask(section.dataset.key, {...(asked.get(section.dataset.key) ?? nothing), filter: target.value});
  });
  prepare(document);
  refresh();
}
