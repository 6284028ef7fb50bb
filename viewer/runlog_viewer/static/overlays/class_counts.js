// What a legend says of how many there are of a class: of boxes, those that the layers and the least scores leave.

import * as content from '../core/content.js';
import {layerKinds} from '../core/layer_kinds.js';
import * as settings from '../core/settings.js';
import {isBelow} from './box_scores.js';
import {areHidden, decideBoxes, isLayerOn} from './shown_boxes.js';

let taken = []; // what is in the layers of the content that was taken last, with all its pages

// An entry's `.count` has how many there are of each kind, nothing where nobody knows; `out` how many are hidden.
function write(shown, out = {}) {
  const counts = [];
  const words = [];
  for (const [kind, one] of layerKinds()) {
    const all = Number(shown.dataset[kind]);
    const count = all - (out[kind] ?? 0);
    if (shown.dataset[kind] === '') words.push(`${kind} not counted`);
    if (!all) continue;
    counts.push(count);
    words.push(`${count < all ? `${count.toLocaleString('en')} of ` : ''}${all.toLocaleString('en')} ${all === 1 ? one : kind}`);
  }
  shown.textContent = counts[0] ?? '';
  for (const name of ['title', 'aria-label']) shown.setAttribute(name, words.join(', '));
}

// What a section of another gallery has, whose entry is new here or not; what was not counted once stays so.
export function add(shown, section, isNew) {
  const ofClass = `[data-class="${CSS.escape(shown.parentNode.dataset.class)}"]`;
  for (const [kind] of layerKinds()) {
    if (isNew) shown.dataset[kind] = '0';
    // which classes a mask holds nobody knows here
    const isKnown = shown.dataset[kind] !== '' && !section.querySelector(`.mask[data-kind="${kind}"]`);
    const count = section.querySelectorAll(`.overlay [data-kind="${kind}"] > ${ofClass}`).length;
    shown.dataset[kind] = isKnown ? String(Number(shown.dataset[kind]) + count) : '';
  }
  write(shown);
}

// By class, then by kind. Whether a class is on says nothing of how many there are of it.
function hidden() {
  const found = {};
  for (const shape of areHidden() ? taken : []) {
    if (!isBelow(shape, settings.get('minimums')) && isLayerOn(shape)) continue;
    const out = found[shape.dataset.class] ??= {};
    const {kind} = shape.parentNode.dataset;
    out[kind] = (out[kind] ?? 0) + 1;
  }
  return found;
}

function show(root) {
  const out = hidden();
  for (const entry of root.querySelectorAll('.gallery .legend > li[data-class]')) write(entry.querySelector('.count'), out[entry.dataset.class]);
}

export function start() {
  content.onTake((root) => {
    taken = [...root.querySelectorAll('.overlay > .layer > [data-class]')];
    if (areHidden()) show(root);
  });
  settings.onChange((names) => decideBoxes(names) && show(document));
}
