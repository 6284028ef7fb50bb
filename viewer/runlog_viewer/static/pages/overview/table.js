// The table of all runs: which rows show, in which order, and runs of one group as one row.

import * as address from '../../core/address.js';
import * as content from '../../core/content.js';
import {byId, make} from '../../core/dom.js';
import {morph} from '../../core/morph.js';
import * as rowFilter from '../../core/row_filter.js';
import * as settings from '../../core/settings.js';
import {compare} from '../../core/value_order.js';
import * as columns from './columns.js';
import {fillGroupRow, groupValue, newGroupRow} from './group.js';

const rows = new Map(); // a run folder's name → {tr, html, words, fields, group, version}
const groups = new Map(); // a group → {tr, isOpen, isOnly}
// Rows drawn at first, a window full and some: what a key in the filter costs is the layout of those that come in. Then
// more as the reader scrolls: a browser takes long over hundreds.
const firstRows = () => Math.max(30, Math.ceil(innerHeight / 30));
const moreRows = 100;
let body = null;
let order = [];
let matches = []; // [folder, row] of the runs that match the filter
let sort = '';
let limit = 0;
let onChange = () => {};

const cell = (tr, column) => tr.querySelector(`:scope > [data-column="${CSS.escape(column)}"]`);

function adopt(tr) {
  const {key, group, project = ''} = tr.dataset;
  const state = cell(tr, 'state').textContent.trim();
  const words = `${cell(tr, 'run').textContent}\n${key}\n${state}`.toLowerCase();
  const fields = {
    name: [cell(tr, 'run').querySelector('a').textContent],
    project: [project].filter(Boolean),
    group: [group].filter(Boolean),
    tag: [...tr.querySelectorAll('.tag')].map((tag) => tag.textContent),
    state: [state],
    steps: [Number(cell(tr, 'steps').dataset.value)],
    images: [Number(cell(tr, 'images').dataset.value)],
  };
  return {tr, html: '', words, fields, group: group === undefined ? null : JSON.stringify([project, group])};
}

// Takes over rows as pairs of folder and markup, in the order of the page; a row that is there stays.
export function take(pairs) {
  order = pairs.map(([folder]) => folder);
  body.parentNode.dataset.runs = order.length;
  const wanted = new Set(order);
  for (const [folder, {tr}] of rows) {
    if (wanted.has(folder)) continue;
    tr.remove();
    rows.delete(folder);
  }
  for (const [folder, html] of pairs) {
    if (rows.get(folder)?.html !== html) takeRow(folder, html);
  }
  body.parentNode.classList.toggle('no-images', ![...rows.values()].some(({tr}) => tr.querySelector('.thumb')));
  arrange();
}

// Takes over rows of older runs, below those that are there.
export function add(pairs) {
  for (const [folder, html] of pairs) {
    if (rows.has(folder)) continue;
    order.push(folder);
    takeRow(folder, html);
  }
}

function takeRow(folder, html) {
  const fresh = content.parsed(`<table><tbody>${html}</tbody></table>`).querySelector('tr');
  const {tr} = rows.get(folder) ?? {};
  if (tr) {
    for (const value of tr.querySelectorAll(':scope > .value')) value.remove();
    const isPicked = tr.querySelector('input').checked;
    morph(tr, fresh);
    for (const {name, value} of fresh.attributes) tr.setAttribute(name, value);
    tr.querySelector('input').checked = isPicked;
  }
  rows.set(folder, {...adopt(tr ?? fresh), html});
}

function valueOf(folder) {
  const column = sort.replace(/^-/, '');
  if (column.includes('.')) return columns.value(folder, column);
  const {tr} = rows.get(folder);
  const found = cell(tr, column);
  if (!['run', 'state'].includes(column)) return found.dataset.value === undefined ? undefined : Number(found.dataset.value);
  return column === 'run' ? found.querySelector('a').textContent : found.textContent.trim();
}

// Puts what has a value by `of` in order of it.
function sorted(all, of) {
  if (!sort) return all;
  const direction = sort.startsWith('-') ? -1 : 1;
  const keyed = all.map((one) => [one, of(one)]);
  return keyed.sort(([, a], [, b]) => compare(a, b, direction)).map(([one]) => one);
}

export function arrange() {
  const focused = document.activeElement;
  const terms = rowFilter.termsOf(byId('filter').value);
  const matching = [];
  for (const folder of order) {
    const row = rows.get(folder);
    row.tr.hidden = !terms.every((term) => rowFilter.fits(term, row, (name) => columns.named(folder, name)));
    if (!row.tr.hidden) matching.push([folder, row.tr]);
    if (row.version === columns.versionOfCells()) continue;
    row.version = columns.versionOfCells();
    columns.addCells(row.tr, (column) => columns.value(folder, column));
  }
  columns.markBest(matching);
  const all = sorted(parts(), valueOfPart);
  place(all.flatMap((part) => rowsOf(part, all.length === 1)));
  showUpToLimit();
  showHeads();
  byId('count').textContent = terms.length ? `${matching.length} of ${count()}` : `${count()} run${count() === 1 ? '' : 's'}`;
  byId('no-match').hidden = matching.length > 0 || !hasAll();
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({preventScroll: true});
  matches = matching;
  onChange();
}

