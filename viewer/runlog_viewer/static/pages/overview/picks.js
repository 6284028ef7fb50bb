// Picking two to four runs to look at them side by side.

import * as address from '../../core/address.js';
import {byId} from '../../core/dom.js';
import * as paneText from '../../core/pane_text.js';

const maxPicked = 4;
let picked = [];

const boxes = () => [...document.querySelectorAll('.runs .pick input')];
/** @param {string[]} folders */
const linkTo = ([first, ...others]) => {
  const value = paneText.write([{run: '.'}, ...others.map((run) => ({run}))]);
  return `${encodeURIComponent(first)}/viewer/compare.html${address.link({panes: value})}`;
};
const folderOf = (box) => box.closest('tr').dataset.key;

export function show() {
  const there = boxes();
  const folders = new Set(there.map(folderOf));
  picked = picked.filter((folder) => folders.has(folder)).slice(0, maxPicked);
  const isFull = picked.length === maxPicked;
  for (const box of there) {
    box.checked = picked.includes(folderOf(box));
    box.disabled = isFull && !box.checked;
  }
  byId('picked').hidden = !picked.length;
  byId('compare').textContent = picked.length < 2 ? 'Pick another run to compare' : `Compare ${picked.length} runs`;
  if (picked.length < 2) byId('compare').removeAttribute('href');
  else byId('compare').href = linkTo(picked);
}

function set(wanted) {
  picked = wanted;
  address.setList('pick', picked);
  show();
}

export function start() {
  picked = address.list('pick') ?? [];
  document.querySelector('.runs').addEventListener('change', ({target}) => {
    if (!target.closest('.pick')) return;
    const others = picked.filter((folder) => folder !== folderOf(target));
    set(target.checked ? [...others, folderOf(target)] : others);
  });
  byId('unpick').addEventListener('click', () => set([]));
  show();
}

export function readAddress() {
  picked = address.list('pick') ?? [];
}
