// What is chosen on the page that compares, and what follows from that and from the data of the runs: nothing here
// knows of a page.

import * as identity from '../../core/identity.js';
import * as paneText from '../../core/pane_text.js';

const views = ['side', 'blink', 'difference', 'split'];
const [maxPanes, maxLines] = [4, 12];
const maxGain = 6;

// `runs.get(name)` gives {data, about, problem} of a run, `runs.nameOf(name)` what it is called here.
export const compareModel = (runs) => {
  // `isOpening` until it is known where the first of the panes stands that nobody chose. `step` is null at the latest, `key` while none is chosen; the image by its `id`, or where that is null by its `index`; `section` is 'pictures' or 'charts', `gain` a power of two.
  const chosen = {panes: [], key: null, id: null, index: 0, step: null, view: 'side', section: 'pictures', gain: 0, isOpening: false};

  const runOf = (pane) => runs.get(pane.run);
  const isPair = () => chosen.panes.length === 2;
  const shownView = () => (isPair() ? chosen.view : 'side');
  const runNames = () => [...new Set(chosen.panes.map((pane) => pane.run))];
  const isFirstOfRun = (pane) => chosen.panes.find((other) => other.run === pane.run) === pane;
  const isRead = (pane) => runOf(pane).data.revision >= 0 || runOf(pane).problem !== null;
  const allKeys = () => [...new Set(chosen.panes.flatMap((pane) => runOf(pane).data.keysAt()))].sort();
  const hasCharts = () => runNames().some((name) => runs.get(name).about?.charts);
  const isCharts = () => chosen.section === 'charts' || (chosen.panes.every(isRead) && !allKeys().length && hasCharts());
  const isFull = () => (isCharts() ? runNames().length >= maxLines : chosen.panes.length >= maxPanes);

  function runsOfSlider() {
    const following = chosen.panes.filter((pane) => pane.step === null);
    const names = new Set((following.length ? following : chosen.panes).map((pane) => pane.run));
    return [...names].map((name) => runs.get(name));
  }

  // The steps of the slider: those of the key, in any of the runs that follow it.
  function steps() {
    const lists = runsOfSlider().map(({data}) => data.stepsOf(chosen.key));
    return lists.length === 1 ? lists[0] : [...new Set(lists.flat())].sort((a, b) => a - b);
  }

  // The last of them at or before the one that is asked for.
  function atSlider() {
    const {key, step} = chosen;
    const there = runsOfSlider().map(({data}) => data.latest(key, step ?? Infinity)).filter((at) => at !== undefined);
    return there.length ? Math.max(...there) : step ?? 0;
  }

  const wantedStep = (pane) => pane.step ?? atSlider() + pane.offset;
  const place = () => steps().findLastIndex((candidate) => candidate <= atSlider());

  // The step to choose for a place among them, the nearest there is; undefined where there are none.
  function stepAt(wanted) {
    const all = steps();
    const at = Math.min(Math.max(0, wanted), all.length - 1);
    return at === all.length - 1 && all.length ? null : all[at];
  }

  // Once all runs are read, what nobody chose: the key, and where the first pane stands.
  function choose() {
    if (!chosen.panes.every(isRead)) return;
    if (chosen.key === null) chooseKey();
    if (chosen.isOpening && chosen.key !== null) openWithFirst();
  }

  // The first step beside the latest: the same step twice would say nothing.
  function openWithFirst() {
    const [first] = chosen.panes;
    const [step] = runOf(first).data.stepsOf(chosen.key);
    if (step !== undefined) chosen.panes = [{...first, step, byItself: true}, ...chosen.panes.slice(1)];
    chosen.isOpening = false;
  }

  // What nobody chose ends with a choice: other runs are compared at the same step.
  const freed = (pane) => (pane.byItself ? {...pane, step: null, byItself: false} : pane);

  function changePane(pane, values) {
    Object.assign(pane, values, {byItself: false});
    if ('run' in values) chosen.panes = chosen.panes.map(freed);
  }

  // Of the keys that most of the panes have, one with images at the highest step, of these one with the most steps.
  function chooseKey() {
    const ranked = allKeys().map((name) => {
      const latest = chosen.panes.map((pane) => runOf(pane).data.latest(name, pane.step ?? Infinity)).filter((at) => at !== undefined);
      return {name, count: latest.length, highest: Math.max(...latest), steps: runOf(chosen.panes[0]).data.stepsOf(name).length};
    });
    chosen.key = ranked.sort((a, b) => b.count - a.count || b.highest - a.highest || b.steps - a.steps)[0]?.name ?? null;
  }

  // `get` gives the value of a name in an address, or null.
  function read(get) {
    const number = (name) => (/^\d+$/.test(get(name) ?? '') ? Number(get(name)) : null);
    const named = paneText.read(get('panes') ?? '').map((pane) => ({...pane, run: runs.nameOf(pane.run)}));
    const section = get('show') === 'charts' || get('chart') !== null ? 'charts' : 'pictures';
    const panes = named.length ? named.slice(0, section === 'charts' ? maxLines : maxPanes) : paneText.read('.,.');
    if (panes.length === 1) panes.push({...panes[0], step: null, offset: 0});
    Object.assign(chosen, {
      panes,
      key: get('key'),
      ...identity.read(get) ?? {id: null, index: 0},
      step: number('step'),
      view: views.includes(get('view')) ? get('view') : 'side',
      section,
      gain: within(Math.round(Math.log2(number('gain') || 1))),
      isOpening: !named.length && section === 'pictures',
    });
  }

  // What the address says of all that; null is left out.
  function written() {
    const {panes, key, id, index, step, view, section, gain} = chosen;
    return {
      panes: paneText.write(panes), key, ...identity.write({id, index}), step,
      view: view === 'side' ? null : view,
      show: section === 'charts' ? section : null,
      gain: gain ? 2 ** gain : null,
    };
  }

  const within = (gain) => Math.min(maxGain, Math.max(0, gain));
  const gainBy = (by) => within(chosen.gain + by);

  function addPane() {
    if (!isFull()) chosen.panes = [...chosen.panes, {...chosen.panes.at(-1)}];
  }

  // Where charts are shown, each run has one pane.
  function addRun(name) {
    if (!isFull()) chosen.panes = [...chosen.panes.filter(isFirstOfRun), {run: name, step: null, offset: 0, layers: null}];
  }

  function removePane(pane) {
    chosen.panes = chosen.panes.filter((other) => (isCharts() ? other.run !== pane.run : other !== pane));
  }

  // As many panes as there are layers, each with one; null where that is nothing new.
  function panesByLayer(names) {
    const layers = [...new Set(names)].slice(0, maxPanes);
    const apart = layers.map((name) => ({...freed(chosen.panes[0]), layers: [name]}));
    return layers.length < 2 || paneText.write(apart) === paneText.write(chosen.panes) ? null : apart;
  }

  return {
    chosen, runOf, isPair, shownView, runNames, isFirstOfRun, allKeys, hasCharts, isCharts, isFull,
    steps, atSlider, wantedStep, place, stepAt, choose, read, written, gainBy, addPane, addRun, changePane, removePane, panesByLayer,
  };
};
