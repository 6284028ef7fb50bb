import assert from 'node:assert/strict';
import {test} from 'node:test';

import {binAt, binWords, edgesOf, placeOf, stepAt} from '../../viewer/runlog_viewer/static/charts/histogram_model.js';

test('a place of a heat map is that of the last step at or before it', () => {
  const steps = [10, 20, 50];
  const at = (part) => stepAt(steps, part, 10, 80);
  assert.deepEqual([0, 0.1, 1 / 7, 0.5, 4 / 7, 1].map(at), [10, 10, 20, 20, 50, 50]);
  assert.equal(stepAt([7], 0.9, 7, 8), 7);
  assert.equal(stepAt([], 0.5, 0, 1), undefined);
});

test('the column of a step ends where that of the next one begins', () => {
  const steps = [10, 20, 50];
  assert.deepEqual(steps.map((step) => placeOf(steps, step, 10, 80)), [5 / 70, 25 / 70, 55 / 70]);
  for (const step of steps) assert.equal(stepAt(steps, placeOf(steps, step, 10, 80), 10, 80), step);
});

test('two edges stand for those of bins of equal width, and of one bin for themselves', () => {
  assert.deepEqual(edgesOf({edges: [0, 1], counts: [1, 2, 3, 4]}), [0, 0.25, 0.5, 0.75, 1]);
  assert.deepEqual(edgesOf({edges: [0, 1], counts: [1]}), [0, 1]);
  assert.deepEqual(edgesOf({edges: [0, 1, 10], counts: [1, 2]}), [0, 1, 10]);
  assert.equal(edgesOf({edges: [-1.5e308, 1.5e308], counts: [1, 2]})[1], 0);
});

test('a bin holds its left edge, the last one its right edge, too', () => {
  const edges = [0, 1, 10];
  assert.deepEqual([0, 0.05, 0.1, 0.5, 1].map((part) => binAt(edges, part)), [0, 0, 1, 1, 1]);
});

test('a bin is said with its count and edges', () => {
  const bins = {edges: [0, 1], counts: [3, 0.5]};
  assert.equal(binWords(bins, 0), '3 from 0 to below 0.5');
  assert.equal(binWords(bins, 1), '0.5 from 0.5 to 1');
});
