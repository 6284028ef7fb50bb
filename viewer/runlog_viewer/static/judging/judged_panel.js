// What is said of all judged images of a key together: counts, precision and recall, the confusion, the curve; and what
// the reader asks for by its chips and cells.

import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import {verdictWords} from '../core/judged_words.js';
import * as settings from '../core/settings.js';
import * as chosen from './chosen.js';
import {curve} from './curve.js';
import {keyOf, leastOf, panelsIn} from './judged_data.js';
import * as judgingModel from './judging_model.js';

// The cell of a confusion that a pair of classes is counted in: classes that have no row of their own are one.
export function cellsOf(table) {
  const own = new Set([...table.querySelectorAll('tbody tr:first-child td')].map((cell) => cell.dataset.cell.split(' ')[1]));
  const placeOf = (id) => (id === null ? 'none' : own.has(String(id)) ? String(id) : 'other');
  return ([truth, prediction]) => `${placeOf(truth)} ${placeOf(prediction)}`;
}

const rounded = (share) => (Number.isNaN(share) ? '–' : String(Number(share.toPrecision(4))));
const setText = (element, text) => { if (element.textContent !== text) element.textContent = text; };

function setSwitch(element, role, attribute, isOn, label) {
  element.setAttribute('role', role);
  element.setAttribute(attribute, isOn);
  element.tabIndex = 0;
  if (label) element.setAttribute('aria-label', label);
}

// Shows what is said of all images of a key together.
export function showPanel(panel, data, judged) {
  const wanted = chosen.get(keyOf(panel));
  const boxes = panel.querySelector('table[data-unit="boxes"]');
  if (boxes) {
    const counts = judgingModel.countsOf(judged.values());
    const {true_positive: found, false_positive: wrong, missed} = counts;
    const [precision, recall] = [judgingModel.shareOf(found, wrong, missed), judgingModel.shareOf(found, missed, wrong)];
    setText(panel.querySelector('.threshold'), `${data.score ?? 'score'} ≥ ${Number(leastOf(data).toPrecision(4))}`);
    setText(panel.querySelector('.precision'), rounded(precision));
    setText(panel.querySelector('.recall'), rounded(recall));
    for (const chip of panel.querySelectorAll('.verdicts > li')) {
      const {verdict} = chip.dataset;
      setText(chip.querySelector('.count'), String(counts[verdict]));
      setSwitch(chip, 'checkbox', 'aria-checked', Boolean(wanted?.verdicts?.includes(verdict)));
    }
    panel.querySelector('.verdicts').setAttribute('role', 'group');
    countCells(boxes, judged);
    const drawn = curve(judgingModel.curveOf(Object.values(data.images)), {precision, recall});
    const before = boxes.closest('details').querySelector('.curve');
    if (before) before.replaceWith(drawn);
    else boxes.parentNode.after(drawn);
  }
  for (const table of panel.querySelectorAll('table')) showCells(table, wanted);
}

function countCells(table, judged) {
  const cellOf = cellsOf(table);
  const counts = new Map();
  for (const [pair, count] of judgingModel.confusionOf(judged.values())) {
    const cell = cellOf(JSON.parse(pair));
    counts.set(cell, (counts.get(cell) ?? 0) + count);
  }
  for (const td of table.querySelectorAll('td[data-cell]')) setText(td.firstChild, String(counts.get(td.dataset.cell) ?? ''));
}

// The classes of a cell in words.
function takenFor(td) {
  const heads = td.closest('table').tHead.rows[0].cells;
  return `${td.parentNode.cells[0].textContent} taken for ${heads[td.cellIndex].textContent}`;
}

// Cells with something in them open its pictures; how dark one is, is its share of its row.
function showCells(table, wanted) {
  for (const row of table.tBodies[0].rows) {
    const cells = [...row.cells].slice(1);
    const sum = cells.reduce((all, cell) => all + Number(cell.textContent), 0);
    for (const cell of cells) {
      const number = cell.firstChild;
      const count = Number(cell.textContent);
      cell.dataset.heat = count ? Math.ceil((4 * count) / sum) : 0;
      if (count) setSwitch(number, 'button', 'aria-pressed', wanted?.unit === table.dataset.unit && wanted.cell === cell.dataset.cell, `${takenFor(cell)}: ${count}`);
      else for (const name of ['role', 'aria-pressed', 'aria-label', 'tabindex']) number.removeAttribute(name);
    }
  }
}

function wordsOf(panel, {verdicts, unit, cell}) {
  if (verdicts) return verdicts.map((one) => verdictWords[one]).join(' or ');
  const td = panel.querySelector(`table[data-unit="${unit}"] td[data-cell="${cell}"]`);
  return td ? takenFor(td) : 'of a cell that is not here';
}

// Says how many images those are that are asked for, and lets the reader have all again.
export function noteChosen(panel, wanted, count, all) {
  const words = wordsOf(panel, wanted);
  const note = make('p', {className: 'judged-chosen'}, `${count} of ${all} images: ${words} `);
  note.append(make('button', {type: 'button', className: 'plain', textContent: 'All images'}));
  panel.append(note);
}

function press(target) {
  const panel = target.closest?.('.judged');
  if (!panel) return false;
  const chip = target.closest('.verdicts > li');
  const cell = target.closest('td[data-cell] > [role=button]')?.parentNode;
  if (chip) chosen.toggleVerdict(keyOf(panel), chip.dataset.verdict);
  else if (cell) chosen.toggleCell(keyOf(panel), cell.closest('table').dataset.unit, cell.dataset.cell);
  else if (target.matches('.judged-chosen button')) chosen.clear();
  else return false;
  return true;
}

let opened = null; // what was asked for when a confusion was opened for it

// A link to the pictures of a cell shows the cell.
function openChosen() {
  const wanted = settings.get('judged');
  if (!wanted?.cell || opened === wanted) return;
  const panel = [...panelsIn(document)].find((one) => keyOf(one) === wanted.key);
  const details = panel?.querySelector(`table[data-unit="${wanted.unit}"]`)?.closest('details');
  if (!details) return;
  opened = wanted;
  details.open = true;
}

export function start() {
  content.onChange(openChosen);
  document.addEventListener('click', ({target}) => press(target));
  document.addEventListener('keydown', (event) => {
    if ([' ', 'Enter'].includes(event.key) && event.target.closest?.('.judged [tabindex]') && press(event.target)) event.preventDefault();
  });
}
