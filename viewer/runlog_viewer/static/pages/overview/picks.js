// Picking runs to compare them, alone or all of a group: up to four side by side, more by their charts.

import * as address from '../../core/address.js';
import {byId} from '../../core/dom.js';
import * as paneText from '../../core/pane_text.js';

const [maxBeside, maxPicked] = [4, 12]; // pictures side by side, lines in a chart
let picked = [];
let isThere = () => true; // whether there is a run of a folder, or one may come
const groups = new Map(); // a group's row → the folders of its runs

const boxes = () => [...document.querySelectorAll('.runs tr[data-key] .pick input')];
/** @param {string[]} folders */
const linkTo = ([first, ...others]) => {
  const panes = paneText.write([{run: '.'}, ...others.map((run) => ({run}))]);
  const show = others.length < maxBeside ? null : 'charts';
  return `${encodeURIComponent(first)}/viewer/compare.html${address.link({panes, show})}`;
};
const folderOf = (box) => box.closest('tr').dataset.key;

export function show() {
  picked = picked.filter(isThere).slice(0, maxPicked);
  const isFull = picked.length === maxPicked;
  for (const box of boxes()) {
    box.checked = picked.includes(folderOf(box));
    box.disabled = isFull && !box.checked;
  }
  for (const [tr, members] of groups) {
    const box = tr.querySelector('.pick input');
    const count = members.filter((folder) => picked.includes(folder)).length;
    Object.assign(box, {checked: count > 0 && count === members.length, indeterminate: count > 0 && count < members.length, disabled: isFull && !count});
  }
  byId('picked').hidden = !picked.length;
  byId('compare').textContent = picked.length < 2 ? 'Pick another run to compare' : `Compare ${picked.length} runs${picked.length > maxBeside ? ' in charts' : ''}`;
  if (picked.length < 2) byId('compare').removeAttribute('href');
  else byId('compare').href = linkTo(picked);
}

// The runs of a group, as its row shows them.
export const showGroup = (tr, folders) => groups.set(tr, folders);

function set(wanted) {
  picked = wanted.slice(0, maxPicked);
  address.setList('pick', picked);
  show();
}

// `mayBe(folder)` says whether there is such a run, or one may come.
export function start(mayBe) {
  isThere = mayBe;
  picked = address.list('pick') ?? [];
  document.querySelector('.runs').addEventListener('change', ({target}) => {
    if (!target.closest('.pick')) return;
    const folders = groups.get(target.closest('tr')) ?? [folderOf(target)];
    const others = picked.filter((folder) => !folders.includes(folder));
    set(target.checked ? [...others, ...folders] : others);
  });
  byId('unpick').addEventListener('click', () => set([]));
}

export function readAddress() {
  picked = address.list('pick') ?? [];
}
