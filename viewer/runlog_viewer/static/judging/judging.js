// What is said of the judged images of a key, at the threshold that the reader sets by the slider of its score: verdicts of
// boxes, counts, the confusion, the curve; and the images that are asked for by them.

import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import {ofLayer} from '../core/layer_kinds.js';
import * as settings from '../core/settings.js';
import * as order from '../gallery/order.js';
import * as sort from '../gallery/sort.js';
import * as chosen from './chosen.js';
import {curve} from './curve.js';
import * as earlier from './earlier.js';
import * as judgingModel from './judging_model.js';

const parsed = new Map(); // key → {text, data}
const orders = {fp: 'false alarms', fn: 'boxes missed', errors: 'errors', worse: 'got worse since the previous step'};

function dataOf(panel) {
  const text = panel.dataset.judged;
  const {key} = panel.closest('section.key').dataset;
  if (parsed.get(key)?.text !== text) parsed.set(key, {text, data: JSON.parse(text)});
  return parsed.get(key).data;
}

function leastOf({score, least}) {
  const minimums = settings.get('minimums');
  return score !== null && Object.hasOwn(minimums, score) ? minimums[score] : Number(least);
}

// Every image, by its index, at the threshold.
function judgedOf(data) {
  const least = leastOf(data);
  return new Map(Object.entries(data.images).map(([index, image]) => [index, judgingModel.judge(image, least)]));
}

// The cell of a confusion that a pair of classes is counted in: classes that have no row of their own are one.
function cellsOf(table) {
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
function showPanel(panel, data, judged) {
  const {key} = panel.closest('section.key').dataset;
  const wanted = chosen.get(key);
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

// Cells with something in them open its pictures; how dark one is, is its share of its row.
function showCells(table, wanted) {
  const heads = [...table.tHead.rows[0].cells].slice(1).map((head) => head.textContent);
  for (const row of table.tBodies[0].rows) {
    const cells = [...row.cells].slice(1);
    const sum = cells.reduce((all, cell) => all + Number(cell.textContent), 0);
    cells.forEach((cell, n) => {
      const number = cell.firstChild;
      const count = Number(cell.textContent);
      cell.dataset.heat = count ? Math.ceil((4 * count) / sum) : 0;
      if (count) setSwitch(number, 'button', 'aria-pressed', wanted?.unit === table.dataset.unit && wanted.cell === cell.dataset.cell, `${row.cells[0].textContent} taken for ${heads[n]}: ${count}`);
      else for (const name of ['role', 'aria-pressed', 'aria-label', 'tabindex']) number.removeAttribute(name);
    });
  }
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

const panelsIn = (root) => root.querySelectorAll('section.key > .judged');

// Says it all in new content, before it is sorted and put in place.
export function prepare(root) {
  for (const panel of panelsIn(root)) {
    const section = panel.closest('section.key');
    const data = dataOf(panel);
    const judged = judgedOf(data);
    const wanted = chosen.get(section.dataset.key);
    showPanel(panel, data, judged);
    addSince(section, panel);
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

// Of an image: boxes invented, missed, and both; of masks, the share of pixels that are wrong. "worse" and "worse.STEP" are
// how many more there are than at an earlier step of the key, by default the previous one.
function numberOf(figure, name) {
  const section = figure.closest('section.key');
  const panel = section.querySelector(':scope > .judged');
  const image = panel && dataOf(panel).images[figure.dataset.index];
  if (!image) return NaN;
  const least = leastOf(dataOf(panel));
  if (!name.startsWith('worse')) return mistakesOf(image, least)[name] ?? NaN;
  const before = imageBefore(section.dataset.key, sinceOf(section, name), image, figure.dataset.index);
  return before ? mistakesOf(image, least).errors - mistakesOf(before, least).errors : NaN;
}

function mistakesOf(image, least) {
  if (!image.truth) return {errors: wrongPixels(image.pixels)};
  const {false_positive: fp, missed: fn} = judgingModel.countsOf([judgingModel.judge(image, least)]);
  return {fp, fn, errors: fp + fn};
}

const stepOf = (section) => Number(section.querySelector('figure.image').dataset.step);

// The step that an order compares with, undefined where there is none, or not yet.
function sinceOf(section, name) {
  const asked = name.split('.')[1];
  return asked === undefined ? earlier.stepsBefore(section.dataset.key, stepOf(section)).at(-1) : Number(asked);
}

// The same picture at an earlier step: by its id, else by its place in the list.
function imageBefore(key, step, {id}, index) {
  const images = step === undefined ? {} : earlier.judgedAt(key, step)?.images ?? {};
  return id === undefined ? images[index] : Object.values(images).find((one) => one.id === id);
}

// Lets the reader choose the step that the order compares with.
function addSince(section, panel) {
  const {kind, name} = order.parsed(settings.get('sort'));
  if (kind !== 'judged' || !name.startsWith('worse') || !section.querySelector('figure.image')) return;
  const steps = earlier.stepsBefore(section.dataset.key, stepOf(section));
  const since = sinceOf(section, name);
  const select = make('select', {className: 'since'}, ...steps.map((step) => new Option(`step ${step}`, String(step), step === since, step === since)));
  panel.append(make('label', {className: 'judged-since'}, 'Errors more than at ', steps.length ? select : 'an earlier step: there is none'));
}

function wrongPixels(pixels) {
  const sum = (those) => those.reduce((all, [, , count]) => all + count, 0);
  return sum(pixels.filter(([truth, prediction]) => truth !== prediction)) / sum(pixels);
}

function namesIn(root) {
  const panels = [...panelsIn(root)];
  if (!panels.length) return [];
  return panels.some((panel) => panel.querySelector('.verdicts')) ? Object.keys(orders) : ['errors', 'worse'];
}

const wordsOf = (name) => orders[name] ?? `got worse since step ${name.split('.')[1]}`;

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
  sort.addKind('judged', {words: wordsOf, valueOf: numberOf, names: namesIn});
  document.addEventListener('click', ({target}) => press(target));
  document.addEventListener('change', ({target}) => {
    if (target.matches?.('.judged select.since')) settings.assign({sort: `-judged.worse.${target.value}`, pages: {}});
  });
  document.addEventListener('keydown', (event) => {
    if ([' ', 'Enter'].includes(event.key) && event.target.closest?.('.judged [tabindex]') && press(event.target)) event.preventDefault();
  });
  settings.onChange((names) => {
    if (names.includes('judged') || (names.includes('minimums') && settings.get('judged'))) content.again();
    else if (names.includes('minimums')) refresh();
  });
}
