// What is written at a box, and by what score that is taken. As in pages/box_tags.py, where it is told.

import {number} from '../core/numbers.js';

const longScore = 1000;

const shortScore = (score) => (Math.abs(score) < longScore ? score.toFixed(2) : number(score));

// What the page says, else its caption, else its class and its first score; `scores` are by name.
/** @param {{tag?: string, caption?: string, label: string, id: string, scores: Map<string, number>}} box */
export function textOf({tag, caption, label, id, scores}) {
  const [score] = scores.values();
  return tag ?? (caption || [id && label, score === undefined ? '' : shortScore(score)].filter(Boolean).join(' '));
}

// The first; less than any where there is none, or one that is no number.
/** @param {Map<string, number>} scores */
export function scoreOf(scores) {
  const [score = NaN] = scores.values();
  return Number.isNaN(score) ? -Infinity : score;
}
