import assert from 'node:assert/strict';
import {test} from 'node:test';

import {colouring} from '../../viewer/runlog_viewer/static/gallery/value_colours.js';

test('few values have a colour each, whatever they are', () => {
  for (const values of [['easy', 'hard'], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [0, 1]]) {
    const found = values.map(colouring(values));
    assert.equal(new Set(found).size, values.length);
    assert.ok(found.every((colour) => /^#[0-9a-f]{6}$/.test(colour)));
  }
});

test('many numbers go from one colour to another by their size', () => {
  const colour = colouring(Array.from({length: 20}, (_, n) => n / 19));
  assert.match(colour(0), / 0%/);
  assert.match(colour(0.5), / 50%/);
  assert.match(colour(1), / 100%/);
});

test('what is missing or no number has none', () => {
  const [few, many] = [colouring([1, 2, NaN]), colouring([...Array(20).keys(), NaN])];
  for (const colour of [few, many]) for (const value of [undefined, NaN]) assert.equal(colour(value), null);
});
