import assert from 'node:assert/strict';
import {test} from 'node:test';

import * as axes from '../../viewer/runlog_viewer/static/charts/axes.js';

const labels = ({ticks}) => ticks.map(([, label]) => label).join(' ');

test('a log axis has all decades, or numbers between them, or every so many', () => {
  for (const [low, high, wanted] of [
    [1e-5, 5e-2, '1e-5 1e-4 0.001 0.01'],
    [0.01, 1, '0.01 0.02 0.05 0.1 0.2 0.5 1'],
    [0.002, 1, '0.003 0.01 0.03 0.1 0.3 1'],
    [3, 40, '5 10 20'],
    [0.3, 0.99, '0.4 0.6 0.8'],
    [1e-9, 1e2, '1e-8 1e-6 1e-4 0.01 1 100'],
    [4, 4, '4'],
    [1e3, 3e8, '1000 10k 100k 1M 10M 100M'],
    [124439000, 124439808, '+0 +250 +500 +750'],
  ]) assert.equal(labels(axes.logarithmic(low, high, 6)), wanted);
});

test('an axis of time has round times', () => {
  for (const [high, wanted] of [
    [0.05, '0 0.025 s 0.050 s'],
    [3, '0 1 s 2 s 3 s'],
    [100, '0 30 s 1 min 1 min 30 s'],
    [7200, '0 1 h 2 h'],
    [86400 * 12, '0 5 d 10 d'],
  ]) assert.equal(labels(axes.times(0, high, 6)), wanted);
});

test('times that two units cannot tell apart are what is added to an offset', () => {
  for (const [low, high, offset, wanted] of [
    [7500, 7504, '2 h 5 min', '+0 +2 s +4 s'],
    [7262, 7263, '2 h 1 min 2 s', '+0 +0.5 s +1.0 s'],
    [7, 8, '', '7.0 s 7.5 s 8.0 s'],
  ]) {
    const axis = axes.times(low, high, 6);
    assert.deepEqual([axis.offset, labels(axis)], [offset, wanted]);
  }
});

// The number that a label and its offset stand for.
const powers = {k: 'e3', M: 'e6', G: 'e9', T: 'e12'};
const meant = (...words) => words.filter(Boolean).map((word) => Number(word.replace(/[kMGT]/, (unit) => powers[unit]))).reduce((a, b) => a + b);

test('whatever the range, labels of a log axis are short, differ and say what they stand at', () => {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647; // Park and Miller
  for (let n = 0; n < 3000; n += 1) {
    const high = 10 ** (-12 + 27 * random());
    const low = n % 2 ? high * 10 ** (-25 * random()) : high * (1 - 10 ** (-6 + 6 * random()));
    for (const most of [3, 6, 8]) {
      const {at, ticks, offset} = axes.logarithmic(low, high, most);
      const words = JSON.stringify([low, high, offset, ticks]);
      assert.ok(ticks.length >= 2 && ticks.length <= most + 2, words);
      assert.equal(new Set(ticks.map(([, label]) => label)).size, ticks.length, words);
      for (const [value, label] of ticks) {
        assert.ok(label.length <= 10, words);
        assert.ok(Math.abs(meant(offset, label) - value) <= 1e-5 * (high - low) + 1e-12 * value, words);
        assert.ok(at(value) > -1e-6 && at(value) < 1 + 1e-6, words);
      }
    }
  }
});

test('the place of a value leads back to it', () => {
  for (const axis of [axes.linear(-3, 12, 6), axes.steps(0, 1200, 6), axes.times(0, 60, 6), axes.logarithmic(0.01, 100, 6)]) {
    for (const part of [0, 0.25, 0.5, 1]) assert.ok(Math.abs(axis.at(axis.back(part)) - part) < 1e-12);
  }
});

test('what is not above 0 has no place on a log axis', () => {
  const {at} = axes.logarithmic(0.1, 10, 6);
  assert.ok(Math.abs(at(1) - 0.5) < 1e-12);
  assert.ok(Number.isNaN(at(0)) && Number.isNaN(at(-1)));
});
