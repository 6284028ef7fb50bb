// The order of judged images by their mistakes, or by how many more these are than at an earlier step.

import {make} from '../core/dom.js';
import {orderWords} from '../core/judged_words.js';
import * as settings from '../core/settings.js';
import * as order from '../gallery/order.js';
import * as earlier from './earlier.js';
import {dataOf, keyOf, leastOf, panelsIn} from './judged_data.js';
import {imageAmong, mistakes} from './judging_model.js';

// The step that an order compares with, undefined where there is none, or not yet.
function sinceOf(key, step, name) {
  const asked = name.split('.')[1];
  return asked === undefined ? earlier.stepsBefore(key, step).at(-1) : Number(asked);
}

// The number of a judged image of a key at a step, of what was said of that in `data`; "worse" and "worse.STEP" are how many more
// errors there are than at an earlier step of the key, by default the previous one.
export function numberOf(key, step, data, index, name) {
  const image = data.images[index];
  if (!image) return NaN;
  const least = leastOf(data);
  if (!name.startsWith('worse')) return mistakes(name, image, null, least);
  const since = sinceOf(key, step, name);
  const before = since === undefined ? null : earlier.judgedAt(key, since);
  return mistakes(name, image, imageAmong(before?.images ?? {}, image, index), least);
}

function numberOfFigure(figure, name) {
  const panel = figure.closest('section.key').querySelector(':scope > .judged');
  const {key, step, index} = figure.dataset;
  return panel ? numberOf(key, Number(step), dataOf(panel), index, name) : NaN;
}

// Which orders there are for what a panel says, by their names.
export const namesFor = (panel) => (panel.querySelector('.verdicts') ? Object.keys(orderWords) : ['errors', 'worse']);
export const wordsOf = (name) => orderWords[name] ?? `got worse since step ${name.split('.')[1]}`;

// What the setting asks for, with its name; null where it is another order.
export function asked() {
  const found = order.parsed(settings.get('sort'));
  return found.kind === 'judged' && found.name ? found : null;
}

export const choose = (name) => settings.assign({sort: name && `-judged.${name}`, pages: {}});

// Lets the reader choose the step that the order compares with.
export function addSince(panel, step) {
  const {name} = asked() ?? {};
  if (!name?.startsWith('worse')) return;
  const steps = earlier.stepsBefore(keyOf(panel), step);
  const since = sinceOf(keyOf(panel), step, name);
  const select = make('select', {className: 'since'}, ...steps.map((one) => new Option(`step ${one}`, String(one), one === since, one === since)));
  panel.append(make('label', {className: 'judged-since'}, 'Errors more than at ', steps.length ? select : 'an earlier step: there is none'));
}

function namesIn(root) {
  const names = [...panelsIn(root)].map(namesFor);
  return names.sort((a, b) => b.length - a.length)[0] ?? [];
}

export function start() {
  document.addEventListener('change', ({target}) => {
    if (target.matches?.('.judged select.since')) choose(`worse.${target.value}`);
  });
}

// For the order of images of a gallery, as gallery/sort.js takes it.
export const ofGallery = {words: wordsOf, valueOf: numberOfFigure, names: namesIn};