// The runs as the table has them, each alone or with all of its group: {group, folders, matching}. A group stands
// where the first of its runs does that match the filter.
function parts() {
  const isMatch = (folder) => !rows.get(folder).tr.hidden;
  const byPlace = new Map();
  for (const folder of sorted(order, valueOf)) {
    const group = settings.get('flat') ? null : rows.get(folder).group;
    const place = group ?? JSON.stringify(folder);
    if (!byPlace.has(place)) byPlace.set(place, {group, folders: []});
    byPlace.get(place).folders.push(folder);
  }
  const all = [...byPlace.values()].map((part) => ({...part, matching: part.folders.filter(isMatch)}));
  const places = new Map(order.map((folder, n) => [folder, n]));
  const first = ({folders, matching}) => Math.min(...(matching.length ? matching : folders).map((folder) => places.get(folder)));
  return all.sort((a, b) => first(a) - first(b));
}

// What a part is sorted by: what its row shows, and where that is a range, its first run.
function valueOfPart({group, folders, matching}) {
  const column = sort.replace(/^-/, '');
  const [first] = matching.length ? matching : folders;
  if (folders.length < 2 || column === 'state' || column.includes('.')) return valueOf(first);
  if (column === 'run') return JSON.parse(group)[1];
  return groupValue(matching.map((folder) => rows.get(folder).tr), column);
}

function rowsOf({group, folders, matching}, isOnly) {
  const isAlone = folders.length < 2;
  const trs = folders.map((folder) => rows.get(folder).tr);
  for (const tr of trs) tr.classList.toggle('member', !isAlone);
  return isAlone ? trs : [groupRow({group, folders, matching}, isOnly), ...trs];
}

function place(sequence) {
  const wanted = new Set(sequence);
  for (const tr of [...body.children]) if (!wanted.has(tr)) tr.remove();
  let at = body.firstElementChild;
  for (const tr of sequence) {
    if (tr === at) at = at.nextElementSibling;
    else body.insertBefore(tr, at);
  }
}

function showUpToLimit() {
  let count = 0;
  for (const tr of body.children) {
    count += tr.hidden ? 0 : 1;
    tr.classList.toggle('later', count > limit);
  }
  byId('later').hidden = count <= limit;
}

function showMore() {
  if (byId('later').hidden || byId('later').getBoundingClientRect().top > innerHeight + 1500) return;
  limit += moreRows;
  showUpToLimit();
  onChange();
}

// Shows the rows from the top, after the reader asked for others.
export function restart() {
  limit = firstRows();
  byId('content').querySelector('.table-frame').scrollTop = 0;
  arrange();
}

// A group in the address, after its project.
const pathOf = (group) => JSON.parse(group).filter(Boolean).join('/');
const isListedOpen = (group) => (address.list('open')?.includes(pathOf(group)) ? true : null);

// A group shows its runs if the reader opened it, if the filter is about some of them, or if there was nothing else.
function groupRow({group, folders, matching}, isOnly) {
  if (!groups.has(group)) groups.set(group, {tr: newGroupRow(JSON.parse(group)), isOpen: isListedOpen(group), isOnly});
  const known = groups.get(group);
  const isOpen = known.isOpen ?? (known.isOnly || (matching.length > 0 && matching.length < folders.length));
  known.tr.hidden = !matching.length;
  known.tr.querySelector('button').onclick = () => {
    known.isOpen = !isOpen;
    address.setList('open', [...groups].filter(([, {isOpen: isListed}]) => isListed).map(([name]) => pathOf(name)));
    arrange();
  };
  for (const folder of isOpen ? [] : matching) rows.get(folder).tr.hidden = true;
  fillGroupRow(known.tr, matching.map((folder) => rows.get(folder).tr), folders.length, isOpen);
  return known.tr;
}

function showHeads() {
  columns.addHeads();
  for (const th of document.querySelectorAll('.runs th[data-sort]')) {
    if (!th.querySelector('button')) {
      const button = make('button', {type: 'button', className: 'sort'});
      button.append(...th.childNodes);
      th.append(button);
    }
    const {column} = th.dataset;
    if (sort === column) th.setAttribute('aria-sort', 'ascending');
    else if (sort === `-${column}`) th.setAttribute('aria-sort', 'descending');
    else th.removeAttribute('aria-sort');
  }
}

// The first press sorts as is most often wanted: text from A, numbers and times from the highest.
function sortBy(column) {
  const isText = ['run', 'state'].includes(column);
  const steps = isText ? [column, `-${column}`, ''] : [`-${column}`, column, ''];
  sort = steps[(steps.indexOf(sort) + 1) % 3];
  address.set({sort: sort || null});
  restart();
}

export function readAddress() {
  sort = address.get('sort') ?? '';
  if (!sort.includes('.') && !document.querySelector(`.runs th[data-sort][data-column="${CSS.escape(sort.replace(/^-/, ''))}"]`)) sort = '';
  byId('filter').value = address.get('q') ?? '';
  for (const [group, known] of groups) known.isOpen = isListedOpen(group);
}

export function start(callback) {
  onChange = callback;
  body = document.querySelector('.runs tbody');
  for (const tr of body.children) rows.set(tr.dataset.key, adopt(tr));
  order = [...rows.keys()];
  readAddress();
  document.querySelector('.runs thead').addEventListener('click', ({target}) => {
    const button = target.closest('button');
    if (button) sortBy(button.parentNode.dataset.column);
  });
  restart();
  body.parentNode.classList.add('arranged');
  document.addEventListener('scroll', showMore, {capture: true, passive: true});
  addEventListener('resize', showMore);
}

export const visible = () => [...body.children].filter((tr) => !tr.hidden && !tr.classList.contains('later'));

// The folders of the runs that match the filter, how many runs there are, and what one is called.
export const matching = () => matches.map(([folder]) => folder);
export const count = () => Number(body.parentNode.dataset.runs);
export const hasAll = () => order.length >= count(); // the older ones may not have come yet
export const nameOf = (folder) => rows.get(folder).fields.name[0];
