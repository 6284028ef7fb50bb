import assert from 'node:assert/strict';
import {test} from 'node:test';

import * as axes from '../../viewer/runlog_viewer/static/charts/axes.js';

const labels = ({ticks}) => ticks.map(([, label]) => label).join(' ');

test('a log axis has all decades, or numbers between them, or every so many', () => {
  for (const [low, high, wanted] of [
    [1e-5, 5e-2, '1e-05 0.0001 0.001 0.01'],
    [0.01, 1, '0.01 0.02 0.05 0.1 0.2 0.5 1'],
    [0.002, 1, '0.003 0.01 0.03 0.1 0.3 1'],
    [3, 40, '5 10 20'],
    [0.3, 0.99, '0.4 0.6 0.8'],
    [1e-9, 1e2, '1e-08 1e-06 0.0001 0.01 1 100'],
    [4, 4, '4'],
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
