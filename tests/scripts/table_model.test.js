import assert from 'node:assert/strict';
import {test} from 'node:test';

import {blockRows, tableModel, textOf, valueOf} from '../../viewer/runlog_viewer/static/gallery/table_model.js';

const big = {digits: '1152921504606846977', near: 1152921504606846977};
const picture = {html: '<a></a>', words: 'a Cat'};
const rows = [
  [picture, 'coin', 0.5, true, [1, NaN]],
  [null, 'Ring', NaN, false, []],
  [{html: '<a></a>', words: ''}, 'item 10', -Infinity, null, [3]],
  [null, 'item 9', 7, true, null],
  [null, null, null, null, null],
];
const names = ['picture', 'word', 'my score', 'right', 'list'];
const model = tableModel(names, rows.length);
model.put(0, rows);
const order = (wish) => model.order({filter: '', column: -1, direction: 1, ...wish}).join('');

test('a cell is sorted by its number or its words, and written as it is', () => {
  assert.equal(valueOf(big), big.near);
  assert.equal(textOf(big), big.digits);
  assert.equal(valueOf(picture), 'a Cat');
  assert.equal(valueOf(null), undefined);
  assert.equal(textOf([1, 2.5, true]), '1, 2.5, true');
  assert.equal(textOf(NaN), 'NaN');
});

test('numbers go up and down, and what is none comes last both ways', () => {
  assert.equal(order({column: 2}), '20314');
  assert.equal(order({column: 2, direction: -1}), '30214');
});

test('words are sorted as people count, without regard to their case', () => {
  assert.equal(order({column: 1}), '03214');
  assert.equal(order({column: 3}), '10324');
});

test('rows that are equal stay in their order, and the rows themselves go both ways', () => {
  assert.equal(order({}), '01234');
  assert.equal(order({direction: -1}), '43210');
  assert.equal(order({column: 0}), '01234');
});

test('a filter finds words in any cell, and compares what stands in a column', () => {
  assert.equal(order({filter: 'cat'}), '0');
  assert.equal(order({filter: 'ITEM'}), '23');
  assert.equal(order({filter: '"my score">0'}), '03');
  assert.equal(order({filter: 'word=coin'}), '0');
  assert.equal(order({filter: 'right=true'}), '03');
  assert.equal(order({filter: 'list>2'}), '2');
  assert.equal(order({filter: 'item right=true'}), '3');
  assert.equal(order({filter: 'nothing=1'}), '');
});

test('rows come in blocks, the last of which may hold fewer or more than there are', () => {
  const long = tableModel(['n'], blockRows + 2);
  assert.deepEqual(long.blocks(), [0, 1]);
  assert.deepEqual(long.blocksOf([blockRows - 1, blockRows, blockRows + 1]), [0, 1]);
  long.put(1, [[1], [2], [3]]);
  assert.deepEqual(long.row(blockRows + 1), [2]);
  assert.equal(long.row(0), undefined);
  assert.deepEqual(long.order({filter: '', column: 0, direction: -1}), [blockRows + 1, blockRows]);
});

test('rows of a group follow a head that counts them, groups and what is in them in order', () => {
  const heads = (wish) => model.order({filter: '', column: -1, direction: 1, ...wish}).map((one) => (typeof one === 'number' ? one : `${one.name}:${one.count}`));
  assert.deepEqual(heads({group: 3}), ['false:1', 1, 'true:2', 0, 3, ':2', 2, 4]);
  assert.deepEqual(heads({group: 3, column: 2, direction: -1}), ['false:1', 1, 'true:2', 3, 0, ':2', 2, 4]);
  assert.deepEqual(heads({group: 3, filter: 'item'}), ['true:1', 3, ':1', 2]);
  assert.deepEqual(model.distinct(2), [-Infinity, 0.5, 7, NaN]);
});
