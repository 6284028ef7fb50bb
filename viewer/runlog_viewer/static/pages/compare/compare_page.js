// Two to four panes side by side, one slider for all: runs at a step, steps of a run, or layers of an image; or charts
// with a line for each of their runs.

import * as address from '../../core/address.js';
import * as content from '../../core/content.js';
import {byId, fillSelect} from '../../core/dom.js';
import * as identity from '../../core/identity.js';
import * as keys from '../../core/keys.js';
import {chartsScript} from '../../data/charts_script.js';
import {fillOver} from '../../data/steps.js';
import {judgingScript} from '../../gallery/judging_script.js';
import {mergeControls} from '../../gallery/merge_controls.js';
import * as viewText from '../../stage/view_text.js';
import {compareModel} from './compare_model.js';
import * as differences from './differences.js';
import {otherRuns} from './other_runs.js';
import {comparePair} from './pair.js';
import {sameness} from './sameness.js';
import {comparePane} from './pane.js';
import {layOutPanes} from './pane_layout.js';
import {decoded, imageAway, imageOf, pick, readPane} from './pane_reading.js';

// `linkedStages` makes the stages of its panes.
export function openComparePage(linkedStages) {
  const runs = otherRuns(() => show());
  const model = compareModel(runs);
  const {chosen, isCharts, isPair, shownView, runNames} = model;
  const stages = linkedStages(showAddressSoon);
  const loadCharts = chartsScript();
  const drawn = []; // what is on the page: one for each pane
  const pair = comparePair(byId('pair'), {stage: linkedStage, split: byId('split')});
  let known = []; // the runs to choose from, as [folder name, title]
  let ticket = 0;
  let addressTimer = 0;
  let keyOfControls = null;
  /** @type {(by: number) => any} */
  let imageAt = () => undefined; // the image so many places away
  let judgedPanes = null; // once there are judged images
  let shownPictures = []; // what each pane shows

  function linkedStage(frame, onDraw) {
    // The arrow keys are for steps and images, but where the reader has tabbed to a picture to move it.
    frame.addEventListener('mousedown', (event) => {
      event.preventDefault();
      document.activeElement.blur();
    });
    return stages.add(frame, onDraw);
  }

  const nameOf = ({run, layers}, {step: at}) => [runs.titleOf(run), `step ${at}`, ...layers ?? []].join(' · ');

  function showAddress() {
    clearTimeout(addressTimer);
    address.set({...model.written(), zoom: viewText.write(stages.view)});
  }

  // Browsers take offence at an address that changes at every frame.
  function showAddressSoon() {
    clearTimeout(addressTimer);
    addressTimer = setTimeout(showAddress, 150);
  }

  function readAddress() {
    clearTimeout(addressTimer);
    model.read(address.get);
    stages.take(viewText.read(address.get('zoom')));
    pair.setAuto(false);
    show();
  }

  function change(values = {}) {
    Object.assign(chosen, values);
    if (chosen.view !== 'blink') pair.setAuto(false);
    show();
    showAddress();
  }

  function changePane(pane, values) {
    model.changePane(pane, values);
    change();
  }

  function removePane(pane) {
    model.removePane(pane);
    change();
  }

  async function show() {
    ticket += 1;
    const mine = ticket;
    model.choose();
    showSection();
    showPanes();
    showControls();
    if (isCharts()) {
      await showCharts(mine);
      return;
    }
    const {panes, key} = chosen;
    const read = await Promise.all(panes.map((pane) => readPane(model.runOf(pane), pane, {key, step: model.wantedStep(pane), place: model.placeText(pane)})));
    const image = imageOf(read, chosen);
    const shown = read.map((pane) => pick(pane, image));
    await Promise.all([decoded(shown.flatMap(({figure}) => figure ?? [])), loadJudged(shown)]);
    if (mine !== ticket) return;
    showJudged(shown, image);
    showImage(shown, image);
    showPictures(shown);
    markJudged();
    showDifferences();
    content.changed();
  }

  function press(group, value) {
    for (const button of byId(group).children) button.setAttribute('aria-pressed', button.dataset[group.slice(0, -1)] === value);
  }

  function showSection() {
    const shown = isCharts() ? 'charts' : 'pictures';
    document.body.dataset.section = shown;
    byId('sections').hidden = !model.hasCharts() || !model.allKeys().length;
    press('sections', shown);
    byId('numbers').hidden = !isCharts();
    Object.assign(byId('add'), {textContent: isCharts() ? 'Add a run' : 'Add a pane', hidden: isCharts() && runs.isAlone, disabled: model.isFull()});
  }

  async function showCharts(mine) {
    const names = runNames();
    const titles = runs.titlesOf(names);
    runs.wantCharts();
    chosen.panes.forEach((pane, n) => drawn[n].show({message: model.runOf(pane).problem}));
    const charts = await loadCharts();
    if (mine !== ticket) return;
    const count = charts.takeRuns(names.map((name, n) => ({title: titles[n], charts: runs.get(name).charts, viewer: runs.get(name).data.viewer})));
    byId('no-charts').hidden = count > 0 || !names.every((name) => runs.get(name).charts);
    showDifferences();
    content.changed();
  }

  function showPanes() {
    const {panes} = chosen;
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
      of.element.hidden = isCharts() && !model.isFirstOfRun(panes[n]);
      of.showHead(panes[n], {title: runs.titleOf(run), runs: folders.map((name, at) => [name, titles[at]]), canChoose, canGo, line: isCharts() ? names.indexOf(run) : null});
    });
  }

  function showPictures(shown) {
    const {panes, key, gain} = chosen;
    if (keyOfControls !== key) byId('controls').firstElementChild.replaceChildren();
    keyOfControls = key;
    shown.forEach((of, n) => {
      if (of.figure) mergeControls(byId('controls'), of.gallery, of.figure);
      drawn[n].show({...of, words: model.stepText(panes[n], of.step)});
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
      byId('same').textContent = sameness(first.figure, second.figure);
      pair.show([first.figure, second.figure], [first, second].map((of, n) => nameOf(panes[n], of)));
      for (const {stage} of drawn) stage.clear(); // each picture is in the page once
    } else pair.clear();
    stages.restore();
  }

  async function loadJudged(shown) {
    if (judgedPanes || !shown.some(({gallery}) => gallery?.querySelector('.judged'))) return;
    const {openJudgedPanes} = await judgingScript();
    judgedPanes ??= openJudgedPanes(byId('judged'), {go: change, changed: showAgain});
  }

  function showJudged(shown, image) {
    const {panes, key} = chosen;
    const names = runNames();
    const titles = runs.titlesOf(names);
    const titleOf = ({run}, step) => (names.length > 1 ? `${titles[names.indexOf(run)]}, step ${step}` : `step ${step}`);
    shownPictures = shown;
    judgedPanes?.show(shown.map(({gallery, step}, n) => ({title: titleOf(panes[n], step), gallery, key})), image);
  }

  // The order of images, and what is said of their boxes, may be other than before.
  function showAgain() {
    showImage(shownPictures, chosen);
    markJudged();
  }

  // Says of the boxes of the image what they are, in the panes and where a pair is in one place.
  function markJudged() {
    const parts = byId('pair').querySelectorAll('.part');
    shownPictures.forEach(({figure}, n) => {
      drawn[n]?.showVerdicts(judgedPanes && figure ? judgedPanes.countsIn(n, figure.dataset.index) : []);
      if (!judgedPanes || !figure) return;
      for (const root of [figure, drawn[n].element, parts[n]]) if (root) judgedPanes.mark(root, n, figure.dataset.index);
    });
    content.changedInPlace();
  }

  // The image by the name that it has in all panes, and those before and after it.
  function showImage(shown, image) {
    Object.assign(chosen, image);
    imageAt = (by) => {
      const ordered = judgedPanes?.away(image, by);
      return ordered === undefined ? imageAway(shown, by) : ordered;
    };
    byId('index').textContent = identity.nameOf(image);
    byId('identity').textContent = image.id === null ? 'by place' : 'by id';
    byId('before').disabled = !imageAt(-1);
    byId('after').disabled = !imageAt(1);
  }

  function showControls() {
    const {panes, key, at, gain} = chosen;
    const [all, place] = [model.places(), model.place()];
    Object.assign(byId('slider'), {max: Math.max(0, all.length - 1), value: place, disabled: panes.every((pane) => pane.step !== null)});
    byId('slider').setAttribute('aria-valuetext', model.placeText());
    byId('place').textContent = `${model.placeText()}${at === null ? ', the latest' : ''}`;
    fillOver(byId('over'), model.slider());
    byId('previous').disabled = place <= 0;
    byId('next').disabled = place + 1 >= all.length;
    fillSelect(byId('key'), model.allKeys().map((name) => [name, name]), key);
    byId('all-steps').href = `key.html${address.link({key})}`;
    press('views', shownView());
    for (const button of byId('views').children) button.disabled = !isPair() && button.dataset.view !== 'side';
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

  function goToPlace(place) {
    const at = model.placeAt(place);
    if (at !== undefined) change({at});
  }

  const goBy = (by) => goToPlace(model.place() + by);

  // There may be hundreds: they are read when the reader comes near the choice.
  async function learnRuns() {
    if (known.length) return;
    known = await runs.all().catch(() => []);
    showPanes();
  }

  function addPane() {
    model.addPane();
    change();
  }

  // The first run that is not there yet; the reader chooses another at its head.
  async function addRun() {
    await learnRuns();
    const next = known.map(([name]) => name).find((name) => !runNames().includes(name));
    if (next !== undefined) model.addRun(next);
    change();
  }

  // The browser's way back brings the panes before.
  function showByLayer() {
    const panes = model.panesByLayer([...document.querySelectorAll('#controls input[data-kind]')].map((input) => input.dataset.layer));
    if (!panes) return;
    address.enter();
    change({panes});
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

  const goToImage = (image) => image && change(image);

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
    End: () => change({at: null}),
    ArrowUp: () => goToImage(imageAt(-1)),
    ArrowDown: () => goToImage(imageAt(1)),
    ' ': flip,
    Enter: () => !isOnControl() && enlarge(),
    s: () => goToView('side'),
    k: () => goToView('blink'),
    d: () => goToView('difference'),
    x: () => goToView('split'),
    '[': () => change({gain: model.gainBy(-1)}),
    ']': () => change({gain: model.gainBy(1)}),
    '+': () => stages.zoomBy(1),
    '=': () => stages.zoomBy(1),
    '-': () => stages.zoomBy(-1),
  };
  for (const [name, action] of Object.entries(pictureKeys)) keys.add({[name]: () => !isCharts() && action()});
  keys.add({t: () => !byId('sections').hidden && change({section: isCharts() ? 'pictures' : 'charts'})});
  const clicks = {
    previous: () => goBy(-1),
    next: () => goBy(1),
    before: () => goToImage(imageAt(-1)),
    after: () => goToImage(imageAt(1)),
    views: ({target}) => target.dataset.view && pressView(target.dataset.view),
    sections: ({target}) => target.dataset.section && change({section: target.dataset.section}),
    add: () => (isCharts() ? addRun() : addPane()),
    'to-full': enlarge,
    'by-layer': showByLayer,
    auto() {
      pair.setAuto(!pair.isAuto);
      byId('auto').setAttribute('aria-pressed', pair.isAuto);
    },
  };
  for (const [id, action] of Object.entries(clicks)) byId(id).addEventListener('click', action);
  byId('slider').addEventListener('input', ({target}) => goToPlace(Number(target.value)));
  byId('over').addEventListener('change', ({target}) => {
    model.goOver(target.value);
    change();
  });
  byId('key').addEventListener('change', ({target}) => change({key: target.value, id: null}));
  byId('gain').addEventListener('input', ({target}) => change({gain: Number(target.value)}));
  differences.start(showDifferences);
  address.onChange(readAddress);
  content.drawnBy(show);
  addEventListener('resize', () => layOutPanes(byId('panes')));
  for (const approach of ['pointerover', 'focusin']) byId('panes').addEventListener(approach, learnRuns, {once: true});
  readAddress();
  return runs.takeOwn;
}
