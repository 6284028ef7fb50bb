// Boxes by their scores: for each score of the run a slider over its range, at every step, so that nothing moves
// while the steps change. Boxes below it are hidden; those without that score stay.

import * as content from '../core/content.js';
import {byId, make} from '../core/dom.js';
import * as settings from '../core/settings.js';
import * as scoreRanges from '../data/score_ranges.js';
import {scoresOf} from './box_scores.js';
import {decideBoxes, isOn} from './shown_boxes.js';

let taken = new Map(); // of each score, {box, value} of the content that was taken last
let scores = new Map(); // of those that a slider counts

// A score may have any name, also one that every object has a property of.
function leastOf(name) {
  const minimums = settings.get('minimums');
  return Object.hasOwn(minimums, name) ? minimums[name] : undefined;
}

// Of each score, the boxes in some part of a page that have it, with its value.
function valuesIn(root) {
  const found = new Map();
  for (const box of root.querySelectorAll('rect.box[data-scores]')) {
    for (const [name, value] of scoresOf(box)) {
      if (!found.has(name)) found.set(name, []);
      found.get(name).push({box, value});
    }
  }
  return found;
}

function learn(found) {
  for (const name of Object.keys(settings.get('minimums'))) scoreRanges.widen(name, []);
  for (const [name, boxes] of found) scoreRanges.widen(name, boxes.map(({value}) => value));
}

// A hundredth of the range or a little less, and a round number.
/** @param {number[]} range */
function stepOf([low, high]) {
  return high > low ? 10 ** Math.floor(Math.log10((high - low) / 50)) : 1;
}

function rounded(value, step) {
  return Number(value.toFixed(Math.max(0, -Math.round(Math.log10(step)))));
}

function slider(name) {
  const input = make('input', {type: 'range'});
  input.dataset.score = name;
  return make('label', {className: 'slider score'}, make('bdi', {textContent: name}), input, make('output'));
}

const isWide = ([low, high]) => high > low;
const canFilter = (name) => leastOf(name) !== undefined || isWide(scoreRanges.rangeOf(name));

function addSliders(root) {
  const overlays = root.querySelector('.overlays');
  const names = scoreRanges.names().filter(canFilter).sort();
  let group = root.querySelector('.scores');
  if (!overlays || (!group && !names.length)) return;
  if (!group) {
    group = make('div', {className: 'scores'});
    group.setAttribute('role', 'group');
    group.setAttribute('aria-label', 'Least scores');
    overlays.append(group);
  }
  const known = [...group.querySelectorAll('input')].map((input) => input.dataset.score);
  if (known.join() !== names.join()) group.replaceChildren(...names.map(slider));
}

function showSlider(input) {
  const name = input.dataset.score;
  const stage = input.closest('dialog')?.querySelector('.full-stage'); // in full view only what is seen there counts
  const values = ((stage ? valuesIn(stage) : scores).get(name) ?? []).filter(({box}) => isOn(box)).map(({value}) => value);
  const least = leastOf(name);
  const [low, high] = scoreRanges.rangeOf(name);
  const range = [Math.min(low, least ?? Infinity), Math.max(high, least ?? -Infinity)];
  const step = stepOf(range);
  const [min, max] = [rounded(Math.floor(range[0] / step) * step, step), rounded(Math.ceil(range[1] / step) * step, step)];
  Object.assign(input, {min, max, step, value: least ?? min});
  const count = values.filter((value) => least === undefined || value >= least).length;
  const all = boxes(values.length);
  const isAll = least === undefined || !values.length;
  const words = `${least === undefined ? 'any' : `≥ ${least}`} · ${isAll ? all : `${count.toLocaleString('en')} of ${all}`}`;
  input.parentNode.querySelector('output').textContent = words;
  input.setAttribute('aria-valuetext', words);
}

const boxes = (count) => `${count === 0 ? 'no' : count.toLocaleString('en')} ${count === 1 ? 'box' : 'boxes'}`;

export function showSliders() {
  for (const input of document.querySelectorAll('.scores input')) showSlider(input);
}

export function start() {
  document.addEventListener('input', ({target}) => {
    const name = target.dataset?.score;
    if (name === undefined) return;
    const {[name]: _, ...others} = settings.get('minimums');
    const least = rounded(Number(target.value), Number(target.step));
    settings.set('minimums', least > Number(target.min) ? {...others, [name]: least} : others);
  });
  content.onTake((root) => {
    taken = valuesIn(root);
    learn(taken);
    addSliders(root);
  });
  // A gallery is counted with all its pages, as it was taken; what a page puts together piece by piece is counted there.
  content.onChange(() => {
    const main = byId('content');
    const isGallery = main.querySelector('.gallery') !== null;
    scores = isGallery ? taken : valuesIn(main);
    if (!isGallery) {
      learn(scores);
      addSliders(main);
    }
    showSliders();
  });
  settings.onChange((names) => decideBoxes(names) && showSliders());
  scoreRanges.onTake(() => {
    addSliders(byId('content'));
    showSliders();
  });
}
