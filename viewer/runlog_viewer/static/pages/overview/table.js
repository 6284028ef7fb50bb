// The table of all runs: which rows show, in which order, and runs of one group as one row. Runs are held as what is
// known of them; a row is made when it is to show.

import * as address from '../../core/address.js';
import * as content from '../../core/content.js';
import {byId, make} from '../../core/dom.js';
import {morph} from '../../core/morph.js';
import * as rowFilter from '../../core/row_filter.js';
import * as settings from '../../core/settings.js';
import {compare} from '../../core/value_order.js';
import * as columns from './columns.js';
import {fillGroupRow, groupValue, newGroupRow} from './group.js';
import {factsOf, known} from './run_facts.js';

const runs = new Map(); // a run folder's name → {folder, facts, words, fields, group, html, tr, version}
const groups = new Map(); // a group → {tr, isOpen, isOnly}
// Rows made at first, a window full and some: what a key in the filter costs is the layout of those that come in. Then
// more as the reader scrolls: a browser takes long over hundreds.
const firstRows = () => Math.max(30, Math.ceil(innerHeight / 30));
const moreRows = 100;
let body = null;
let order = []; // all runs, in the order of the page
let matches = []; // those that match the filter
let sequence = []; // what is to show, runs and {group, members, count, isOpen}
let sort = '';
let limit = 0;
let onChange = () => {};

// Takes over rows as [folder, markup, facts], in the order of the page; a row that is there stays.
export function take(all) {
  const before = new Map(runs);
  runs.clear();
  for (const one of all) takeRun(one, before.get(one[0]));
  order = [...runs.values()];
  body.parentNode.dataset.runs = order.length;
  arrange();
}

// Takes over rows of older runs, below those that are there.
export function add(all) {
  for (const one of all) if (!runs.has(one[0])) order.push(takeRun(one));
}

function takeRun([folder, html, facts], before = null) {
  const run = before?.html === html ? before : {...known(folder, facts), html, tr: before?.tr ?? null};
  if (run !== before && run.tr) {
    const fresh = rowsOf([html])[0];
    for (const value of run.tr.querySelectorAll(':scope > .value')) value.remove();
    const isPicked = run.tr.querySelector('input').checked;
    morph(run.tr, fresh);
    for (const {name, value} of fresh.attributes) run.tr.setAttribute(name, value);
    run.tr.querySelector('input').checked = isPicked;
  }
  runs.set(folder, run);
  return run;
}

const rowsOf = (markups) => [...content.parsed(`<table><tbody>${markups.join('')}</tbody></table>`).querySelectorAll('tr')];

// Makes the rows that runs have none of yet, all at once.
function makeRows(of) {
  const lacking = of.filter((run) => !run.tr);
  if (!lacking.length) return;
  rowsOf(lacking.map(({html}) => html)).forEach((tr, n) => { lacking[n].tr = tr; });
}

function rowOf(run) {
  makeRows([run]);
  return run.tr;
}

function valueOf({folder, facts}) {
  const column = sort.replace(/^-/, '');
  return column.includes('.') ? columns.value(folder, column) : facts[column === 'run' ? 'name' : column] ?? undefined;
}

// Puts what has a value by `of` in order of it.
function sorted(all, of) {
  if (!sort) return all;
  const direction = sort.startsWith('-') ? -1 : 1;
  const keyed = all.map((one) => [one, of(one)]);
  return keyed.sort(([, a], [, b]) => compare(a, b, direction)).map(([one]) => one);
}

export function arrange() {
  const terms = rowFilter.termsOf(byId('filter').value);
  const isMatch = (run) => terms.every((term) => rowFilter.fits(term, run, (name) => columns.named(run.folder, name)));
  matches = terms.length ? order.filter(isMatch) : order;
  const all = sorted(parts(new Set(matches)), valueOfPart);
  sequence = all.flatMap((part) => shownOf(part, all.length === 1));
  body.parentNode.classList.toggle('no-images', !order.some(({facts}) => facts.picture));
  showHeads();
  showUpToLimit();
  byId('count').textContent = terms.length ? `${matches.length} of ${count()}` : `${count()} run${count() === 1 ? '' : 's'}`;
  byId('no-match').hidden = matches.length > 0 || !hasAll();
  body.parentNode.classList.toggle('whole', hasAll() && columns.areKnown());
  onChange();
}

