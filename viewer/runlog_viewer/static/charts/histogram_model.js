// What is read off histograms: which step of a heat map a place stands for, and which bin of the bars.

import {number} from '../core/numbers.js';
import {countUpTo} from '../data/steps.js';

// The step at a place of 0 … 1 from `start` to `end`: the last at or before it.
export function stepAt(steps, part, start, end) {
  return steps[Math.max(0, countUpTo(steps, start + part * (end - start)) - 1)];
}

// The middle of the column of a step, in 0 … 1.
export function placeOf(steps, step, start, end) {
  const next = steps[countUpTo(steps, step)] ?? end;
  return ((step + next) / 2 - start) / (end - start);
}

// The edges of all bins: two stand for those of bins of equal width.
export function edgesOf({edges, counts}) {
  if (edges.length !== 2) return edges;
  const [low, high] = edges;
  return Array.from({length: counts.length + 1}, (_, n) => low * (1 - n / counts.length) + high * (n / counts.length));
}

// The place of the bin at a place of 0 … 1 from the first edge to the last.
export function binAt(edges, part) {
  const value = edges[0] * (1 - part) + edges.at(-1) * part;
  return Math.min(edges.length - 2, Math.max(0, countUpTo(edges, value) - 1));
}

export function binWords(bins, place) {
  const edges = edgesOf(bins);
  const isLast = place === edges.length - 2;
  return `${number(bins.counts[place], 6)} from ${number(edges[place], 6)} to ${isLast ? '' : 'below '}${number(edges[place + 1], 6)}`;
}
