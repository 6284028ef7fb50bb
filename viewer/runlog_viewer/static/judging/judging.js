// Judged images in a page: all that is said of them follows the threshold, and those that the reader asks for stand out.

import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import {ofLayer} from '../core/layer_kinds.js';
import * as settings from '../core/settings.js';
import * as chosen from './chosen.js';
import {dataOf, leastOf, panelsIn} from './judged_data.js';
import {cellsOf, showPanel} from './judged_panel.js';
import {judge} from './judging_model.js';
import * as mistakesOrder from './mistakes_order.js';

// Every image, by its index, at the threshold.
function judgedOf(data) {
  const least = leastOf(data);
  return new Map(Object.entries(data.images).map(([index, image]) => [index, judge(image, least)]));
}

const boxesOf = (figure, layer) => figure.querySelectorAll(`.overlay > ${ofLayer('boxes', layer)} > rect.box`);

// Says of each box of a figure what it is; those that are asked for stand out.
function markBoxes(figure, data, judged, isWanted) {
  const [truth, predictions] = data.layers;
  for (const [layer, said] of [[truth, judged.truth], [predictions, judged.predictions]]) {
    boxesOf(figure, layer).forEach((box, n) => {
      if (box.dataset.verdict !== said[n].verdict) box.dataset.verdict = said[n].verdict;
      box.toggleAttribute('data-picked', isWanted !== null && isWanted(said[n]));
    });
  }
}

// What tells the boxes that are asked for, or null.
function wantedBoxes(panel, wanted) {
  const table = panel.querySelector('table[data-unit="boxes"]');
  if (!wanted || !table) return null;
  const cellOf = cellsOf(table);
  return (said) => chosen.isBox(wanted, said, cellOf);
}

// What tells the images that are asked for.
function wantedImages(panel, data, judged, wanted) {
  const isWanted = wantedBoxes(panel, wanted);
  if (wanted.unit === 'pixels') {
    const table = panel.querySelector('table[data-unit="pixels"]');
    const cellOf = table ? cellsOf(table) : () => '';
    return (index) => (data.images[index]?.pixels ?? []).some(([truth, prediction]) => cellOf([truth, prediction]) === wanted.cell);
  }
  return (index) => {
    const said = judged.get(index);
    return Boolean(said && isWanted) && [...said.truth, ...said.predictions].some(isWanted);
  };
}

// Leaves only the images that are asked for.
function choose(section, panel, data, judged, wanted) {
  const figures = [...section.querySelectorAll('figure.image')];
  const isWanted = wantedImages(panel, data, judged, wanted);
  const others = figures.filter(({dataset}) => !isWanted(dataset.index));
  for (const figure of others) figure.remove();
  for (const group of section.querySelectorAll('.group')) if (!group.children.length) group.remove();
  const words = wanted.verdicts ? wanted.verdicts.map((one) => one.replace('_', ' ')).join(' or ') : 'of this cell';
  const note = make('p', {className: 'judged-chosen'}, `${figures.length - others.length} of ${figures.length} images: ${words} `);
  note.append(make('button', {type: 'button', className: 'plain', textContent: 'All images'}));
  panel.append(note);
}

// Says it all in new content, before it is sorted and put in place.
export function prepare(root) {
  for (const panel of panelsIn(root)) {
    const section = panel.closest('section.key');
    const data = dataOf(panel);
    const judged = judgedOf(data);
    const wanted = chosen.get(section.dataset.key);
    showPanel(panel, data, judged);
    mistakesOrder.addSince(section, panel);
    if (wanted) choose(section, panel, data, judged, wanted);
    section.toggleAttribute('data-picking', wanted !== null);
    markAll(section, panel, data, judged, wanted);
  }
}

function markAll(section, panel, data, judged, wanted) {
  const isWanted = wantedBoxes(panel, wanted);
  for (const figure of section.querySelectorAll('figure.image')) {
    const said = judged.get(figure.dataset.index);
    if (said) markBoxes(figure, data, said, isWanted);
  }
}

// The same in the page as it is.
function refresh() {
  for (const panel of panelsIn(document)) {
    const data = dataOf(panel);
    const judged = judgedOf(data);
    showPanel(panel, data, judged);
    markAll(panel.parentNode, panel, data, judged, null);
  }
  if (document.querySelector('dialog.full[open]')) content.changed(); // it shows a copy
}

function press(target) {
  const key = target.closest?.('section.key')?.dataset.key;
  const chip = target.closest?.('.verdicts > li');
  const cell = target.closest?.('td[data-cell] > [role=button]')?.parentNode;
  if (chip) chosen.toggleVerdict(key, chip.dataset.verdict);
  else if (cell) chosen.toggleCell(key, cell.closest('table').dataset.unit, cell.dataset.cell);
  else if (target.matches?.('.judged-chosen button')) settings.assign({judged: null, pages: {}});
  else return false;
  return true;
}

export function start() {
  mistakesOrder.start();
  document.addEventListener('click', ({target}) => press(target));
  document.addEventListener('keydown', (event) => {
    if ([' ', 'Enter'].includes(event.key) && event.target.closest?.('.judged [tabindex]') && press(event.target)) event.preventDefault();
  });
  settings.onChange((names) => {
    if (names.includes('judged') || (names.includes('minimums') && settings.get('judged'))) content.again();
    else if (names.includes('minimums')) refresh();
  });
}
