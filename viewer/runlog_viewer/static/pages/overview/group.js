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

const values = (members, column) => members.map(({facts}) => facts[column]).filter((value) => value !== null);

function states(members) {
  const counts = new Map();
  for (const {facts: {state}} of members) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([name, count]) => make('span', {className: `state ${name}`, textContent: `${count} ${name}`}));
}

const least = (found) => found.reduce((a, b) => Math.min(a, b));
const most = (found) => found.reduce((a, b) => Math.max(a, b));

// What the runs agree on, the best of their numbers where that is known, or else the range of them.
function common(found, aim) {
  if (new Set(found).size < 2) return found[0];
  const numbers = found.filter((value) => typeof value === 'number' && !Number.isNaN(value));
  if (numbers.length < found.length && !aim) return 'differ';
  if (aim && numbers.length) return aim === 'min' ? least(numbers) : most(numbers);
  return `${number(least(numbers), 3)} – ${number(most(numbers), 3)}`;
}

const commonValue = (members, column) => common(members.map(({folder}) => columns.value(folder, column)).filter((value) => value !== undefined), columns.aim(column));

const shownOf = {steps: most, images: (found) => found.reduce((a, b) => a + b, 0), started: most, took: most};

// What the row of a group shows, and is sorted by, in a column of numbers or times.
export const groupValue = (members, column) => {
  const found = values(members, column);
  return found.length ? shownOf[column](found) : undefined;
};

// Says which of the runs a number is of, where they differ.
function showNumber(td, members, word, title) {
  const {column} = td.dataset;
  const found = values(members, column);
  const value = groupValue(members, column);
  const of = members.find(({facts}) => facts[column] === value);
  const text = column === 'took' ? of?.facts.duration ?? '' : value ?? '';
  const differ = found.length > 1 && (column === 'images' || new Set(found).size > 1);
  td.replaceChildren(...(differ ? [make('small', {textContent: word}), ' '] : []), text?.toLocaleString('en') ?? '');
  td.title = differ ? title : '';
}

const minute = (time) => Math.floor(time / 60);

// `members` are the runs of `count` that match the filter; `rowOf` gives the row of one.
export const fillGroupRow = (tr, members, count, isOpen, rowOf) => {
  const isPart = members.length < count;
  tr.querySelector('button').setAttribute('aria-expanded', isOpen);
  tr.querySelector('small').textContent = isPart ? `${members.length} of ${count} runs` : `${count} runs`;
  cell(tr, 'state').replaceChildren(...states(members));
  showNumber(cell(tr, 'steps'), members, 'max', 'The most steps of a run');
  showNumber(cell(tr, 'images'), members, 'sum', 'Images of all runs');
  showNumber(cell(tr, 'took'), members, 'max', 'The longest of the runs');
  const newest = members.find(({facts}) => facts.started === groupValue(members, 'started'));
  const minutes = new Set(members.map(({facts}) => minute(facts.started)));
  const word = minutes.size > 1 ? [make('small', {textContent: 'newest'}), ' '] : [];
  cell(tr, 'started').replaceChildren(...word, rowOf(newest).querySelector('time').cloneNode(true));
  const pictured = members.find(({facts}) => facts.picture);
  const picture = pictured && rowOf(pictured).querySelector('.thumb');
  const shown = cell(tr, 'latest').firstElementChild;
  if (!picture) shown?.remove();
  else if (!shown?.isEqualNode(picture)) cell(tr, 'latest').replaceChildren(picture.cloneNode(true));
  columns.addCells(tr, (column) => commonValue(members, column));
  picks.showGroup(tr, members.map(({folder}) => folder));
};
