import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {fits, hasValues, termsOf} from '../../viewer/runlog_viewer/static/pages/overview/row_filter.js';

const run = {
  words: 'wide net\nrun-7\nfinished',
  fields: {name: ['wide net'], project: ['toys'], group: [], tag: ['a', 'Baseline'], state: ['finished'], steps: [120], images: [0]},
};
const values = {lr: [0.01], 'val/loss': [0.25, NaN], optimizer: ['adam']};
const isShown = (text) => termsOf(text).every((term) => fits(term, run, (name) => values[name] ?? []));

test('words are found anywhere, and all have to be there', () => {
  assert.ok(isShown('') && isShown('wide') && isShown('WIDE finished') && isShown('"wide net"'.replaceAll('"', '')));
  assert.ok(!isShown('wide failed'));
});

test('values are compared as numbers, or as words', () => {
  for (const text of ['lr<0.02', 'lr<=0.01', 'lr = 0.01', 'lr=1e-2', 'val/loss>=0.25', 'steps>100', 'optimizer=ADAM', 'images=0']) assert.ok(isShown(text), text);
  for (const text of ['lr<0.01', 'lr>1', 'steps>120', 'optimizer=sgd', 'optimizer<1', 'gone=1']) assert.ok(!isShown(text), text);
});

test('fields are equal, contain, or are not', () => {
  for (const text of ['tag=baseline', 'tag:base', 'name="wide net"', 'state!=failed', 'project=toys', 'tag=', 'lr=']) assert.ok(isShown(text), text);
  for (const text of ['tag=base', 'state!=finished', 'group=x', 'group=', 'lr!=0.01']) assert.ok(!isShown(text), text);
});

test('a colon belongs to a word, unless the name is that of a field', () => {
  assert.deepEqual(termsOf('a:b'), [{word: 'a:b'}]);
  assert.equal(termsOf('tag:b')[0].sign, ':');
  assert.ok(hasValues('lr<1') && !hasValues('tag:b words'));
});
