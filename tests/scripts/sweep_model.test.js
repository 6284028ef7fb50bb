import assert from 'node:assert/strict';
import {test} from 'node:test';

import {ramp} from '../../viewer/runlog_viewer/static/gallery/value_colours.js';
import {coloursOf, lineNear, linesOf, pointNear, pointsOf} from '../../viewer/runlog_viewer/static/pages/overview/sweep_model.js';

const lines = {a: [[0, 10, 20], [0, 1, 2]], b: [[0, 10], [4, NaN]], c: [[5], [3]]};
const lineOf = (folder) => lines[folder];

test('lines share one scale, from the first step of all to the last and from the least to the most', () => {
  const model = linesOf(['a', 'none', 'b', 'c'], lineOf);
  assert.deepEqual(model.lines.map(({folder}) => folder), ['a', 'b', 'c']);
  assert.deepEqual(model.lines[0].points.map(({x, y}) => [x, y]), [[0, 0], [0.5, 0.25], [1, 0.5]]);
  assert.deepEqual(model.lines[1].points.map(({x}) => x), [0, 0.5]);
  assert.ok(Number.isNaN(model.lines[1].points[1].y));
  assert.deepEqual([model.lines[2].points[0].x, model.lines[2].points[0].y], [0.25, 0.75]);
});

test('the run whose line is nearest is found between its points, and where it has ended', () => {
  const model = linesOf(['a', 'c'], lineOf);
  assert.equal(lineNear(model, 0.25, 0.1), 'a');
  assert.equal(lineNear(model, 0.9, 0.95), 'c');
  assert.equal(lineNear(linesOf([], lineOf), 0.5, 0.5), null);
});

test('numbers chosen by factors stand on a log scale, others on an even one, words side by side', () => {
  const of = (values) => pointsOf(Object.keys(values), (folder) => values[folder], () => 1).points.map(({x}) => Math.round(x * 1000) / 1000);
  assert.deepEqual(of({a: 0.001, b: 0.01, c: 0.1}), [0, 0.5, 1]);
  assert.deepEqual(of({a: 1, b: 100, c: 1}), [0, 1, 0]);
  assert.deepEqual(of({a: 1, b: 2, c: 3}), [0, 0.5, 1]);
  assert.deepEqual(of({a: 1, b: 251, c: 501}), [0, 0.5, 1]); // seeds
  assert.deepEqual(of({a: 0.001, b: 0.501, c: 1.001}), [0, 0.5, 1]); // an accuracy
  assert.deepEqual(of({a: 1, b: 4, c: 16, d: 256}), [0, 0.25, 0.5, 1]);
  assert.deepEqual(of({a: -1, b: 0, c: 1000}), [0, 0.001, 1]);
  assert.deepEqual(of({a: 'sgd', b: 'adam', c: 'sgd'}), [0.75, 0.25, 0.75]);
  assert.deepEqual(of({a: 2, b: 'none'}), [0.25, 0.75]);
});

test('a run without a value or without a finite number has no point', () => {
  const y = {a: 1, b: NaN, c: 2, d: 3};
  const model = pointsOf(['a', 'b', 'c', 'd'], (folder) => ({a: 1, b: 1, c: undefined, d: 2}[folder]), (folder) => y[folder]);
  assert.deepEqual(model.points.map(({folder}) => folder), ['a', 'd']);
});

test('the nearest point is the nearest on screen, whatever the shape of the plot', () => {
  const model = {points: [{folder: 'a', x: 0.4, y: 0.5}, {folder: 'b', x: 0.5, y: 0.7}]};
  assert.equal(pointNear(model, 0.5, 0.5, 1), 'a');
  assert.equal(pointNear(model, 0.5, 0.5, 4), 'b');
});

test('few values have colours by name in order, and runs without one are counted', () => {
  const values = {a: 'sgd', b: 'adam', c: undefined, d: NaN, e: 'sgd'};
  const model = coloursOf(Object.keys(values), (folder) => values[folder]);
  assert.deepEqual(model.named.map(([value]) => value), ['adam', 'sgd']);
  assert.equal(model.of('a'), model.of('e'));
  assert.notEqual(model.of('a'), model.of('b'));
  assert.deepEqual([model.of('c'), model.of('d'), model.scale], [null, null, null]);
  assert.deepEqual([model.others, model.without, model.isOfNumbers], [0, 2, false]);
  const numbers = {a: 1, b: Infinity, c: 2, d: NaN};
  const ofNumbers = coloursOf(Object.keys(numbers), (folder) => numbers[folder]);
  assert.deepEqual(ofNumbers.named.map(([value]) => value), [1, 2]);
  assert.deepEqual([ofNumbers.others, ofNumbers.without, ofNumbers.isOfNumbers], [0, 2, true]);
});

test('of more words than there are colours, no two share one: the rest are others', () => {
  const folders = Array.from({length: 20}, (_, n) => `run ${n}`);
  const model = coloursOf(folders, (folder) => folder);
  assert.equal(new Set(model.named.map(([, colour]) => colour)).size, 12);
  assert.deepEqual([model.others, model.without], [8, 0]);
});

test('many numbers have a scale, those chosen by factors a log scale, on which a factor is the same way everywhere', () => {
  const lr = (folder) => (folder === 'none' ? undefined : 10 ** (Number(folder) / 8 - 2));
  const folders = [...Array.from({length: 17}, (_, n) => String(n)), 'none'];
  const model = coloursOf(folders, lr);
  assert.deepEqual(model.scale, {low: 0.01, high: 1, isLog: true});
  assert.deepEqual([0, 4, 8, 16].map((n) => model.of(String(n))), [0, 0.25, 0.5, 1].map(ramp));
  assert.deepEqual([model.of('none'), model.others, model.without, model.named], [null, 0, 1, []]);
  const even = coloursOf(folders, (folder) => (folder === 'none' ? 'word' : Number(folder)));
  assert.deepEqual(even.scale, {low: 0, high: 16, isLog: false});
  assert.deepEqual([even.of('8'), even.of('none')], [ramp(0.5), null]);
});
