import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {keyFilter, together} from '../../viewer/runlog_viewer/static/charts/chart_keys.js';

const cases = JSON.parse(readFileSync(new URL('../held_out_cases.json', import.meta.url), 'utf8'));
const keys = ['train/loss', 'val/loss', 'train/acc', 'lr', 'grad/layer12/weight'];

test('a filter has words that a key must all have, or a regular expression', () => {
  for (const [text, wanted] of [
    ['', keys],
    ['LOSS', ['train/loss', 'val/loss']],
    ['tr loss', ['train/loss']],
    ['train/', ['train/loss', 'train/acc']],
    ['/^(train|val)\\/loss$/', ['train/loss', 'val/loss']],
    ['/layer\\d+/', ['grad/layer12/weight']],
    ['/r$/', ['lr']],
    ['//', []],
  ]) assert.deepEqual(keys.filter(keyFilter(text)), wanted, text);
  assert.equal(keyFilter('/(/'), null);
});

test('what was held out is drawn with what was trained on, and nothing else is', () => {
  const isKey = (key) => ['train/a/b', 'val/a/b', 'test/a/b', 'train/c', 'lr'].includes(key);
  assert.deepEqual(together('train/a/b', isKey), ['val/a/b', 'test/a/b']);
  for (const key of ['train/c', 'val/a/b', 'lr', 'train']) assert.deepEqual(together(key, isKey), []);
});

test('every word for data that is not trained on is known', () => {
  for (const name of cases.held_out) assert.deepEqual(together('train/loss', (key) => key === `${name}/loss`), [`${name}/loss`]);
  for (const name of cases.others) assert.deepEqual(together('train/loss', (key) => key === `${name}/loss`), [], name);
});
