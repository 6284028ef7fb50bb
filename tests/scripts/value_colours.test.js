import assert from 'node:assert/strict';
import {test} from 'node:test';

import {colouring, ramp} from '../../viewer/runlog_viewer/static/gallery/value_colours.js';

test('few values have a colour each, whatever they are', () => {
  for (const values of [['easy', 'hard'], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [0, 1]]) {
    const found = values.map(colouring(values));
    assert.equal(new Set(found).size, values.length);
    assert.ok(found.every((colour) => /^#[0-9a-f]{6}$/.test(colour)));
  }
});

test('many numbers go from one colour to another by their size', () => {
  const colour = colouring(Array.from({length: 20}, (_, n) => n / 19));
  const [least, quarter, middle, most] = [0, 0.25, 0.5, 1].map(colour);
  const [, firstEnd, lowest] = least.match(/, (.*) 0%, (.*)\)$/);
  assert.equal(quarter, `color-mix(in oklab, ${firstEnd} 50%, ${lowest})`);
  assert.ok(middle.endsWith(` 0%, ${firstEnd})`));
  assert.match(most, / 100%, /);
});

test('what is missing or no number has none', () => {
  const [few, many] = [colouring([1, 2, NaN]), colouring([...Array(20).keys(), NaN])];
  for (const colour of [few, many]) for (const value of [undefined, NaN]) assert.equal(colour(value), null);
});

test('many numbers have the colours of their places, where these are given', () => {
  const values = Array.from({length: 20}, (_, n) => 10 ** n);
  const colour = colouring(values, (value) => Math.log10(value) / 19);
  assert.equal(colour(10 ** 19), ramp(1));
  assert.equal(colour(1), ramp(0));
});
