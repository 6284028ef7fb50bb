import assert from 'node:assert/strict';
import {test} from 'node:test';

import {imageAway, isSame, read, stepAway, write} from '../../viewer/runlog_viewer/static/stage/full_place.js';

const readOf = (hash, hasSteps) => {
  const given = new URLSearchParams(hash);
  return read((name) => given.get(name), hasSteps);
};

test('one goes by steps of the key, at most to its first and last, and not past them', () => {
  const steps = [0, 10, 20, 30];
  assert.deepEqual([1, 2, 10, Infinity].map((by) => stepAway(steps, 10, by)), [20, 30, 30, 30]);
  assert.deepEqual([-1, -10, -Infinity].map((by) => stepAway(steps, 20, by)), [10, 0, 0]);
  assert.deepEqual([stepAway(steps, 30, 1), stepAway(steps, 0, -1), stepAway([], 3, 1), stepAway([], 3, -1)], Array(4).fill(undefined));
});

test('from a step that the key does not have, the next ones are those around it', () => {
  const steps = [5, 10, 20];
  assert.deepEqual([-2, -1, 1, 2].map((by) => stepAway(steps, 12, by)), [5, 10, 20, 20]);
  assert.deepEqual([stepAway(steps, 3, 1), stepAway(steps, 3, -1), stepAway(steps, 25, 1), stepAway(steps, 25, -1)], [5, undefined, undefined, 20]);
});

test('one goes by images in their order, from one that is missing to those around it', () => {
  const images = [{key: 'a', index: 0}, {key: 'a', index: 4}, {key: 'b', index: 1}];
  const around = (at, place) => [-1, 1].map((by) => images[imageAway(images, at, place, by)]);
  assert.deepEqual(around(1, images[1]), [images[0], images[2]]);
  assert.deepEqual(around(0, images[0]), [undefined, images[1]]);
  assert.deepEqual(around(-1, {key: 'a', index: 2}), [images[0], images[1]]);
  assert.deepEqual(around(-1, {key: 'a', index: 9}), [images[1], images[2]]);
});

test('an address names an image by key and index, and the step where the page has none of its own', () => {
  const place = {key: 'val/a b', index: 12, step: 7};
  assert.deepEqual(write(place, false), {image: 'val/a b/12', step: 7});
  assert.deepEqual(write(place, true), {image: 'val/a b/12'});
  assert.deepEqual(readOf('image=val/a b/12&step=7', false), place);
  assert.deepEqual(readOf('image=val/a b/12&step=7', true), {key: 'val/a b', index: 12});
  assert.deepEqual(readOf('image=a/0', false), {key: 'a', index: 0});
  assert.equal(readOf('step=7', false), null);
});

test('a place is the one that is wanted as far as that says', () => {
  const place = {key: 'a', index: 0, step: 7};
  assert.ok(isSame(place, {key: 'a', index: 0}) && isSame(place, {key: 'a', index: 0, step: undefined}) && isSame(place, place));
  assert.ok(!isSame(place, {key: 'a', index: 0, step: 8}) && !isSame(place, {key: 'b', index: 0}));
});
