// Two to four panes side by side, one slider for all: runs at a step, steps of a run, or layers of an image; or charts
// with a line for each of their runs.

import * as charts from '../../charts/charts.js';
import * as address from '../../core/address.js';
import * as content from '../../core/content.js';
import {byId} from '../../core/dom.js';
import * as keys from '../../core/keys.js';
import * as paneText from '../../core/pane_text.js';
import {mergeControls} from '../../gallery/merge_controls.js';
import {linkedStages} from '../../stage/linked_stages.js';
import * as viewText from '../../stage/view_text.js';
import * as compareCharts from './compare_charts.js';
import * as differences from './differences.js';
import {otherRuns} from './other_runs.js';
import {comparePair} from './pair.js';
import {comparePane} from './pane.js';
import {layOutPanes} from './pane_layout.js';
import {decoded, readPane} from './pane_reading.js';

export function openComparePage() {
  const views = ['side', 'blink', 'difference', 'split'];
  const maxPanes = 4;
  const runs = otherRuns(() => show());
  const stages = linkedStages(showAddressSoon);
  const drawn = []; // what is on the page: one for each pane
  const pair = comparePair(byId('pair'), {stage: linkedStage, split: byId('split')});
  let panes = [];
  let known = []; // the runs to choose from, as [folder name, title]
  let key = null;
  let index = 0;
  let step = null; // null: the latest
  let view = 'side';
  let section = 'pictures'; // or 'charts'
  let gain = 0; // a power of two
  let ticket = 0;
  let addressTimer = 0;
  let keyOfControls = null;

  function linkedStage(frame, onDraw) {
    // The arrow keys are for steps and images, but where the reader has tabbed to a picture to move it.
    frame.addEventListener('mousedown', (event) => {
      event.preventDefault();
      document.activeElement.blur();
    });
    return stages.add(frame, onDraw);
  }

  const runOf = (pane) => runs.get(pane.run);
  const isPair = () => panes.length === 2;
  const shownView = () => (isPair() ? view : 'side');
  const runNames = () => [...new Set(panes.map((pane) => pane.run))];
  const isFirstOfRun = (pane) => panes.find((other) => other.run === pane.run) === pane;
  const hasCharts = () => runNames().some((name) => runs.get(name).about?.charts);
  const isCharts = () => section === 'charts' || (panes.every(isRead) && !allKeys().length && hasCharts());

  // The steps of the slider: those of the key, in any of the runs that follow it.
  function steps() {
    const lists = runsOfSlider().map(({data}) => data.stepsOf(key));
    return lists.length === 1 ? lists[0] : [...new Set(lists.flat())].sort((a, b) => a - b);
  }

  function runsOfSlider() {
    const following = panes.filter((pane) => pane.step === null);
    const names = new Set((following.length ? following : panes).map((pane) => pane.run));
    return [...names].map((name) => runs.get(name));
  }

  // The last of them at or before the one that is asked for.
  function atSlider() {
    const there = runsOfSlider().map(({data}) => data.latest(key, step ?? Infinity)).filter((at) => at !== undefined);
    return there.length ? Math.max(...there) : step ?? 0;
  }

  const wantedStep = (pane) => pane.step ?? atSlider() + pane.offset;

  function allKeys() {
    return [...new Set(panes.flatMap((pane) => runOf(pane).data.keysAt()))].sort();
  }

  const isRead = (pane) => runOf(pane).data.revision >= 0 || runOf(pane).problem !== null;

  // Of the keys that most of the panes have, the first with images at the highest step.
  function mostTelling(keysKnown) {
    const ranked = keysKnown.map((name) => {
      const latest = panes.map((pane) => runOf(pane).data.latest(name, pane.step ?? Infinity)).filter((at) => at !== undefined);
      return {name, count: latest.length, highest: Math.max(...latest)};
    });
    return ranked.sort((a, b) => b.count - a.count || b.highest - a.highest)[0]?.name ?? null;
  }

  const nameOf = ({run, layers}, {step: at}) => [runs.titleOf(run), `step ${at}`, ...layers ?? []].join(' · ');

  function showAddress() {
    clearTimeout(addressTimer);
    const unusual = {view: view === 'side' ? null : view, show: section === 'charts' ? section : null, gain: gain ? 2 ** gain : null};
    address.set({panes: paneText.write(panes), key, index, step, ...unusual, zoom: viewText.write(stages.view)});
  }

  // Browsers take offence at an address that changes at every frame.
  function showAddressSoon() {
    clearTimeout(addressTimer);
    addressTimer = setTimeout(showAddress, 150);
  }

  function readAddress() {
    clearTimeout(addressTimer);
    const number = (name) => (/^\d+$/.test(address.get(name) ?? '') ? Number(address.get(name)) : null);
    const named = paneText.read(address.get('panes') ?? '').map((pane) => ({...pane, run: runs.nameOf(pane.run)}));
    panes = named.slice(0, maxPanes);
    if (!panes.length) panes = paneText.read('.,.');
    if (panes.length === 1) panes.push({...panes[0], step: null, offset: 0});
    key = address.get('key');
    index = number('index') ?? 0;
    step = number('step');
    view = views.includes(address.get('view')) ? address.get('view') : 'side';
    section = address.get('show') === 'charts' || address.get('chart') !== null ? 'charts' : 'pictures';
    gain = Math.min(6, Math.max(0, Math.round(Math.log2(number('gain') || 1))));
    stages.take(viewText.read(address.get('zoom')));
    pair.setAuto(false);
    show();
  }

  function change(values) {
    if ('key' in values) key = values.key;
    if ('index' in values) index = values.index;
    if ('step' in values) step = values.step;
    if ('view' in values) view = values.view;
    if ('section' in values) section = values.section;
    if ('gain' in values) gain = values.gain;
    if (view !== 'blink') pair.setAuto(false);
    show();
    showAddress();
  }

  function changePane(pane, values) {
    Object.assign(pane, values);
    change({});
  }

  function removePane(pane) {
    panes = panes.filter((other) => (isCharts() ? other.run !== pane.run : other !== pane));
    change({});
  }

  async function show() {
    ticket += 1;
    const mine = ticket;
    const keysKnown = allKeys();
    if (panes.every(isRead)) key ??= mostTelling(keysKnown);
    showSection();
    showPanes();
    showControls(keysKnown);
    if (isCharts()) {
      showCharts();
      return;
    }
    const shown = await Promise.all(panes.map((pane) => readPane(runOf(pane), pane, {key, index, step: wantedStep(pane)})));
    await decoded(shown.flatMap(({figure}) => figure ?? []));
    if (mine !== ticket) return;
    showPictures(shown);
    showDifferences();
    content.changed();
  }

  function showSection() {
    const shown = isCharts() ? 'charts' : 'pictures';
    document.body.dataset.section = shown;
    byId('sections').hidden = !hasCharts() || !allKeys().length;
    for (const button of byId('sections').children) button.setAttribute('aria-pressed', button.dataset.section === shown);
    byId('numbers').hidden = !isCharts();
    byId('add').textContent = isCharts() ? 'Add a run' : 'Add a pane';
    byId('add').hidden = isCharts() && runs.isAlone;
    byId('add').disabled = (isCharts() ? runNames() : panes).length >= maxPanes;
  }

  function showCharts() {
    const names = runNames();
    const titles = runs.titlesOf(names);
    runs.wantCharts();
    panes.forEach((pane, n) => drawn[n].show({message: runOf(pane).problem}));
    const count = compareCharts.take(names.map((name, n) => ({title: titles[n], charts: runs.get(name).charts})));
    byId('no-charts').hidden = count > 0 || !names.every((name) => runs.get(name).charts);
    showDifferences();
    content.changed();
  }

  function showPanes() {
    while (drawn.length > panes.length) {
      const gone = drawn.pop();
      stages.remove(gone.stage);
      gone.element.remove();
    }
    while (drawn.length < panes.length) {
      const more = comparePane({stage: linkedStage, changed: changePane, removed: removePane});
      drawn.push(more);
      byId('panes').append(more.element);
    }
    const names = runNames();
    const folders = [...new Set([...names, '.', ...known.map(([name]) => name)])];
    const titles = runs.titlesOf(folders, new Map(known));
    const canGo = (isCharts() ? names : panes).length > 2;
    const canChoose = !runs.isAlone || folders.length > 1;
    drawn.forEach((of, n) => {
      const {run} = panes[n];
      of.element.hidden = isCharts() && !isFirstOfRun(panes[n]);
      of.showHead(panes[n], {title: runs.titleOf(run), runs: folders.map((name, at) => [name, titles[at]]), canChoose, canGo, line: isCharts() ? names.indexOf(run) : null});
    });
  }

  function showPictures(shown) {
    if (keyOfControls !== key) byId('controls').firstElementChild.replaceChildren();
    keyOfControls = key;
    shown.forEach((of, n) => {
      if (of.figure) mergeControls(byId('controls'), of.gallery, of.figure);
      drawn[n].show(of);
      drawn[n].showLayers(of.names ?? []);
    });
    layOutPanes(byId('panes'));
    const [first, second] = shown;
    const isTogether = shownView() !== 'side' && first.figure && second.figure;
    byId('pair').hidden = !isTogether;
    byId('panes').classList.toggle('together', Boolean(isTogether));
    pair.setView(shownView());
    pair.setGain(2 ** gain);
    if (isTogether) {
      pair.show([first.figure, second.figure], [first, second].map((of, n) => nameOf(panes[n], of)));
      for (const {stage} of drawn) stage.clear(); // each picture is in the page once
    } else pair.clear();
    stages.restore();
    const counts = shown.map(({count}) => count ?? 0);
    byId('after').disabled = index + 1 >= Math.max(...counts);
  }

  function showControls(keysKnown) {
    const all = steps();
    const at = all.findLastIndex((candidate) => candidate <= atSlider());
    byId('slider').max = Math.max(0, all.length - 1);
    byId('slider').value = at;
    byId('slider').setAttribute('aria-valuetext', `step ${atSlider()}`);
    byId('slider').disabled = panes.every((pane) => pane.step !== null);
    byId('place').textContent = `step ${atSlider()}${step === null ? ', the latest' : ''}`;
    byId('previous').disabled = at <= 0;
    byId('next').disabled = at + 1 >= all.length;
    if (byId('key').options.length !== keysKnown.length) byId('key').replaceChildren(...keysKnown.map((name) => new Option(name, name)));
    byId('key').value = key;
    byId('all-steps').href = `key.html${address.link({key})}`;
    byId('index').textContent = `#${index}`;
    byId('before').disabled = index === 0;
    for (const button of byId('views').children) {
      button.setAttribute('aria-pressed', button.dataset.view === shownView());
      button.disabled = !isPair() && button.dataset.view !== 'side';
    }
    byId('auto').hidden = shownView() !== 'blink' || !pair.canBlink;
    byId('auto').setAttribute('aria-pressed', pair.isAuto);
    byId('gain-choice').hidden = shownView() !== 'difference';
    byId('gain').value = gain;
    byId('gain-shown').textContent = `× ${2 ** gain}`;
    document.title = [isCharts() ? 'Charts' : key, 'Compare', ...runNames().map(runs.titleOf)].filter(Boolean).join(' · ');
  }

  function showDifferences() {
    const names = runNames();
    const titles = runs.titlesOf(names);
    const of = names.map((name, n) => ({title: titles[n], about: runs.get(name).about, line: isCharts() ? n : null}));
    differences.show(of.filter(({about}) => about));
  }

  function goBy(by) {
    const all = steps();
    const at = all.findLastIndex((candidate) => candidate <= atSlider());
    goToPlace(at + by);
  }

  function goToPlace(place) {
    const all = steps();
    const at = Math.min(Math.max(0, place), all.length - 1);
    if (all.length) change({step: at === all.length - 1 ? null : all[at]});
  }

  // There may be hundreds: they are read when the reader comes near the choice.
  async function learnRuns() {
    if (known.length) return;
    known = await runs.all().catch(() => []);
    showPanes();
  }

  function addPane() {
    if (panes.length < maxPanes) panes = [...panes, {...panes.at(-1)}];
    change({});
  }

  // The first run that is not there yet; the reader chooses another at its head.
  async function addRun() {
    await learnRuns();
    const names = runNames();
    const next = known.map(([name]) => name).find((name) => !names.includes(name));
    if (next !== undefined && names.length < maxPanes) panes = [...panes.filter(isFirstOfRun), {run: next, step: null, offset: 0, layers: null}];
    change({});
  }

  // As many panes as the image has layers, each with one. The browser's way back brings the panes before.
  function showByLayer() {
    const names = [...document.querySelectorAll('#controls input[data-kind]')].map((input) => input.dataset.layer);
    const layers = [...new Set(names)].slice(0, maxPanes);
    const apart = layers.map((name) => ({...panes[0], layers: [name]}));
    if (layers.length < 2 || paneText.write(apart) === paneText.write(panes)) return;
    address.enter();
    panes = apart;
    change({});
  }

  function flip() {
    if (shownView() === 'blink') pair.flip();
    else if (isPair()) change({view: 'blink'});
  }

  // A click is to drag with, and a double click for the zoom.
  function enlarge() {
    const section = keys.section('.pane');
    const ofPair = byId('pair').dataset.shown === 'second' ? 1 : 0;
    const pane = byId('pair').hidden ? drawn.find(({element}) => element === section) : drawn[ofPair];
    pane?.enlarge();
  }

  const isOnControl = () => document.activeElement.matches('a, button, summary, [role=checkbox]');

  function goToImage(wanted) {
    if (wanted >= 0 && !(wanted > index && byId('after').disabled)) change({index: wanted});
  }

  const goToView = (wanted) => isPair() && change({view: wanted});

  // The button in use keeps the focus, and with it the space key: pressed again, it flips.
  function pressView(wanted) {
    if (wanted === 'blink' && shownView() === 'blink') flip();
    else change({view: wanted});
  }

  const pictureKeys = {
    ArrowLeft: () => goBy(-1),
    ArrowRight: () => goBy(1),
    'Shift+ArrowLeft': () => goBy(-10),
    'Shift+ArrowRight': () => goBy(10),
    Home: () => goToPlace(0),
    End: () => change({step: null}),
    ArrowUp: () => goToImage(index - 1),
    ArrowDown: () => goToImage(index + 1),
    ' ': flip,
    Enter: () => !isOnControl() && enlarge(),
    s: () => goToView('side'),
    k: () => goToView('blink'),
    d: () => goToView('difference'),
    x: () => goToView('split'),
    '[': () => change({gain: Math.max(0, gain - 1)}),
    ']': () => change({gain: Math.min(6, gain + 1)}),
    '+': () => stages.zoomBy(1),
    '=': () => stages.zoomBy(1),
    '-': () => stages.zoomBy(-1),
  };
  for (const [name, action] of Object.entries(pictureKeys)) keys.add({[name]: () => !isCharts() && action()});
  keys.add({t: () => !byId('sections').hidden && change({section: isCharts() ? 'pictures' : 'charts'})});
  byId('previous').addEventListener('click', () => goBy(-1));
  byId('next').addEventListener('click', () => goBy(1));
  byId('slider').addEventListener('input', ({target}) => goToPlace(Number(target.value)));
  byId('key').addEventListener('change', ({target}) => change({key: target.value}));
  byId('before').addEventListener('click', () => goToImage(index - 1));
  byId('after').addEventListener('click', () => goToImage(index + 1));
  byId('views').addEventListener('click', ({target}) => target.dataset.view && pressView(target.dataset.view));
  byId('gain').addEventListener('input', ({target}) => change({gain: Number(target.value)}));
  byId('sections').addEventListener('click', ({target}) => target.dataset.section && change({section: target.dataset.section}));
  byId('add').addEventListener('click', () => (isCharts() ? addRun() : addPane()));
  byId('to-full').addEventListener('click', enlarge);
  byId('by-layer').addEventListener('click', showByLayer);
  byId('auto').addEventListener('click', () => {
    pair.setAuto(!pair.isAuto);
    byId('auto').setAttribute('aria-pressed', pair.isAuto);
  });
  charts.start();
  differences.start(showDifferences);
  address.onChange(readAddress);
  content.drawnBy(show);
  addEventListener('resize', () => layOutPanes(byId('panes')));
  for (const approach of ['pointerover', 'focusin']) byId('panes').addEventListener(approach, learnRuns, {once: true});
  readAddress();
  return runs.takeOwn;
}
