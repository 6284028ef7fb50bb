import assert from 'node:assert/strict';
import {test} from 'node:test';

import {read, written} from '../../viewer/runlog_viewer/static/gallery/table_address.js';

const parts = (values) => (name) => values[name] ?? null;

test('how tables are sorted and filtered comes back from the address', () => {
  for (const [key, wish] of [
    ['val/mistakes', {filter: '', column: 'score', direction: -1}],
    ['a:b%,c', {filter: 'is wrong, x:1 "two words"', column: 'a:b, %', direction: 1}],
    ['rows', {filter: '', column: null, direction: -1}],
    ['words', {filter: 'a>0.5', column: null, direction: 1}],
  ]) assert.deepEqual([...read(parts(written(new Map([[key, wish]]))))], [[key, wish]]);
  const both = new Map([['a', {filter: 'x', column: 'b', direction: 1}], ['c', {filter: '', column: 'd', direction: -1}]]);
  assert.deepEqual(written(both), {'table-sort': 'a:+b,c:-d', 'table-filter': 'a:x'});
  assert.deepEqual(read(parts(written(both))), both);
});

test('what is as usual is left out', () => {
  assert.deepEqual(written(new Map([['a', {filter: ' ', column: null, direction: 1}]])), {'table-sort': null, 'table-filter': null});
  assert.equal(read(() => null).size, 0);
});
