// Tables: rows are drawn as they come into sight; sorted by their heads, filtered by words and grouped by a column. Those that
// were logged come out of data scripts of 500 rows, others are brought by who has them. What is asked of a key's table stays while
// the steps change.

import * as address from '../core/address.js';
import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import * as live from '../data/live.js';
import {tableScript} from '../data/site_names.js';
import {figureOf} from './cell_pictures.js';
import * as tableAddress from './table_address.js';
import {blockRows, tableModel} from './table_model.js';
import {isJustDrawing, openView} from './table_view.js';

const mostLoaded = 60; // data scripts kept
const views = new WeakMap(); // a section → its view
const brought = new WeakMap(); // a section → the source of its rows, where these are no logged table
let asked = new Map(); // key → {filter, column, direction, group, colour}, columns by their names
const loaded = new Map(); // what is asked for → a data script on its way

const {nothing} = tableAddress;
const sections = (root) => root.querySelectorAll('section.logged-table');
const signature = ({dataset}) => `${dataset.data} ${dataset.rows} ${dataset.step}`;
const wishOf = (section) => asked.get(section.dataset.key) ?? nothing;

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

// The rows of a logged table, as `openView` wants them.
function loggedRows(section) {
  const {data, key, step} = section.dataset;
  const rows = Number(section.dataset.rows);
  const names = [...section.querySelectorAll('thead th')].slice(1).map((th) => th.textContent);
  const model = tableModel(names, rows);
  const filters = {};

  async function need(blocks) {
    const missing = blocks.filter((block) => !model.row(block * blockRows));
    await Promise.all(missing.map(async (block) => {
      const {rows: cells, filters: ofBlock} = await load(data, block, rows);
      model.put(block, cells);
      Object.assign(filters, ofBlock);
    }));
  }

  const signed = signature(section);
  const figureOfCell = (place, columns, cells, column) => figureOf({key, step, index: place}, columns, cells, column);
  return {model, filters, need, figureOf: figureOfCell, isOf: () => signature(section) === signed};
}

let inSight = null; // starts the view of a table once it comes near

function startSeen(changes) {
  for (const {target, isIntersecting} of changes) if (isIntersecting) views.get(target)?.start();
}

// A head is pressed to sort: numbers from the greatest, words from A; then the other way, then as they were. `column` is
// null for the rows' own order.
function sortBy(section, column, isText) {
  const now = wishOf(section);
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

function show(section, source) {
  views.set(section, openView(section, source, () => wishOf(section)));
  inSight.unobserve(section);
  inSight.observe(section);
}

// Shows rows that are no logged table in a section, whose heads are theirs; where there were others, at their place.
export function bring(section, source) {
  const {scrollTop} = section.querySelector('.table-frame');
  const wasStarted = views.get(section)?.isStarted();
  brought.set(section, source);
  addButtons(section);
  show(section, source);
  if (wasStarted) views.get(section).start(scrollTop);
}

// New content may have put other rows in the place of those that were drawn here.
function refresh() {
  if (isJustDrawing()) return;
  for (const section of sections(document)) {
    if (views.get(section)?.source.isOf()) views.get(section).redraw();
    else show(section, brought.get(section) ?? loggedRows(section));
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
    if (section && target.name in nothing) ask(section.dataset.key, {...wishOf(section), [target.name]: target.value});
  });
  prepare(document);
  refresh();
}
