import assert from 'node:assert/strict';
import {test} from 'node:test';

import * as scoreRanges from '../../viewer/runlog_viewer/static/data/score_ranges.js';
import * as series from '../../viewer/runlog_viewer/static/data/series.js';
import {countUpTo} from '../../viewer/runlog_viewer/static/data/steps.js';

const loss = series.read(['loss', 4, 1, [0, 1, 2, 5], [4, 3, NaN, 1], [0, 10, 20, 50], [], [], ['epoch', [0, 0.5, null, 2], [], 1]]);

test('steps up to one are counted, also between and beyond them', () => {
  const steps = [1, 4, 9];
  assert.deepEqual([0, 1, 3, 4, 8, 9, 100].map((step) => countUpTo(steps, step)), [0, 1, 1, 2, 2, 3, 3]);
  assert.equal(countUpTo([], 3), 0);
});

test('points stand at their step, their time or their step metric, and those without a place are left out', () => {
  const places = (across) => series.points(loss, across).map(({x}) => x);
  assert.deepEqual(places('step'), [0, 1, 2, 5]);
  assert.deepEqual(places('time'), [0, 10, 20, 50]);
  assert.deepEqual(places('own'), [0, 0.5, 2]);
  assert.equal(series.acrossOf(loss, 'own'), 'own');
  assert.equal(series.acrossOf({along: null}, 'own'), 'step');
});

test('a moving average starts at the first value and passes over gaps', () => {
  const found = series.smoothed(loss, 'step', {weight: 0.5, isLog: false});
  assert.deepEqual(found, [{x: 0, value: 4}, {x: 1, value: 3.5}, {x: 5, value: 2.25}]);
  assert.equal(series.smoothed(loss, 'step', {weight: 0, isLog: true}).length, 3);
});

test('the nearest point is found by place and by step', () => {
  const points = series.points(loss, 'step');
  assert.deepEqual([-1, 0.4, 0.6, 3, 9].map((x) => series.nearest(points, x)), [0, 0, 1, 2, 3]);
  assert.equal(series.nearestStep(points, 4), 3);
});

test('a point and a series are put in words', () => {
  const [point] = series.points(loss, 'own');
  assert.equal(series.words(point, 'own', 'epoch'), '4 at epoch 0, step 0, 0');
  assert.deepEqual(series.warnings([loss], 'own'), ['1 without epoch', '1 not finite']);
  assert.equal(series.about(loss), '4 values · lowest 1 at step 5 · highest 4 at step 0');
  assert.equal(series.about({count: 1, steps: [0], values: [NaN]}), 'no finite value');
});

test('a range of scores holds what is finite, of all runs that are read', () => {
  scoreRanges.widen('mAP@50', [0.5, NaN, Infinity, 0.25]);
  let told = 0;
  scoreRanges.onTake(() => { told += 1; });
  scoreRanges.take([['mAP@50', 0.1, 0.9], ['IoU', 0, 1]]);
  assert.deepEqual(scoreRanges.rangeOf('mAP@50'), [0.1, 0.9]);
  assert.deepEqual(scoreRanges.names(), ['mAP@50', 'IoU']);
  assert.equal(told, 1);
});
