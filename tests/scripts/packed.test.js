import assert from 'node:assert/strict';
import {test} from 'node:test';
import {deflateRawSync} from 'node:zlib';

import {unpacked} from '../../viewer/runlog_viewer/static/data/packed.js';

test('a packed text comes out as it was', async () => {
  for (const text of ['', 'step 3', '<b>é 画像 😀</b>'.repeat(5000)]) {
    assert.equal(await unpacked(deflateRawSync(text).toString('base64')), text);
  }
});

test('what was not packed is refused', async () => {
  await assert.rejects(unpacked('AAAA'));
});
