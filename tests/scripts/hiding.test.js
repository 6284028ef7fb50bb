import assert from 'node:assert/strict';
import {test} from 'node:test';

import {isClassOff, isOff, isolated, toggled} from '../../viewer/runlog_viewer/static/core/hiding.js';

const all = ['a', 'b', 'c'];
const shown = ([only, named]) => all.filter((one) => !isOff(only, named, one)).join('');

test('the named are hidden, or they alone are not', () => {
  assert.deepEqual([shown([false, []]), shown([false, ['b']]), shown([true, ['b']]), shown([true, []])], ['abc', 'ac', 'b', '']);
});

test('one is switched off and on again, whichever way they are named', () => {
  for (const only of [false, true]) {
    const once = toggled(['b'], 'c');
    assert.deepEqual([once, toggled(once, 'c'), toggled(once, 'b')], [['b', 'c'], ['b'], ['c']]);
    assert.notEqual(isOff(only, once, 'c'), isOff(only, ['b'], 'c'));
    assert.equal(isOff(only, once, 'a'), isOff(only, ['b'], 'a'));
  }
});

test('one is shown alone, another in its place, and all again by the same', () => {
  let now = [false, ['b', 'c']];
  const steps = ['b', 'c', 'c'].map((one) => {
    now = isolated(...now, one);
    return shown(now);
  });
  assert.deepEqual(steps, ['b', 'c', 'abc']);
  assert.equal(shown(isolated(false, ['b'], 'b')), 'b'); // hidden alone is not shown alone
  assert.equal(shown(isolated(true, ['a', 'b'], 'b')), 'b');
});

test('a class that is off at first is shown where it is named, and nothing else follows from its sign', () => {
  const classes = ['0', '0~', '3'];
  const drawn = (only, ids) => classes.filter((id) => !isClassOff({only, ids}, id)).join(' ');
  assert.deepEqual(
    [drawn(false, []), drawn(false, ['0~']), drawn(false, ['0', '3']), drawn(true, ['0~']), drawn(true, ['3']), drawn(true, [])],
    ['0 3', '0 0~ 3', '', '0~', '3', ''],
  );
  assert.equal(isOff(false, [], 'a key~'), false);
});
