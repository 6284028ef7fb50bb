// What is said of the judged images of a key, as the page has it, and the threshold that the reader sets by the slider of its
// score.

import * as settings from '../core/settings.js';

const parsed = new Map(); // key → {text, data}

export const panelsIn = (root) => root.querySelectorAll('section.key > .judged');

export function dataOf(panel) {
  const text = panel.dataset.judged;
  const {key} = panel.closest('section.key').dataset;
  if (parsed.get(key)?.text !== text) parsed.set(key, {text, data: JSON.parse(text)});
  return parsed.get(key).data;
}

export function leastOf({score, least}) {
  const minimums = settings.get('minimums');
  return score !== null && Object.hasOwn(minimums, score) ? minimums[score] : Number(least);
}
