// Which columns the page of all runs has: those of the table that are not hidden, and values of summary and
// configuration. Their values come in a data script of their own, loaded when one is asked for.

import * as address from '../../core/address.js';
import {byId, make} from '../../core/dom.js';
import {valueText} from '../../core/numbers.js';
import * as settings from '../../core/settings.js';
import * as live from '../../data/live.js';
import * as rowFilter from './row_filter.js';

const hideable = {latest: 'Latest image', state: 'State', results: 'Results', steps: 'Steps', images: 'Images', started: 'Started', took: 'Took'};
const sections = {summary: 'Summary', config: 'Configuration'};
const maxListed = 200;
const collator = new Intl.Collator('en', {numeric: true});
let sheet = null;
let values = new Map();
let loaded = null;
let shown = [];
let hidden = [];
let onChange = () => {};

const nameOf = (column) => column.slice(column.indexOf('.') + 1);
const sectionOf = (column) => column.slice(0, column.indexOf('.'));
export const value = (folder, column) => values.get(folder)?.[column];

// The values of a run by this name in its summary and configuration; the name may say of which.
export function named(folder, name) {
  return [name, ...Object.keys(sections).map((section) => `${section}.${name}`)].map((column) => value(folder, column)).filter((one) => one !== undefined);
}

const isAsked = () => shown.length || byId('column-picker').open || rowFilter.hasValues(byId('filter').value);

// Loads the values as of a revision, unless nobody asks for them.
export async function load(revision) {
  if (loaded === revision || !isAsked()) return;
  values = new Map(await live.load('columns', 'data/columns.js', revision));
  loaded = revision;
  listColumns();
}

export function readAddress() {
  shown = address.list('columns') ?? settings.get('columns') ?? [];
  hidden = address.list('hide') ?? settings.get('hide') ?? [];
  apply();
}

function set(column, wanted) {
  if (column in hideable) hidden = hidden.filter((other) => other !== column).concat(wanted ? [] : [column]);
  else shown = shown.filter((other) => other !== column).concat(wanted ? [column] : []);
  settings.set('columns', shown);
  settings.set('hide', hidden);
  address.setList('columns', shown);
  address.setList('hide', hidden);
  apply();
  onChange();
}

function apply() {
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

// Gives a row its cells of chosen values, after the results; `fill` says what is in each.
export function addCells(row, fill) {
  let cells = [...row.querySelectorAll(':scope > .value')];
  if (cells.length !== shown.length || cells.some((td, n) => td.dataset.column !== shown[n])) {
    for (const td of cells) td.remove();
    cells = shown.map(cell);
    row.querySelector(':scope > [data-column=results]').after(...cells);
  }
  for (const td of cells) {
    const found = fill(td.dataset.column);
    if (td.textContent === valueText(found)) continue;
    td.classList.toggle('number', typeof found === 'number');
    td.textContent = td.title = valueText(found);
  }
}

export function addHeads() {
  const row = document.querySelector('.runs thead tr');
  for (const th of row.querySelectorAll(':scope > .value')) if (!shown.includes(th.dataset.column)) th.remove();
  let after = row.querySelector('[data-column=results]');
  for (const column of shown) {
    const th = row.querySelector(`:scope > .value[data-column="${CSS.escape(column)}"]`) ?? head(column);
    th.classList.toggle('number', [...values.values()].some((columns) => typeof columns[column] === 'number'));
    if (after.nextElementSibling !== th) after.after(th);
    after = th;
  }
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
  readAddress();
  byId('columns').addEventListener('click', async () => {
    byId('column-filter').value = '';
    byId('column-picker').showModal();
    listColumns();
    await load(document.body.dataset.revision);
  });
  byId('column-filter').addEventListener('input', listColumns);
  byId('column-list').addEventListener('change', ({target}) => set(target.dataset.column, target.checked));
}

export const chosen = () => shown;
