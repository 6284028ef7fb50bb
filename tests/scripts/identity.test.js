import assert from 'node:assert/strict';
import {test} from 'node:test';

import * as identity from '../../viewer/runlog_viewer/static/core/identity.js';
import {lineUp} from '../../viewer/runlog_viewer/static/pages/key/lineup.js';

const figures = (...ids) => ids.map((id, index) => ({dataset: {index: String(index), ...(id === null ? {} : {id})}}));
const shown = (placed) => placed.map((figure) => figure && (figure.dataset.id ?? figure.dataset.index));

test('an image is the one with its id, or else the one at its place', () => {
  const list = figures('b', 'a');
  assert.equal(identity.figureOfImage(list, {id: 'a', index: 0}), list[1]);
  assert.equal(identity.figureOfImage(list, {id: null, index: 0}), list[0]);
  assert.equal(identity.figureOfImage(list, {id: 'c', index: 0}), undefined);
});

test('an address says an id, and a place only where there is none', () => {
  for (const image of [{id: 'val/3, "x"', index: 0}, {id: null, index: 7}]) {
    const said = identity.write(image);
    assert.deepEqual(identity.read((name) => (said[name] === null ? null : String(said[name]))), image);
  }
  assert.equal(identity.read(() => null), null);
  assert.equal(identity.read((name) => (name === 'index' ? '-1' : null)), null);
});

test('a column has the same image at every step, in whatever order they come', () => {
  const across = lineUp();
  across.add(figures('a', 'b', 'c'));
  assert.deepEqual(shown(across.place(figures('c', 'a', 'b'), 0, 108)), ['a', 'b', 'c']);
  assert.deepEqual(shown(across.place(figures('c', 'a'), 0, 108)), ['a', null, 'c']);
  assert.deepEqual(shown(across.place(figures('a'), 0, 108)), ['a']);
  assert.deepEqual(shown(across.place(figures('x', 'b', 'y'), 0, 108)), [null, 'b', null, 'x', 'y']);
});

test('images without ids are told by their places, of which later steps may have more', () => {
  const across = lineUp();
  across.add(figures(null, null));
  across.add(figures(null, null, null));
  assert.equal(across.hasIds(), false);
  assert.deepEqual(shown(across.place(figures(null, null, null), 0, 108)), ['0', '1', '2']);
});

test('a page of columns has its own images, and the last page also those without a column', () => {
  const across = lineUp();
  across.add(figures('a', 'b', 'c'));
  assert.deepEqual(shown(across.place(figures('c', 'x', 'a', 'b'), 0, 2)), ['a', 'b']);
  assert.deepEqual(shown(across.place(figures('c', 'x', 'a', 'b'), 2, 2)), ['c', 'x']);
});

test('some of the columns in another order have their own images, and nothing else', () => {
  const across = lineUp();
  across.add(figures('a', 'b', 'c'));
  const some = [across.images[2], across.images[0]];
  assert.deepEqual(shown(across.place(figures('a', 'x', 'b', 'c'), 0, 108, some)), ['c', 'a']);
  assert.deepEqual(shown(across.place(figures('a', 'x'), 0, 108, some)), [null, 'a']);
  assert.deepEqual(shown(across.place(figures('a', 'x'), 0, 108, across.images.toReversed())), [null, null, 'a', 'x']);
});
