import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {fits, termsOf} from '../../viewer/runlog_viewer/static/core/row_filter.js';

// The table that the reader's filter in Python is held to as well. What a name means among a run's values is decided by
// the columns: as it stands, or that of the summary or of the configuration.
const {run, cases} = JSON.parse(readFileSync(new URL('../run_filter_cases.json', import.meta.url), 'utf8'));
const valuesOf = (name) => [name, `summary.${name}`, `config.${name}`].filter((one) => Object.hasOwn(run.values, one)).map((one) => run.values[one]);

for (const [text, isMatch] of cases) {
  test(`${JSON.stringify(text)} ${isMatch ? 'finds' : 'does not find'} the run`, () => {
    assert.equal(termsOf(text).every((term) => fits(term, run, valuesOf)), isMatch);
  });
}

test('a colon belongs to a word, unless the name is that of a field', () => {
  assert.deepEqual(termsOf('a:b'), [{word: 'a:b'}]);
  assert.equal(termsOf('tag:b')[0].sign, ':');
});
