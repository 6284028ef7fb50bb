import assert from 'node:assert/strict';
import {test} from 'node:test';

import {imageTable} from '../../viewer/runlog_viewer/static/gallery/image_rows.js';

const image = (index, more = {}) => {
  const {id = null, caption = null, grouping = null, thumbnail = null, height = 28, values = [], counts = []} = more;
  return [index, id, caption, grouping, `media/${index}.png`, thumbnail, 28, height, values, counts];
};
const table = (...images) => imageTable([{step: 3, key: 'a', fields: [], boxes: [], images}]);
const names = ({columns}) => columns.map(({name}) => name);

test('columns are what any image has, of all steps together', () => {
  const found = imageTable([
    {step: 4, key: 'a', fields: ['p'], boxes: ['truth'], images: [image(0, {values: [0.5], counts: [2]})]},
    {step: 3, key: 'a', fields: ['word', 'p'], boxes: [], images: [image(1, {id: 'x', values: ['w', 1]})]},
  ]);
  assert.deepEqual(names(found), ['image', 'id', 'step', 'index', 'p', 'word', 'truth boxes']);
  assert.deepEqual(found.rows.map((row) => row.slice(1)), [[null, 4, 0, 0.5, null, 2], ['x', 3, 1, 1, 'w', null]]);
  assert.deepEqual(found.columns.map(({type}) => type), ['image', 'text', 'number', 'number', 'number', 'text', 'number']);
});

test('what no image has is no column', () => {
  assert.deepEqual(names(table(image(0))), ['image', 'step', 'index']);
  assert.deepEqual(names(table(image(0, {caption: 'c', grouping: 2}))), ['image', 'step', 'index', 'caption', 'grouping']);
});

test('a field that is called as a column of all images has a name of its own', () => {
  const found = imageTable([{step: 3, key: 'a', fields: ['step', 'id', 'n boxes'], boxes: ['n'], images: [image(0, {values: [1, 2, 3], counts: [4]})]}]);
  assert.deepEqual(names(found), ['image', 'step', 'index', 'step (field)', 'id (field)', 'n boxes', 'n boxes (field)']);
});

test('rows are low only where all pictures are small', () => {
  assert.equal(table(image(0)).isSmall, true);
  assert.equal(table(image(0), image(1, {height: 65})).isSmall, false);
});

test('a picture is its small copy where there is one', () => {
  assert.deepEqual(table(image(0), image(1, {thumbnail: 't.webp'})).images.map(({picture, file}) => [picture, file]), [['media/0.png', 'media/0.png'], ['t.webp', 'media/1.png']]);
});
