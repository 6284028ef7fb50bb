import assert from 'node:assert/strict';
import {test} from 'node:test';

import {nothing, read, written} from '../../viewer/runlog_viewer/static/gallery/table_address.js';

const parts = (values) => (name) => values[name] ?? null;

test('how tables are sorted, filtered, grouped and coloured comes back from the address', () => {
  for (const [key, wish] of [
    ['val/mistakes', {...nothing, column: 'score', direction: -1}],
    ['a:b%,c', {...nothing, filter: 'is wrong, x:1 "two words"', column: 'a:b, %', group: 'a,b:c', colour: '%'}],
    ['rows', {...nothing, direction: -1}],
    ['words', {...nothing, filter: 'a>0.5'}],
    ['grouped', {...nothing, group: 'split', colour: 'p'}],
  ]) assert.deepEqual([...read(parts(written(new Map([[key, wish]]))))], [[key, wish]]);
  const both = new Map([['a', {...nothing, filter: 'x', column: 'b', group: 'e'}], ['c', {...nothing, column: 'd', direction: -1, colour: 'f'}]]);
  assert.deepEqual(written(both), {'table-sort': 'a:+b,c:-d', 'table-filter': 'a:x', 'table-group': 'a:e', 'table-colour': 'c:f'});
  assert.deepEqual(read(parts(written(both))), both);
});

test('what is as usual is left out', () => {
  assert.deepEqual(written(new Map([['a', {...nothing, filter: ' '}]])), {'table-sort': null, 'table-filter': null, 'table-group': null, 'table-colour': null});
  assert.equal(read(() => null).size, 0);
});
