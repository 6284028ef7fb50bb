// The order of judged images by their mistakes, or by how many more these are than at an earlier step.

import {make} from '../core/dom.js';
import * as settings from '../core/settings.js';
import * as order from '../gallery/order.js';
import * as sort from '../gallery/sort.js';
import * as earlier from './earlier.js';
import {dataOf, leastOf, panelsIn} from './judged_data.js';
import {mistakesOf} from './judging_model.js';

const orders = {fp: 'false alarms', fn: 'boxes missed', errors: 'errors', worse: 'got worse since the previous step'};

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

// What `mistakesOf` gives of an image; "worse" and "worse.STEP" are how many more there are than at an earlier step of the key,
// by default the previous one.
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

// Lets the reader choose the step that the order compares with.
export function addSince(section, panel) {
  const {kind, name} = order.parsed(settings.get('sort'));
  if (kind !== 'judged' || !name.startsWith('worse') || !section.querySelector('figure.image')) return;
  const steps = earlier.stepsBefore(section.dataset.key, stepOf(section));
  const since = sinceOf(section, name);
  const select = make('select', {className: 'since'}, ...steps.map((step) => new Option(`step ${step}`, String(step), step === since, step === since)));
  panel.append(make('label', {className: 'judged-since'}, 'Errors more than at ', steps.length ? select : 'an earlier step: there is none'));
}

function namesIn(root) {
  const panels = [...panelsIn(root)];
  if (!panels.length) return [];
  return panels.some((panel) => panel.querySelector('.verdicts')) ? Object.keys(orders) : ['errors', 'worse'];
}

const wordsOf = (name) => orders[name] ?? `got worse since step ${name.split('.')[1]}`;

export function start() {
  sort.addKind('judged', {words: wordsOf, valueOf: numberOf, names: namesIn});
  document.addEventListener('change', ({target}) => {
    if (target.matches?.('.judged select.since')) settings.assign({sort: `-judged.worse.${target.value}`, pages: {}});
  });
}
