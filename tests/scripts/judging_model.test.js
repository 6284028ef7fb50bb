import assert from 'node:assert/strict';
import {test} from 'node:test';

import {confusionOf, countsOf, curveOf, imageAmong, judge, mistakes, mistakesOf, shareOf} from '../../viewer/runlog_viewer/static/judging/judging_model.js';

// Two cars and a person; a car is found, another taken for a person, one is invented.
const image = {
  truth: [[1, 0], [1, 0], [0, 0], [0, 1]],
  predictions: [[1, 0.9, 0], [0, 0.6, null], [1, 0.4, null], [0, 0.8, 3], [1, null, null]],
  overlaps: [[1, 1, 0.7], [2, 1, 0.9]],
};

test('a box is found, invented or missed by the threshold, and its cell is what it was taken for', () => {
  const {truth, predictions} = judge(image, 0.5);
  assert.deepEqual(truth.map(({verdict}) => verdict), ['true_positive', 'missed', 'missed', 'ignored']);
  assert.deepEqual(predictions.map(({verdict}) => verdict), ['true_positive', 'false_positive', 'below', 'ignored', 'below']);
  assert.deepEqual(truth.map(({cell}) => cell), [[1, 1], [1, 0], [0, null], null]);
  assert.deepEqual(predictions.map(({cell}) => cell), [[1, 1], [1, 0], null, null, null]);
});

test('the highest score takes what is left first, whatever lies better', () => {
  const {predictions} = judge(image, 0.3);
  assert.deepEqual(predictions.map(({cell}) => cell), [[1, 1], [1, 0], [null, 1], null, null]);
});

test('every box is counted once in the confusion, whose diagonal holds those found', () => {
  const judged = [judge(image, 0.3)];
  assert.deepEqual(Object.fromEntries(confusionOf(judged)), {'[1,1]': 1, '[1,0]': 1, '[null,1]': 1, '[0,null]': 1});
  assert.deepEqual(countsOf(judged), {true_positive: 1, false_positive: 2, missed: 2});
});

test('the mistakes of an image follow the threshold, and those of masks alone are a share of their pixels', () => {
  assert.deepEqual(mistakesOf(image, 0.3), {fp: 2, fn: 2, errors: 4});
  assert.deepEqual(mistakesOf(image, 0.95), {fp: 0, fn: 3, errors: 3});
  assert.deepEqual(mistakesOf({pixels: [[0, 0, 6], [0, 1, 1], [1, 1, 1]]}, 0.5), {errors: 1 / 8});
});

test('nothing predicted where nothing is is right, and else not defined', () => {
  assert.equal(shareOf(0, 0, 0), 1);
  assert.equal(shareOf(0, 0, 3), NaN);
  assert.equal(shareOf(3, 1, 0), 0.75);
});

test('a curve has a point for each score there is, and leaves out what is ignored', () => {
  assert.deepEqual(curveOf([image]).map(({score}) => score), [0.9, 0.6, 0.4]);
  assert.deepEqual(curveOf([image]).map(({precision}) => precision), [1, 1 / 2, 1 / 3]);
  assert.deepEqual(curveOf([image]).map(({recall}) => recall), [1 / 3, 1 / 3, 1 / 3]);
  assert.deepEqual(curveOf([{predictions: [[1, 0.5, null]]}]), []);
});

test('the same picture is the one with its id, and without one the one at its place', () => {
  const images = {0: {id: 'b', pixels: [[0, 1, 1]]}, 1: {pixels: [[0, 0, 1]]}, 2: {id: 'a', pixels: []}};
  assert.equal(imageAmong(images, {id: 'a'}, 0), images[2]);
  assert.equal(imageAmong(images, {id: null}, 1), images[1]);
  assert.equal(imageAmong(images, {}, 0), images[0]);
  assert.equal(imageAmong(images, {id: 'c'}, 1), undefined);
});

test('what got worse has more mistakes than the same picture elsewhere, each by the threshold of its own', () => {
  const elsewhere = {...image, predictions: [[1, 0.9, 0], [1, 0.8, 1], [0, 0.7, 2]], overlaps: []};
  assert.equal(mistakes('fp', image, elsewhere, 0.3), 2);
  assert.equal(mistakes('worse', image, elsewhere, 0.3), 4);
  assert.equal(mistakes('worse', image, elsewhere, 0.3, 0.75), 3);
  assert.equal(mistakes('worse.10', elsewhere, image, 0.3), -4);
  assert.equal(mistakes('worse', image, undefined, 0.3), NaN);
  assert.equal(mistakes('fp', {pixels: [[0, 1, 1]]}, null, 0.3), NaN);
});
