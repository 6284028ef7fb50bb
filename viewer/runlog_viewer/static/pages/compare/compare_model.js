// What is chosen on the page that compares, and what follows from that and from the data of the runs: nothing here
// knows of a page.

import * as identity from '../../core/identity.js';
import {number} from '../../core/numbers.js';
import * as paneText from '../../core/pane_text.js';
import {sliderOver, stopsOf} from '../../data/steps.js';

const views = ['side', 'blink', 'difference', 'split'];
const [maxPanes, maxLines] = [4, 12];
const maxGain = 6;

// `runs.get(name)` gives {data, about, problem} of a run, `runs.nameOf(name)` what it is called here.
export const compareModel = (runs) => {
  // `isOpening` until it is known where the first of the panes stands that nobody chose. `key` is null while none is chosen; the
  // image goes by its `id`, or where that is null by its `index`; the slider goes `over` a step
  // metric or 'step', null for what it does by itself, and stands there `at` a value, null for the latest; `section` is 'pictures' or
  // 'charts', `gain` a power of two.
  const chosen = {panes: [], key: null, id: null, index: 0, over: null, at: null, view: 'side', section: 'pictures', gain: 0, isOpening: false};

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

  // What the slider can go over, and does: what all runs that follow it have for the key.
  function slider() {
    const [first, ...others] = runsOfSlider().map(({data}) => data.metrics);
    const isShared = (name) => others.every((metrics) => metrics[name]?.[0].includes(chosen.key));
    const shared = Object.fromEntries(Object.entries(first).filter(([name]) => isShared(name)));
    return sliderOver(shared, chosen.key === null ? [] : [chosen.key], chosen.over);
  }

  // The stops of a run at a step metric, from its least value up.
  const stopsIn = ({data}, over) => stopsOf(data.stepsOf(chosen.key), data.metrics[over][1]).sort((a, b) => a.value - b.value);

  // Where the slider can stand, in what it goes over: wherever a run that follows it has images.
  function places() {
    const {over} = slider();
    const lists = runsOfSlider().map((run) => (over === null ? run.data.stepsOf(chosen.key) : stopsIn(run, over).map(({value}) => value)));
    return lists.length === 1 ? lists[0] : [...new Set(lists.flat())].sort((a, b) => a - b);
  }

  // The last place of a run at or before one, as {value, step}; undefined where there is none.
  function upTo(run, at) {
    const {over} = slider();
    if (over !== null) return stopsIn(run, over).findLast(({value}) => value <= at);
    const step = run.data.latest(chosen.key, at);
    return step === undefined ? undefined : {value: step, step};
  }

  // The last place at or before the one that is asked for.
  function atSlider() {
    const there = runsOfSlider().flatMap((run) => upTo(run, chosen.at ?? Infinity)?.value ?? []);
    return there.length ? Math.max(...there) : chosen.at ?? 0;
  }

  // The step to show in a pane, undefined where its run has nothing that far.
  function wantedStep(pane) {
    if (pane.step !== null) return pane.step;
    const at = atSlider() + pane.offset;
    return slider().over === null ? at : upTo(runOf(pane), at)?.step;
  }

  // Where a pane, or without one the slider, stands, in words.
  function placeText(pane = null) {
    const {over} = slider();
    if (pane && pane.step !== null) return `step ${pane.step}`;
    return `${over ?? 'step'} ${number(atSlider() + (pane?.offset ?? 0))}`;
  }

  // What a pane shows, in words: a step and, where the slider goes over a step metric, the value that ends there.
  function stepText(pane, step) {
    const {over} = slider();
    const stop = over === null ? undefined : stopsIn(runOf(pane), over).find((one) => one.step === step);
    return [`step ${step}`, ...(stop ? [`${over} ${number(stop.value)}`] : [])].join(' · ');
  }

  function place() {
    const at = atSlider();
    return places().findLastIndex((candidate) => candidate <= at);
  }

  // What to choose for a place among them, the nearest there is; undefined where there are none.
  function placeAt(wanted) {
    const all = places();
    const at = Math.min(Math.max(0, wanted), all.length - 1);
    return at === all.length - 1 && all.length ? null : all[at];
  }

  // Lets the slider go over something else, from about where it stands; null for the steps.
  function goOver(name) {
    const [run] = runsOfSlider();
    const step = upTo(run, atSlider())?.step ?? 0;
    chosen.over = name === (slider().own ?? 'step') ? null : name;
    const {over} = slider();
    if (chosen.at !== null) chosen.at = over === null ? step : stopsIn(run, over).findLast((stop) => stop.step <= step)?.value ?? null;
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
    const value = (name) => (Number.isFinite(Number(get(name) || NaN)) ? Number(get(name)) : null);
    const count = (name) => (/^\d+$/.test(get(name) ?? '') ? Number(get(name)) : null);
    const step = count('step');
    const named = paneText.read(get('panes') ?? '').map((pane) => ({...pane, run: runs.nameOf(pane.run)}));
    const section = get('show') === 'charts' || get('chart') !== null ? 'charts' : 'pictures';
    const panes = named.length ? named.slice(0, section === 'charts' ? maxLines : maxPanes) : paneText.read('.,.');
    if (panes.length === 1) panes.push({...panes[0], step: null, offset: 0});
    Object.assign(chosen, {
      panes,
      key: get('key'),
      ...identity.read(get) ?? {id: null, index: 0},
      over: get('over') ?? (step === null ? null : 'step'),
      at: step ?? value('at'),
      view: views.includes(get('view')) ? get('view') : 'side',
      section,
      gain: within(Math.round(Math.log2(count('gain') || 1))),
      isOpening: !named.length && section === 'pictures',
    });
  }

  // What the address says of all that; null is left out.
  function written() {
    const {panes, key, id, index, at, view, section, gain} = chosen;
    const {own, over} = slider();
    const isSaid = over === null && at !== null; // by the step, that the slider goes over steps
    return {
      panes: paneText.write(panes), key, ...identity.write({id, index}),
      over: chosen.over === 'step' && (isSaid || own === null) ? null : chosen.over,
      step: over === null ? at : null,
      at: over === null ? null : at,
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
    slider, places, atSlider, wantedStep, place, placeText, stepText, placeAt, goOver, choose, read, written, gainBy, addPane, addRun, changePane, removePane, panesByLayer,
  };
};
