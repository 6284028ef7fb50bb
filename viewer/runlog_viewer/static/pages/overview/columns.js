// Which columns the page of all runs has: those of the table that are not hidden, and values of summary and
// configuration, at first those that the page came with. All values come in a data script of their own.

import * as address from '../../core/address.js';
import * as addressText from '../../core/address_text.js';
import * as content from '../../core/content.js';
import {byId, make} from '../../core/dom.js';
import {valueText} from '../../core/numbers.js';
import * as settings from '../../core/settings.js';
import {morph} from '../../core/morph.js';
import * as live from '../../data/live.js';

const hideable = {latest: 'Latest image', state: 'State', steps: 'Steps', images: 'Images', started: 'Started', took: 'Took'};
const sections = {summary: 'Summary', config: 'Configuration'};
const maxListed = 200;
const collator = new Intl.Collator('en', {numeric: true});
let sheet = null;
let values = new Map();
let aims = {};
let loaded = null;
let version = 0; // of what the cells are to be
let numeric = new Set(); // columns with numbers
let own = []; // the columns that the page came with
let shown = [];
let hidden = [];
let onChange = () => {};

const nameOf = (column) => column.slice(column.indexOf('.') + 1);
const sectionOf = (column) => column.slice(0, column.indexOf('.'));
export const value = (folder, column) => values.get(folder)?.[column];

// The names of a section, those of the table first: numbers of the summary, and what differs in the configuration.
export function names(section) {
  const found = new Map();
  for (const column of shown) if (sectionOf(column) === section) found.set(column, new Set());
  for (const of of values.values()) {
    for (const column of Object.keys(of)) {
      if (sectionOf(column) !== section) continue;
      if (!found.has(column)) found.set(column, new Set());
      found.get(column).add(of[column]);
    }
  }
  const isWanted = ([column, all]) => (section === 'summary' ? numeric.has(column) : all.size > 1);
  return [...found].filter(isWanted).map(([column]) => nameOf(column));
}

export const areKnown = () => loaded !== null;
export const aim = (column) => aims[column];

// The values of a run by this name in its summary and configuration; the name may say of which.
export function named(folder, name) {
  return [name, ...Object.keys(sections).map((section) => `${section}.${name}`)].map((column) => value(folder, column)).filter((one) => one !== undefined);
}

// Loads the values as of a revision.
export async function load(revision) {
  if (loaded === revision) return;
  const all = await live.load('columns', 'data/columns.js', revision);
  [values, aims, loaded] = [new Map(all.values), all.aims, revision];
  version += 1;
  numeric = new Set(all.values.flatMap(([, columns]) => Object.keys(columns).filter((column) => typeof columns[column] === 'number')));
  listColumns();
}

// Takes over the heads of the columns that the page has by itself.
export function takeHeads(html) {
  const isOwn = isSame(shown, own);
  const row = document.querySelector('.runs thead tr').cloneNode(true);
  for (const th of row.querySelectorAll('.value')) th.remove();
  row.querySelector('[data-column=state]').after(...content.parsed(`<table><tr>${html}</tr></table>`).querySelectorAll('th'));
  morph(document.querySelector('.runs thead tr'), row);
  own = heads();
  if (isOwn) shown = own;
  version += 1;
}

const heads = () => [...document.querySelectorAll('.runs thead .value')].map((th) => th.dataset.column);
const isSame = (some, others) => some.length === others.length && some.every((column, n) => column === others[n]);

export function readAddress() {
  shown = address.list('columns') ?? settings.get('columns') ?? own;
  hidden = address.list('hide') ?? settings.get('hide') ?? [];
  apply();
}

function set(column, wanted) {
  if (column in hideable) hidden = hidden.filter((other) => other !== column).concat(wanted ? [] : [column]);
  else shown = shown.filter((other) => other !== column).concat(wanted ? [column] : []);
  const isOwn = isSame(shown, own);
  settings.set('columns', isOwn ? null : shown);
  settings.set('hide', hidden);
  address.set({columns: isOwn ? null : addressText.writeList(shown) ?? ''});
  address.setList('hide', hidden);
  apply();
  onChange();
}

function apply() {
  version += 1;
  sheet.replaceSync(hidden.map((column) => `.runs [data-column="${CSS.escape(column)}"] { display: none }`).join('\n'));
}

