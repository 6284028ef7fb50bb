import assert from 'node:assert/strict';
import {test} from 'node:test';

import * as addressText from '../../viewer/runlog_viewer/static/core/address_text.js';
import * as linked from '../../viewer/runlog_viewer/static/core/linked.js';
import * as paneText from '../../viewer/runlog_viewer/static/core/pane_text.js';
import * as viewText from '../../viewer/runlog_viewer/static/stage/view_text.js';

const names = ['a', 'val/loss', 'mAP@50', 'a,b', 'a%b', 'a&b=c', 'a b+c', '#', '!', 'ä 日本', '%2C', 'x:y'];
const usual = {
  hidden: [], classes: {only: false, ids: []}, minimums: {}, sort: '', pages: {}, earlier: true,
  folded: {only: false, keys: []}, openTexts: false, differing: false, judged: null,
};

test('what an address is given can be read again, whatever is in it', () => {
  for (const name of names) {
    assert.equal(addressText.read(addressText.write({[name]: name})).get(name), name);
    assert.deepEqual(addressText.readList(addressText.read(addressText.write({x: addressText.writeList([name, 'b'])})).get('x')), [name, 'b']);
  }
});

test('names stay readable, and null takes one away', () => {
  assert.equal(addressText.write({key: 'val/a:b@c,d+e', gone: null}), '#key=val/a:b@c,d+e');
  assert.equal(addressText.changed('#a=1&b=2', {a: null, c: '3'}), '#b=2&c=3');
  assert.equal(addressText.write({a: null}), '');
  assert.equal(addressText.readList(null), null);
});

test('panes are read as they were written', () => {
  for (const run of names) {
    for (const place of [{step: 120, offset: 0}, {step: null, offset: 10}, {step: null, offset: -10}, {step: null, offset: 0}]) {
      const pane = {run, ...place, layers: names};
      assert.deepEqual(paneText.read(paneText.write([pane, pane])), [pane, pane]);
    }
  }
  assert.equal(paneText.write([{run: '.', step: 120}, {run: '.'}]), '.@120,.');
  assert.deepEqual(paneText.read('.!truth'), [{run: '.', step: null, offset: 0, layers: ['truth']}]);
  assert.equal(paneText.decode('100%'), '100%');
});

test('a name that leads elsewhere is no folder', () => {
  assert.deepEqual(['a', 'a.b', '', '.', '..', 'a/b', 'a\\b', '\0'].map(paneText.isFolderName), [true, true, false, false, false, false, false, false]);
});

test('a view is read as it was written, and anything else is none', () => {
  assert.equal(viewText.write({x: 48.504, y: 30, scale: 8}), '48.5,30,8');
  assert.deepEqual(viewText.read('48.5,30,8'), {x: 48.5, y: 30, scale: 8});
  for (const text of [null, '', '1,2', '1,2,0', '-1,2,3', 'a,b,c', '1,2,Infinity']) assert.equal(viewText.read(text), null);
});

const through = (settings) => linked.read(addressText.read(addressText.write(linked.written(settings))));

test('usual settings leave no trace in the address', () => {
  assert.equal(addressText.write(linked.written(usual)), '');
  assert.equal(linked.read(addressText.read('#key=a')), null);
});

test('settings come out of an address as they went in', () => {
  for (const other of [
    {hidden: [['boxes', 'a,b'], ['masks', 'x:y']]},
    {classes: {only: false, ids: ['3', '4']}},
    {classes: {only: false, ids: ['3', '0~', '255~']}},
    {classes: {only: true, ids: ['3']}},
    {classes: {only: true, ids: ['0~', '3']}},
    {classes: {only: true, ids: []}},
    {minimums: Object.fromEntries(names.map((name, n) => [name, n / 2]))},
    {sort: '-max.mAP@50'},
    {sort: 'judged.fp'},
    {sort: '-judged.worse'},
    {sort: 'judged.worse.30'},
    {pages: {'val/a:b': 2}},
    {earlier: false},
    {folded: {only: false, keys: names}},
    {folded: {only: true, keys: ['a']}},
    {folded: {only: true, keys: []}},
    {openTexts: true},
    {differing: true},
    ...names.flatMap((key) => [
      {judged: {key, verdicts: ['missed', 'true_positive']}},
      {judged: {key, unit: 'boxes', cell: '-1 none'}},
      {judged: {key, unit: 'pixels', cell: 'other 255'}},
    ]),
  ]) assert.deepEqual(through({...usual, ...other}), {...usual, ...other});
});

test('what is shown beyond the usual stands apart from what is hidden', () => {
  assert.equal(addressText.write(linked.written({...usual, classes: {only: false, ids: ['0~', '3', '255~']}})), '#hide=3&on=0~,255~');
});

test('what no setting can be is left out', () => {
  for (const text of ['val', ':missed', 'val:', 'val:found', 'val:boxes.1', 'val:lines.1.2', 'val:missed.boxes']) {
    assert.equal(linked.read(addressText.read(addressText.write({judged: text}))).judged, null);
  }
  for (const text of ['judged', 'judged.', '-judged.__proto__', 'judged.worse.NaN', 'judged.worse.1.2', '-judged.fp.toString']) {
    assert.equal(linked.read(addressText.read(addressText.write({sort: text}))).sort, '');
  }
  assert.deepEqual(linked.read(addressText.read('#hide=boxes:a,nonsense,7&min=x:abc,y:1&page=a:0,b:1.5,c:2&judged=val:boxes.1.all')), {
    ...usual, hidden: [['boxes', 'a']], classes: {only: false, ids: ['7']}, minimums: {y: 1}, pages: {c: 1},
  });
});
