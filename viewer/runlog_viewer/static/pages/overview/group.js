// One row for all runs of a group, such as the ranks of a launcher: how many, their states, sums and ranges.

import {make} from '../../core/dom.js';
import {number, valueText} from '../../core/numbers.js';
import * as columns from './columns.js';

const maxResults = 4; // as in the row of a run
const cell = (tr, column) => tr.querySelector(`:scope > [data-column="${CSS.escape(column)}"]`);

export const newGroupRow = ([project, group]) => {
  const tr = make('tr', {className: 'group'});
  for (const head of document.querySelectorAll('.runs thead th:not(.value)')) {
    const {column} = head.dataset;
    const td = make(column === 'run' ? 'th' : 'td', {className: column === 'pick' ? 'pick' : head.className});
    td.dataset.column = column;
    tr.append(td);
  }
  const button = make('button', {type: 'button', className: 'expand'});
  button.append(make('bdi', {textContent: group}), ' ', make('small'));
  const name = make('span', {className: 'quiet'});
  name.append(make('bdi', {textContent: project}));
  cell(tr, 'results').classList.add('results');
  cell(tr, 'run').scope = 'row';
  cell(tr, 'run').append(button, name);
  return tr;
};

const values = (members, column) => members.map((tr) => cell(tr, column).dataset.value).filter((value) => value !== undefined).map(Number);

function states(members) {
  const counts = new Map();
  for (const tr of members) {
    const name = cell(tr, 'state').textContent.trim();
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => make('span', {className: `state ${name}`, textContent: `${count} ${name}`}));
}

// What the runs agree on, or the range of their numbers.
function common(found) {
  if (new Set(found).size < 2) return found[0];
  const numbers = found.filter((value) => typeof value === 'number' && !Number.isNaN(value));
  if (numbers.length < found.length) return 'differ';
  return `${number(Math.min(...numbers))} – ${number(Math.max(...numbers))}`;
}

const commonValue = (members, column) => common(members.map((tr) => columns.value(tr.dataset.key, column)).filter((value) => value !== undefined));

// The results that the rows of the runs show, each with its range.
function results(members) {
  const found = new Map();
  for (const pair of members.flatMap((tr) => [...cell(tr, 'results').querySelectorAll('.pairs > div')])) {
    const [name, value] = [...pair.children].map((part) => part.textContent.trim());
    found.set(name, [...(found.get(name) ?? []), Number.isNaN(Number(value)) ? value : Number(value)]);
  }
  const list = make('dl', {className: 'pairs'});
  for (const [name, of] of [...found].slice(0, maxResults)) {
    const pair = make('div');
    const dt = make('dt');
    dt.append(make('bdi', {textContent: name}));
    pair.append(dt, make('dd', {textContent: valueText(common(of))}));
    list.append(pair);
  }
  return found.size ? [list] : [];
}

const shownOf = {
  steps: (found) => Math.max(...found),
  images: (found) => found.reduce((a, b) => a + b, 0),
  started: (found) => Math.max(...found),
  took: (found) => Math.max(...found),
};

// What the row of a group shows, and is sorted by, in a column of numbers or times.
export const groupValue = (members, column) => {
  const found = values(members, column);
  return found.length ? shownOf[column](found) : undefined;
};

// Says which of the runs a number is of, where they differ.
function showNumber(td, members, word, title) {
  const {column} = td.dataset;
  const found = values(members, column);
  const of = members.find((tr) => Number(cell(tr, column).dataset.value) === groupValue(members, column));
  const text = column === 'images' ? groupValue(members, column) : of ? cell(of, column).textContent.trim() : '';
  const differ = found.length > 1 && (column === 'images' || new Set(found).size > 1);
  td.replaceChildren(...(differ ? [make('small', {textContent: word}), ' '] : []), String(text));
  td.title = differ ? title : '';
}

export const fillGroupRow = (tr, members, count, isOpen) => {
  const isPart = members.length < count;
  tr.querySelector('button').setAttribute('aria-expanded', isOpen);
  tr.querySelector('small').textContent = isPart ? `${members.length} of ${count} runs` : `${count} runs`;
  cell(tr, 'state').replaceChildren(...states(members));
  cell(tr, 'results').replaceChildren(...results(members));
  showNumber(cell(tr, 'steps'), members, 'max', 'The most steps of a run');
  showNumber(cell(tr, 'images'), members, 'sum', 'Images of all runs');
  showNumber(cell(tr, 'took'), members, 'max', 'The longest of the runs');
  const newest = members.find((one) => Number(cell(one, 'started').dataset.value) === groupValue(members, 'started'));
  const minutes = new Set(members.map((one) => one.querySelector('time').dateTime.slice(0, 16)));
  const word = minutes.size > 1 ? [make('small', {textContent: 'newest'}), ' '] : [];
  cell(tr, 'started').replaceChildren(...(newest ? [...word, newest.querySelector('time').cloneNode(true)] : []));
  const picture = members.map((one) => one.querySelector('.thumb')).find(Boolean);
  const shown = cell(tr, 'latest').firstElementChild;
  if (!picture) shown?.remove();
  else if (!shown?.isEqualNode(picture)) cell(tr, 'latest').replaceChildren(picture.cloneNode(true));
  columns.addCells(tr, (column) => commonValue(members, column));
};
