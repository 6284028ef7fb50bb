// What a legend says of how many there are of a class: of boxes, those that the least scores leave.

import * as content from '../core/content.js';
import {layerKinds} from '../core/layer_kinds.js';
import * as settings from '../core/settings.js';
import {isBelow} from './box_scores.js';

let taken = []; // the boxes that may be hidden of the content that was taken last, with all its pages

// An entry's `.count` has how many there are of each kind, nothing where nobody knows; `below` how many are hidden.
export function write(shown, below = {}) {
  const counts = [];
  const words = [];
  for (const [kind, one] of layerKinds()) {
    const all = Number(shown.dataset[kind]);
    const count = all - (below[kind] ?? 0);
    if (shown.dataset[kind] === '') words.push(`${kind} not counted`);
    if (!all) continue;
    counts.push(count.toLocaleString('en'));
    words.push(`${count < all ? `${counts.at(-1)} of ` : ''}${all.toLocaleString('en')} ${all === 1 ? one : kind}`);
  }
  shown.textContent = counts[0] ?? '';
  for (const name of ['title', 'aria-label']) shown.setAttribute(name, words.join(', '));
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
