import assert from 'node:assert/strict';
import {test} from 'node:test';

import {inOrder, parsed} from '../../viewer/runlog_viewer/static/gallery/order.js';

const names = (units, isDescending) => inOrder(Object.entries(units).map(([name, values]) => ({name, values})), isDescending).map(({name}) => name).join('');

test('a setting says what to sort by, of which class or score, and which way', () => {
  assert.deepEqual(parsed('boxes'), {by: 'boxes', kind: 'boxes', name: undefined, isDescending: false});
  assert.deepEqual(parsed('-class.3'), {by: 'class.3', kind: 'class', name: '3', isDescending: true});
  assert.deepEqual(parsed('max.mAP.50-95'), {by: 'max.mAP.50-95', kind: 'max', name: 'mAP.50-95', isDescending: false});
  assert.deepEqual(parsed('-mean.-x\ny'), {by: 'mean.-x\ny', kind: 'mean', name: '-x\ny', isDescending: true});
  assert.equal(parsed('').kind, '');
});

test('numbers go up or down, and what has none comes last both ways', () => {
  const units = {a: [2], b: [NaN], c: [-1], d: [Infinity], e: [10]};
  assert.equal(names(units, false), 'caedb');
  assert.equal(names(units, true), 'deacb');
});

test('those that are equal stay as they were', () => {
  const units = {a: [1], b: [NaN], c: [0], d: [1], e: [Infinity], f: [NaN], g: [Infinity]};
  assert.equal(names(units, false), 'cadegbf');
  assert.equal(names(units, true), 'egadcbf');
});

test('a group stands where the image of it that comes first does', () => {
  const units = {a: [5], b: [1, 9, NaN], c: [3]};
  assert.equal(names(units, false), 'bca');
  assert.equal(names(units, true), 'bac');
  assert.equal(names({a: [NaN, NaN], b: [0]}, true), 'ba');
});
