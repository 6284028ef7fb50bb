import assert from 'node:assert/strict';
import {test} from 'node:test';

import {joinedStops, sliderOver, stopsOf} from '../../viewer/runlog_viewer/static/data/steps.js';

const metrics = {epoch: [['a', 'b'], []], samples: [['c'], []]};

test('a slider goes over the step metric that all keys have, and over any that is asked for', () => {
  assert.deepEqual(sliderOver(metrics, ['a', 'b'], null), {names: ['epoch'], own: 'epoch', over: 'epoch'});
  assert.deepEqual(sliderOver(metrics, ['a', 'c'], null), {names: ['epoch', 'samples'], own: null, over: null});
  assert.equal(sliderOver(metrics, ['a', 'c'], 'samples').over, 'samples');
  assert.equal(sliderOver(metrics, ['a'], 'step').over, null);
  assert.deepEqual(sliderOver(metrics, ['plain'], null), {names: [], own: null, over: null});
  assert.equal(sliderOver(metrics, [], null).over, null);
});

test('there is one stop a value, at the last step that has it', () => {
  const values = [[0, 0, 20], [1, 30, 50], [2, 60, 60]];
  assert.deepEqual(stopsOf([0, 10, 20, 30, 40, 50, 60], values), [{step: 20, value: 0}, {step: 50, value: 1}, {step: 60, value: 2}]);
  assert.deepEqual(stopsOf([10, 30], values), [{step: 10, value: 0}, {step: 30, value: 1}]);
  assert.deepEqual(stopsOf([25, 60], values), [{step: 60, value: 2}]);
});

test('stops of the parts of a run are joined: a value that is in several counts from its first step to its last', () => {
  const parts = [
    {epoch: [['a'], [[0, 0, 9], [1, 10, 19]]]},
    {},
    {epoch: [['a'], [[2, 30, 30], [0, 31, 31]]], samples: [['b'], [[-1, 20, 20]]]},
  ];
  assert.deepEqual(joinedStops(parts), {
    epoch: [['a'], [[1, 10, 19], [2, 30, 30], [0, 0, 31]]],
    samples: [['b'], [[-1, 20, 20]]],
  });
  assert.deepEqual(joinedStops([{}]), {});
});
