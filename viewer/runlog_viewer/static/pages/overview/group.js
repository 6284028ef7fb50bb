// One row for all runs of a group, such as the ranks of a launcher: how many, their states, sums and ranges.

import {make} from '../../core/dom.js';
import {number} from '../../core/numbers.js';
import * as columns from './columns.js';
import * as picks from './picks.js';

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
  const pick = make('label');
  const box = make('input', {type: 'checkbox'});
  box.setAttribute('aria-label', `Compare the runs of ${group}`);
  pick.append(box);
  cell(tr, 'pick').append(pick);
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

// What the runs agree on, the best of their numbers where that is known, or else the range of them.
function common(found, aim) {
  if (new Set(found).size < 2) return found[0];
  const numbers = found.filter((value) => typeof value === 'number' && !Number.isNaN(value));
  if (numbers.length < found.length && !aim) return 'differ';
  if (aim && numbers.length) return Math[aim](...numbers);
  return `${number(Math.min(...numbers), 3)} – ${number(Math.max(...numbers), 3)}`;
}

const commonValue = (members, column) => common(members.map((tr) => columns.value(tr.dataset.key, column)).filter((value) => value !== undefined), columns.aim(column));

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
  td.replaceChildren(...(differ ? [make('small', {textContent: word}), ' '] : []), text?.toLocaleString('en') ?? '');
  td.title = differ ? title : '';
}

export const fillGroupRow = (tr, members, count, isOpen) => {
  const isPart = members.length < count;
  tr.querySelector('button').setAttribute('aria-expanded', isOpen);
  tr.querySelector('small').textContent = isPart ? `${members.length} of ${count} runs` : `${count} runs`;
  cell(tr, 'state').replaceChildren(...states(members));
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
  picks.showGroup(tr, members.map((one) => one.dataset.key));
};
