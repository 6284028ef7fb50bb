import assert from 'node:assert/strict';
import {test} from 'node:test';

import * as scoreRanges from '../../viewer/runlog_viewer/static/data/score_ranges.js';
import * as series from '../../viewer/runlog_viewer/static/data/series.js';
import {countUpTo} from '../../viewer/runlog_viewer/static/data/steps.js';

const floats = (...values) => Buffer.from(new Float64Array(values).buffer).toString('base64');
const loss = series.read(['loss', 'name', 4, 1, 0, 0, [0, 5], [0, 50], 1, [[1, 5], [4, 0]], ['epoch', 1, 0, 2]], '');
series.takeHead(loss, [0, [[0, 1, 1, 3], [0, 10000, 10000, 30000], floats(0, 0.5, NaN, 2), floats(4, 3, NaN, 1)], [[], [], floats(), floats()]]);
const all = (of, across) => series.points(of, across, {low: of.ends[across][0], high: of.ends[across][1], width: 300}).points;

test('steps up to one are counted, also between and beyond them', () => {
  const steps = [1, 4, 9];
  assert.deepEqual([0, 1, 3, 4, 8, 9, 100].map((step) => countUpTo(steps, step)), [0, 1, 1, 2, 2, 3, 3]);
  assert.equal(countUpTo([], 3), 0);
});

test('points stand at their step, their time or their step metric, and those without a place are left out', () => {
  const places = (across) => all(loss, across).map(({x}) => x);
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
  const points = all(loss, 'step');
  assert.deepEqual([-1, 0.4, 0.6, 3, 9].map((x) => series.nearest(points, x)), [0, 0, 1, 2, 3]);
  assert.equal(series.nearestStep(points, 4), 3);
});

test('a point and a series are put in words', () => {
  const [point] = all(loss, 'own');
  assert.equal(series.words(point, 'own', 'epoch'), '4 at epoch 0, step 0, 0');
  assert.deepEqual(series.warnings([loss], 'own'), ['1 without epoch', '1 not finite']);
  assert.equal(series.about(loss), '4 values · lowest 1 at step 5 · highest 4 at step 0');
  assert.equal(series.about({count: 1, extremes: null}), 'no finite value');
});

test('of several points in a pixel, the mean is put in words with their extremes, and what is smoothed alone', () => {
  const one = {count: 8, value: 0.5, low: 0.25, high: 1.125, smooth: undefined};
  assert.equal(series.valueWords(one), '0.5 (0.25 … 1.125)');
  assert.equal(series.valueWords({...one, smooth: 0.75}), '0.75');
  assert.equal(series.valueWords({...one, low: 0.5, high: 0.5}), '0.5');
});

test('between its points, a line has the height that is drawn there', () => {
  const line = [{x: 0, value: 4}, {x: 10, value: 8}];
  assert.deepEqual([-1, 0, 2.5, 9, 10, 11].map((x) => series.heightAt(line, x)), [4, 4, 5, 7.6, 8, 8]);
  assert.ok(Number.isNaN(series.heightAt([], 1)));
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

test('finer buckets are wanted where those that are here stand farther apart than a line is wide', () => {
  const long = series.read(['loss', 'name', 1024, 1, 0, 0, [0, 1023], [0, 1023], 0, [[0, 0], [0, 0]], null], '');
  const zeros = floats(...Array.from({length: 128}, () => 0));
  series.takeHead(long, [1, [[0, 8], [0, 8000], null, zeros, zeros, zeros, Array.from({length: 128}, () => 0)], [[], [], null, floats()]]);
  const wanted = (width) => series.points(long, 'step', {low: 0, high: 1023, width}).wanted;
  assert.deepEqual(wanted(223), []);
  assert.deepEqual(wanted(225), [[0, 0]]);
});
