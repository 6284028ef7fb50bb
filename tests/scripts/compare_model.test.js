import assert from 'node:assert/strict';
import {test} from 'node:test';

import {countUpTo} from '../../viewer/runlog_viewer/static/data/steps.js';
import {compareModel} from '../../viewer/runlog_viewer/static/pages/compare/compare_model.js';

// A run whose keys have images at some steps; one that is not read yet has none.
function runWith(stepsOf, more = {}) {
  const data = {
    revision: stepsOf ? 1 : -1,
    metrics: {},
    keysAt: () => Object.keys(stepsOf ?? {}),
    stepsOf: (key) => stepsOf?.[key] ?? [],
    latest: (key, step) => data.stepsOf(key)[countUpTo(data.stepsOf(key), step) - 1],
  };
  return {data, about: null, problem: null, ...more};
}

const two = {'.': runWith({val: [0, 10, 20], train: [0, 5]}), other: runWith({val: [10, 15, 30]})};

function modelOf(hash = '', runs = two) {
  const model = compareModel({get: (name) => runs[name] ?? runWith(null), nameOf: (name) => (name === 'own' ? '.' : name)});
  const given = new URLSearchParams(hash);
  model.read((name) => given.get(name));
  return model;
}

const unusual = (model) => Object.fromEntries(Object.entries(model.written()).filter(([, value]) => value !== null));

test('an address without panes shows the first step beside the latest, once both are known', () => {
  const model = modelOf();
  model.choose();
  assert.deepEqual(unusual(model), {panes: '.@0,.', key: 'val', index: 0});
  assert.deepEqual(model.chosen.panes.map(model.wantedStep), [0, 20]);
  const later = modelOf('panes=.,.');
  later.choose();
  assert.equal(later.written().panes, '.,.');
  const unread = modelOf('', {'.': runWith(null)});
  unread.choose();
  assert.equal(unread.written().panes, '.,.');
});

test('an address without panes shows this run twice, with one pane the run beside itself at the slider', () => {
  assert.deepEqual(unusual(modelOf()), {panes: '.,.', index: 0});
  assert.equal(modelOf('panes=other@5!truth').written().panes, 'other@5!truth,other!truth');
  assert.equal(modelOf('panes=own@-2,other').written().panes, '.@-2,other');
});

test('what an address says is written as it was, and what makes no sense in it is left out', () => {
  const whole = 'panes=.,other@7&key=val&index=2&step=10&view=split&gain=8&show=charts';
  assert.deepEqual(unusual(modelOf(whole)), {panes: '.,other@7', key: 'val', index: 2, step: 10, view: 'split', gain: 8, show: 'charts'});
  assert.deepEqual(unusual(modelOf('index=x&step=-1&view=upside&gain=no&show=else')), {panes: '.,.', index: 0});
  assert.equal(modelOf('gain=5000').written().gain, 64);
  assert.equal(modelOf('chart=loss').written().show, 'charts');
  assert.equal(modelOf('panes=a,b,c,d,e').written().panes, 'a,b,c,d');
});

test('the slider has the steps of the runs that follow it, and all panes stand at the latest at first', () => {
  const model = modelOf('panes=.,other&key=val');
  assert.deepEqual(model.places(), [0, 10, 15, 20, 30]);
  assert.deepEqual([model.atSlider(), model.place(), model.placeAt(0), model.placeAt(2), model.placeAt(9)], [30, 4, 0, 15, null]);
  assert.deepEqual(modelOf('panes=.,other@10&key=val').places(), [0, 10, 20]);
  assert.deepEqual(modelOf('panes=.@0,other@10&key=val').places(), [0, 10, 15, 20, 30]);
});

test('a step between two is the one before, and a pane may stand off it or elsewhere', () => {
  const model = modelOf('panes=.,.@-10,other@7&key=val&step=19');
  assert.deepEqual([model.atSlider(), model.place()], [10, 1]);
  assert.deepEqual(model.chosen.panes.map(model.wantedStep), [10, 0, 7]);
});

test('without images there is nowhere to go', () => {
  const model = modelOf('key=gone&step=4');
  assert.deepEqual([model.places(), model.atSlider(), model.place(), model.placeAt(0)], [[], 4, -1, undefined]);
});

test('the key is the one that most panes have, of these the one that goes on longest', () => {
  const keyOf = (hash, runs) => {
    const model = modelOf(hash, runs);
    model.choose();
    return model.chosen.key;
  };
  assert.equal(keyOf('panes=.,other'), 'val');
  assert.equal(keyOf('panes=.,other&key=train'), 'train');
  assert.equal(keyOf('', {'.': runWith({a: [0, 3], b: [9], c: [9]})}), 'b');
  assert.equal(keyOf('panes=.@5,.@5', {'.': runWith({a: [0, 3], b: [9]})}), 'a');
  assert.equal(keyOf('panes=.,other', {...two, other: runWith(null)}), null); // one is not read yet
  assert.equal(keyOf('panes=.,other', {...two, other: runWith(null, {problem: 'gone'})}), 'val');
});

test('runs without images are compared by their charts', () => {
  const charts = {about: {charts: 2}};
  assert.ok(modelOf('', {'.': runWith({}, charts)}).isCharts());
  assert.ok(!modelOf('', {'.': runWith({val: [1]}, charts)}).isCharts());
  assert.ok(!modelOf('', {'.': runWith({})}).isCharts());
  assert.ok(modelOf('show=charts', {'.': runWith({val: [1]}, charts)}).isCharts());
});