// The runs as the table has them, each alone or with all of its group: {group, members, matching}. A group stands where
// the first of its runs does that match the filter.
function parts(matching) {
  const byPlace = new Map();
  for (const run of sorted(order, valueOf)) {
    const group = settings.get('flat') ? null : run.group;
    const place = group ?? run;
    if (!byPlace.has(place)) byPlace.set(place, {group, members: []});
    byPlace.get(place).members.push(run);
  }
  const places = new Map(order.map((run, n) => [run, n]));
  const all = [...byPlace.values()].map((part) => ({...part, matching: part.members.filter((run) => matching.has(run))}));
  const keyed = all.map((part) => [part, (part.matching.length ? part.matching : part.members).reduce((first, run) => Math.min(first, places.get(run)), Infinity)]);
  return keyed.sort(([, a], [, b]) => a - b).map(([part]) => part);
}

// What a part is sorted by: what its row shows, and where that is a range, its first run.
function valueOfPart({group, members, matching}) {
  const column = sort.replace(/^-/, '');
  const [first] = matching.length ? matching : members;
  if (members.length < 2 || column === 'state' || column.includes('.')) return valueOf(first);
  if (column === 'run') return JSON.parse(group)[1];
  return groupValue(matching, column);
}

// What shows of a part: its run if that is alone, else the row of the group, with its runs where that is open. It is if
// the reader opened it, if the filter is about some of its runs, or if there was nothing else.
function shownOf({group, members, matching}, isOnly) {
  if (members.length < 2 || !matching.length) return matching.map((run) => ({run, isMember: false}));
  if (!groups.has(group)) groups.set(group, {tr: null, isOpen: isListedOpen(group), isOnly});
  const {isOpen: wanted, isOnly: wasOnly} = groups.get(group);
  const isOpen = wanted ?? (wasOnly || matching.length < members.length);
  return [{group, matching, count: members.length, isOpen}, ...(isOpen ? matching : []).map((run) => ({run, isMember: true}))];
}

function runRow({run, isMember}) {
  const {tr} = run;
  tr.classList.toggle('member', isMember);
  if (run.version !== columns.versionOfCells()) {
    run.version = columns.versionOfCells();
    columns.addCells(tr, (column) => columns.value(run.folder, column));
  }
  return tr;
}

function groupRow({group, matching, count: of, isOpen}) {
  const one = groups.get(group);
  one.tr ??= newGroupRow(JSON.parse(group));
  one.tr.querySelector('button').onclick = () => {
    one.isOpen = !isOpen;
    address.setList('open', [...groups].filter(([, {isOpen: isListed}]) => isListed).map(([name]) => pathOf(name)));
    arrange();
  };
  fillGroupRow(one.tr, matching, of, isOpen, rowOf);
  return one.tr;
}

// A group in the address, after its project.
const pathOf = (group) => JSON.parse(group).filter(Boolean).join('/');
const isListedOpen = (group) => (address.list('open')?.includes(pathOf(group)) ? true : null);

function place(wanted) {
  const isWanted = new Set(wanted);
  for (const tr of [...body.children]) if (!isWanted.has(tr)) tr.remove();
  let at = body.firstElementChild;
  for (const tr of wanted) {
    if (tr === at) at = at.nextElementSibling;
    else body.insertBefore(tr, at);
  }
}

function showUpToLimit() {
  const focused = document.activeElement;
  const shown = sequence.slice(0, limit);
  makeRows(shown.flatMap(({run}) => run ?? []));
  place(shown.map((one) => (one.run ? runRow(one) : groupRow(one))));
  columns.markBest(matches.map(({folder}) => folder), shown.flatMap(({run}) => (run ? [[run.folder, run.tr]] : [])));
  byId('later').hidden = sequence.length <= limit;
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({preventScroll: true});
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
  for (const [group, one] of groups) one.isOpen = isListedOpen(group);
}

export function start(callback) {
  onChange = callback;
  body = document.querySelector('.runs tbody');
  for (const tr of body.children) runs.set(tr.dataset.key, {...known(tr.dataset.key, factsOf(tr)), html: '', tr});
  order = [...runs.values()];
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

export const visible = () => [...body.children];

// The folders of the runs that match the filter and of all that are known, how many runs there are, what one is called and
// the link to its page.
export const matching = () => matches.map(({folder}) => folder);
export const has = (folder) => runs.has(folder);
export const count = () => Number(body.parentNode.dataset.runs);
export const hasAll = () => order.length >= count(); // the older ones may not have come yet
export const nameOf = (folder) => runs.get(folder).facts.name;
export const linkOf = (folder) => rowOf(runs.get(folder)).querySelector('th a');
