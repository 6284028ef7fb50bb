import assert from 'node:assert/strict';
import {test} from 'node:test';

import {duration, exponential, number, valueText} from '../../viewer/runlog_viewer/static/core/numbers.js';

test('a number is short, and by name where it is none', () => {
  for (const [value, words] of [
    [0, '0'], [12, '12'], [-3, '-3'], [0.5, '0.5'], [1 / 3, '0.3333'], [123456.789, '1.235e+05'], [0.00001234, '1.234e-05'],
    [1e15, '1e+15'], [NaN, 'NaN'], [Infinity, 'inf'], [-Infinity, '-inf'],
  ]) assert.equal(number(value), words);
  assert.equal(number(1 / 3, 6), '0.333333');
  assert.equal(exponential(5e-5, 1), '5.0e-05');
});

test('a value that is missing is no text', () => {
  assert.deepEqual([1.23456, 'adam', undefined, null].map(valueText), ['1.235', 'adam', '', '']);
});

test('a duration has its two largest units', () => {
  for (const [seconds, words] of [
    [0, '0'], [1.234, '1.23 s'], [59.6, '1 min'], [90, '1 min 30 s'], [3600, '1 h'], [3661, '1 h 1 min'], [90061, '1 d 1 h'],
  ]) assert.equal(duration(seconds), words);
});