test('only two panes are looked at together', () => {
  assert.equal(modelOf('view=blink').shownView(), 'blink');
  const model = modelOf('panes=.,.,.&view=blink');
  assert.equal(model.shownView(), 'side');
  model.removePane(model.chosen.panes[2]);
  assert.equal(model.shownView(), 'blink');
});

test('a pane more is as the last, up to four; of charts a run more, and with it one pane a run', () => {
  const model = modelOf('panes=.,other@7!truth');
  for (const panes of ['.,other@7!truth,other@7!truth', '.,other@7!truth,other@7!truth,other@7!truth', '.,other@7!truth,other@7!truth,other@7!truth']) {
    model.addPane();
    assert.equal(model.written().panes, panes);
  }
  assert.ok(model.isFull());
  model.chosen.section = 'charts';
  assert.ok(!model.isFull());
  model.addRun('third');
  assert.equal(model.written().panes, '.,other@7!truth,third');
  model.removePane(model.chosen.panes[1]);
  assert.equal(model.written().panes, '.,third');
});

test('panes by layer have one each, and are nothing new where there is one layer, or they are there', () => {
  const model = modelOf('panes=.@3,other');
  assert.equal(model.panesByLayer(['a', 'a']), null);
  model.chosen.panes = model.panesByLayer(['a', 'b', 'a']);
  assert.equal(model.written().panes, '.@3!a,.@3!b');
  assert.equal(model.panesByLayer(['a', 'b']), null);
  assert.equal(model.panesByLayer(['a', 'b', 'c', 'd', 'e']).length, 4);
});

test('the gain has an end on both sides', () => {
  const model = modelOf('gain=32');
  const gains = [1, 1, -1].map((by) => {
    model.chosen.gain = model.gainBy(by);
    return model.written().gain;
  });
  assert.deepEqual(gains, [64, 64, 32]);
  for (let n = 0; n < 9; n += 1) model.chosen.gain = model.gainBy(-1);
  assert.equal(model.written().gain, null);
});

// Two runs of other sizes of batches: an epoch ends at another step in each.
const epochs = [[[0, 0, 9], [1, 10, 19], [2, 20, 29]], [[0, 0, 4], [1, 5, 9], [2, 10, 14], [3, 15, 19]]];
const [here, there] = [runWith({val: [0, 9, 19, 29], train: [3]}), runWith({val: [4, 9, 14, 19]})];
here.data.metrics = {epoch: [['val'], epochs[0]], samples: [['val'], []]};
there.data.metrics = {epoch: [['val'], epochs[1]]};
const trained = {'.': here, other: there};

test('the slider goes over the step metric that its runs share, so that they stand at the same epoch', () => {
  const model = modelOf('panes=.,other&key=val', trained);
  assert.deepEqual([model.places(), model.atSlider(), model.placeText()], [[0, 1, 2, 3], 3, 'epoch 3']);
  assert.deepEqual(model.chosen.panes.map(model.wantedStep), [29, 19]);
  Object.assign(model.chosen, {at: model.placeAt(1)});
  assert.deepEqual(model.chosen.panes.map(model.wantedStep), [19, 9]);
  assert.deepEqual(unusual(model), {panes: '.,other', key: 'val', index: 0, at: 1});
  const off = modelOf('panes=.@-1,other@4&key=val&at=1', trained);
  assert.deepEqual(off.chosen.panes.map(model.wantedStep), [9, 4]);
  assert.deepEqual(off.chosen.panes.map(off.placeText), ['epoch 0', 'step 4']);
  const before = modelOf('panes=.@-1,.&key=val&at=0', trained);
  assert.deepEqual([before.wantedStep(before.chosen.panes[0]), before.placeText(before.chosen.panes[0])], [undefined, 'epoch -1']);
});

test('a step in the address is one, whatever the slider goes over by itself, and one may go over the steps again', () => {
  const model = modelOf('panes=.,other&key=val&step=14', trained);
  assert.deepEqual([model.slider().over, model.chosen.panes.map(model.wantedStep)], [null, [14, 14]]);
  assert.deepEqual(unusual(model), {panes: '.,other', key: 'val', index: 0, step: 14});
  model.goOver('epoch');
  assert.deepEqual([model.atSlider(), unusual(model)], [0, {panes: '.,other', key: 'val', index: 0, at: 0}]);
  model.goOver('step');
  assert.deepEqual([model.atSlider(), model.written().step, model.written().over], [9, 9, null]);
  model.chosen.at = null;
  assert.equal(model.written().over, 'step');
  assert.deepEqual(modelOf('panes=.,other&key=val&over=step', trained).places(), [0, 4, 9, 14, 19, 29]);
});

test('what not all runs of the slider have for the key, it does not go over', () => {
  const model = modelOf('panes=.,other&key=val&over=samples', trained);
  assert.deepEqual([model.slider().names, model.slider().over], [['epoch'], null]);
  assert.deepEqual(modelOf('panes=.,other&key=train', trained).slider(), {names: [], own: null, over: null});
  assert.equal(modelOf('panes=.,other@9&key=val&over=samples', trained).slider().over, 'samples');
});
