// What is said of the judged images of a key at a step, as its gallery has it, and the threshold that the reader sets by the
// slider of its score.

import * as settings from '../core/settings.js';

const mostParsed = 8; // texts: a page shows one key at several steps, or several keys at one
const parsed = new Map(); // text → data, the one used last at the end

export const panelsIn = (root) => root.querySelectorAll('.judged');
export const keyOf = (panel) => panel.closest('[data-key]').dataset.key;

// The panel of a key in the gallery of a step, null where none of its images was judged.
export const panelOf = (gallery, key) => gallery.querySelector(`section.key[data-key="${CSS.escape(key)}"] > .judged`);

export function dataOf(panel) {
  const text = panel.dataset.judged;
  const data = parsed.get(text) ?? JSON.parse(text);
  parsed.delete(text);
  parsed.set(text, data);
  if (parsed.size > mostParsed) parsed.delete(parsed.keys().next().value);
  return data;
}

export function leastOf({score, least}) {
  const minimums = settings.get('minimums');
  return score !== null && Object.hasOwn(minimums, score) ? minimums[score] : Number(least);
}
