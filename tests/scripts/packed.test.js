import assert from 'node:assert/strict';
import {test} from 'node:test';
import {constants, deflateRawSync} from 'node:zlib';

import {unpacked} from '../../viewer/runlog_viewer/static/data/packed.js';

test('a packed text comes out as it was', async () => {
  for (const text of ['', 'step 3', '<b>é 画像 😀</b>'.repeat(5000)]) {
    assert.equal(await unpacked(deflateRawSync(text).toString('base64')), text);
  }
});

test('a text that is packed beside a sample comes out alone', async () => {
  const text = '<b>é 画像 😀</b>';
  for (const sample of [Buffer.from(''), Buffer.from('<b>step</b>'), Buffer.from('é 画'.repeat(9000)).subarray(0, 32_768)]) {
    const begin = deflateRawSync(sample, {finishFlush: constants.Z_SYNC_FLUSH}).toString('base64');
    const rest = deflateRawSync(text, {dictionary: sample}).toString('base64');
    assert.equal(await unpacked(rest, [begin, sample.length]), text);
  }
});

test('what was not packed is refused', async () => {
  await assert.rejects(unpacked('AAAA'));
});
