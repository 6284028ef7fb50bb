// What a legend says of how many there are of a class: of boxes, those that the least scores leave.

import * as content from '../core/content.js';
import {layerKinds} from '../core/layer_kinds.js';
import * as settings from '../core/settings.js';
import {isBelow} from './box_scores.js';

let taken = []; // the boxes that may be hidden of the content that was taken last, with all its pages

// An entry's `.count` has how many there are of each kind, nothing where nobody knows; `below` how many are hidden.
function write(shown, below = {}) {
  const counts = [];
  const words = [];
  for (const [kind, one] of layerKinds()) {
    const all = Number(shown.dataset[kind]);
    const count = all - (below[kind] ?? 0);
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

// By class, then by kind.
function hidden() {
  const found = {};
  const minimums = settings.get('minimums');
  for (const box of taken) {
    if (!isBelow(box, minimums)) continue;
    const below = found[box.dataset.class] ??= {};
    const {kind} = box.parentNode.dataset;
    below[kind] = (below[kind] ?? 0) + 1;
  }
  return found;
}

function show(root) {
  const below = hidden();
  for (const entry of root.querySelectorAll('.gallery .legend > li[data-class]')) write(entry.querySelector('.count'), below[entry.dataset.class]);
}

export function start() {
  content.onTake((root) => {
    taken = [...root.querySelectorAll('rect.box[data-scores]')];
    if (Object.keys(settings.get('minimums')).length) show(root);
  });
  settings.onChange((names) => names.includes('minimums') && show(document));
}