function head(column) {
  const th = make('th', {scope: 'col', className: 'value'});
  Object.assign(th.dataset, {column, sort: ''});
  const name = make('bdi', {textContent: nameOf(column)});
  th.append(name);
  return th;
}

function cell(column) {
  const td = make('td', {className: 'value'});
  Object.assign(td.dataset, {column, name: nameOf(column)});
  return td;
}

export const versionOfCells = () => version;

// Gives a row its cells of values; `fill` says what is in each, once that is known.
export function addCells(row, fill) {
  let cells = [...row.querySelectorAll(':scope > .value')];
  if (cells.length !== shown.length || cells.some((td, n) => td.dataset.column !== shown[n])) {
    for (const td of cells) td.remove();
    cells = shown.map(cell);
    row.querySelector(':scope > [data-column=state]').after(...cells);
  }
  if (loaded === null) return;
  for (const td of cells) {
    const found = fill(td.dataset.column);
    if (td.textContent === valueText(found)) continue;
    td.classList.toggle('number', numeric.has(td.dataset.column));
    td.textContent = td.title = valueText(found);
  }
}

export function addHeads() {
  const row = document.querySelector('.runs thead tr');
  for (const th of row.querySelectorAll(':scope > .value')) if (!shown.includes(th.dataset.column)) th.remove();
  let after = row.querySelector('[data-column=state]');
  for (const column of shown) {
    const th = row.querySelector(`:scope > .value[data-column="${CSS.escape(column)}"]`) ?? head(column);
    if (loaded !== null) th.classList.toggle('number', numeric.has(column));
    if (after.nextElementSibling !== th) after.after(th);
    after = th;
  }
}

function bestOf(column, folders) {
  const numbers = folders.map((folder) => value(folder, column)).filter(Number.isFinite);
  if (!aims[column] || new Set(numbers).size < 2) return null;
  return numbers.reduce((a, b) => ((aims[column] === 'min') === (a < b) ? a : b));
}

// Marks the best of each column among some runs in the rows that show, given as [folder, row], and nothing else.
export function markBest(folders, rows) {
  if (loaded === null) return;
  for (const td of document.querySelectorAll('.runs .best')) td.classList.remove('best');
  shown.forEach((column, n) => {
    const best = bestOf(column, folders);
    if (best === null) return;
    for (const [folder, tr] of rows) if (value(folder, column) === best) tr.querySelectorAll(':scope > .value')[n].classList.add('best');
  });
}

function choice(column, label, isChecked) {
  const line = make('label', {className: 'check'});
  const box = make('input', {type: 'checkbox', checked: isChecked});
  box.dataset.column = column;
  line.append(box, make('bdi', {textContent: label}));
  return line;
}

function section(title, choices, left) {
  const group = make('fieldset', {});
  group.append(make('legend', {textContent: title}), ...choices);
  if (left > 0) group.append(Object.assign(document.createElement('p'), {className: 'quiet', textContent: `${left} more: find them by name`}));
  return choices.length ? [group] : [];
}

function listColumns() {
  const words = byId('column-filter').value.toLowerCase().split(/\s+/);
  const fits = (name) => words.every((word) => name.toLowerCase().includes(word));
  const known = new Set(shown);
  for (const columns of values.values()) for (const column of Object.keys(columns)) known.add(column);
  const all = [...known].sort(collator.compare);
  const table = Object.keys(hideable).filter((column) => fits(hideable[column]));
  const groups = section('Table', table.map((column) => choice(column, hideable[column], !hidden.includes(column))), 0);
  for (const [prefix, title] of Object.entries(sections)) {
    const found = all.filter((column) => sectionOf(column) === prefix && fits(nameOf(column)));
    const choices = found.slice(0, maxListed).map((column) => choice(column, nameOf(column), shown.includes(column)));
    groups.push(...section(title, choices, found.length - maxListed));
  }
  const focused = document.activeElement?.dataset.column;
  byId('column-list').replaceChildren(...groups);
  if (focused) byId('column-list').querySelector(`[data-column="${CSS.escape(focused)}"]`)?.focus();
}

export function start(callback) {
  onChange = callback;
  sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  own = heads();
  readAddress();
  byId('columns').addEventListener('click', () => {
    byId('column-filter').value = '';
    byId('column-picker').showModal();
    listColumns();
  });
  byId('column-filter').addEventListener('input', listColumns);
  byId('column-list').addEventListener('change', ({target}) => set(target.dataset.column, target.checked));
}

export const chosen = () => shown;
