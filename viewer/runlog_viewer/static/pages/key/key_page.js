// One key over all steps: steps down, images across; or one image of it over time; or all as a table; or its texts; or its
// histograms, and above them their heat map.

import * as address from '../../core/address.js';
import * as content from '../../core/content.js';
import {byId, fillSelect, make} from '../../core/dom.js';
import * as identity from '../../core/identity.js';
import * as keys from '../../core/keys.js';
import {morph} from '../../core/morph.js';
import {number} from '../../core/numbers.js';
import * as paneText from '../../core/pane_text.js';
import {viewer} from '../../core/viewer.js';
import {adoptHeatMaps, startHeatMaps} from '../../charts/histograms.js';
import * as live from '../../data/live.js';
import {openRun} from '../../data/run_data.js';
import {histogramsScript, stepPage} from '../../data/site_names.js';
import {fillOver, sliderOver, stopsOf} from '../../data/steps.js';
import {readFigures} from '../../gallery/figures.js';
import {judgingScript} from '../../gallery/judging_script.js';
import {tablesScript} from '../../gallery/tables_script.js';
import {mergeControls} from '../../gallery/merge_controls.js';
import {lineUp} from './lineup.js';
import {lazyRows} from './rows.js';

export function openKeyPage() {
  const maxAcross = Number(document.body.dataset.maxItems);
  const perChunk = 48;
  const gap = 12;
  const host = byId('rows');
  const runName = document.title.replace('All steps · ', '');
  const run = openRun(viewer());
  const rows = lazyRows(host, draw, {drawn, gone: content.changed});
  const cameWith = new WeakMap(); // with each row: {filters, judged}
  let key = null;
  let one = null; // the image that is shown over time, {id, index}
  let from = 0;
  let isAscending = false;
  let isTable = false; // of all images, instead of rows of steps
  let table = null; // once one was wanted
  let judgedKey = null; // once there are judged images
  let judgedAt = null; // the step of which they are looked at, null for the latest of them
  let latestJudged = null; // as far as seen
  let judgingAnew = null;
  let shown = ''; // which images are to be across
  let drawnOf = ''; // and of which the rows are, or are about to be
  let redrawing = null;
  let across = lineUp(); // the images of a step, as far as seen
  let columns = 1;
  let isFlow = false; // one image a step takes no line of its own

  const nothing = {id: null, index: null};
  const place = (more) => ({key, ...(one ? identity.write(one) : nothing), from: from || null, order: isAscending ? 'ascending' : null, view: isTable ? 'table' : null, at: judgedAt, ...more});
  const readFrom = () => (/^\d+$/.test(address.get('from') ?? '') ? Number(address.get('from')) : 0);

  async function draw(step) {
    try {
      const {revision, figures, value, gallery, filters} = await readFigures(run, step, key);
      if (value) return valueRow(step, revision, value, filters);
      if (!across.hasIds()) across.add(figures);
      if (isFlow && !one && figures.length > 1) takeLines(figures);
      const judged = judgedKey?.markGallery(gallery) ?? null;
      if (noteJudged(gallery, step)) judgingAnew ??= judgeAnew().finally(() => { judgingAnew = null; });
      const placed = one ? [identity.figureOfImage(figures, one)] : isFlow ? figures : across.place(figures, from, maxAcross, images());
      const missing = one ? `no image ${one.id ?? one.index}` : images().length ? 'no more images' : 'none of them';
      const drawn = row(step, revision, placed.some(Boolean) ? placed.map((figure) => figure ?? make('div')) : [make('p', {className: 'quiet', textContent: missing})]);
      if (one && judged) judgedKey.count(drawn, judged);
      mergeControls(byId('controls'), gallery, drawn);
      cameWith.set(drawn, {filters, judged});
      return drawn;
    } catch {
      return row(step, -1, [make('p', {className: 'quiet', textContent: 'cannot be loaded'})]);
    }
  }

  // A step has several images, though the latest has not: each step takes a line of its own after all.
  function takeLines(figures) {
    isFlow = false;
    columns = 1;
    across.add(figures);
    rows.clear();
    byId('content').style.removeProperty('--cell');
    show().catch(() => live.pause()); // a file that is just being replaced
  }

  function strip(step, revision, shown) {
    const element = make('section', {className: 'strip'});
    const label = make('h2');
    Object.assign(element.dataset, {step, revision});
    label.append(make('a', {href: stepPage(step), textContent: step, title: `Step ${step}`}));
    const {over} = slider();
    const stop = over === null ? undefined : stopsAmong(run.allStepsOf(key)).find((one) => one.step === step);
    if (stop) label.append(make('small', {className: 'quiet', textContent: `${over} ${number(stop.value)}`}));
    element.append(label, shown);
    return element;
  }

  function row(step, revision, figures) {
    const pictures = make('div', {className: 'strip-figures'});
    pictures.append(...figures);
    return strip(step, revision, pictures);
  }

  function valueRow(step, revision, value, filters) {
    value.querySelector('h2').remove(); // the key, which is that of the page
    const drawn = strip(step, revision, value);
    cameWith.set(drawn, {filters, judged: null});
    return drawn;
  }

  // While a row was not in the page yet, its filters may have given way to those of others.
  function drawn() {
    for (const element of host.querySelectorAll('.strip')) content.supply(cameWith.get(element)?.filters ?? {}, element);
    content.changed();
    fitCells();
    showAcross();
  }

  // All cells are as wide as the widest picture, so that one looks down a column, or along a line.
  function fitCells() {
    const widths = [...host.querySelectorAll('figure.image')].map((figure) => figure.offsetWidth);
    const cell = Math.max(64, ...widths);
    const before = byId('content').style.getPropertyValue('--cell');
    byId('content').style.setProperty('--cell', `${cell}px`);
    if (before !== `${cell}px`) rows.resized();
    const fitting = !isFlow ? 1 : Math.max(1, Math.floor((host.clientWidth + gap) / (cell + gap)));
    if (fitting === columns) return;
    columns = fitting;
    host.style.setProperty('--columns', String(columns));
    arrange();
  }

  // The images across: of judged ones those that the reader asks for, in the order of that.
  const images = () => judgedKey?.picked(across.images) ?? across.images;

  // Rows are of all steps, unless the reader wants those of a step metric: of each value the last step that has it.
  const slider = () => sliderOver(run.metrics, [key], address.get('over') ?? 'step');
  const stopsAmong = (steps) => stopsOf(steps, run.metrics[slider().over][1]);
  const stepsAmong = (steps) => (slider().over === null ? steps : stopsAmong(steps).map(({step}) => step));

  function arrange() {
    const steps = stepsAmong(run.allStepsOf(key));
    const size = !isFlow ? Math.max(1, Math.round(perChunk / Math.min(images().length || 1, maxAcross))) : perChunk;
    rows.show(isAscending ? steps : steps.toReversed(), size, columns);
  }

  // The images across, each a link to itself over time.
  function showAcross() {
    const wanted = !isFlow ? images().slice(from, from + maxAcross) : [];
    const links = wanted.map((image) => make('a', {href: address.link(place({...identity.write(image), from: null})), textContent: identity.nameOf(image), title: `Image ${image.id ?? image.index} over time`}));
    const label = make('span', {className: 'quiet', textContent: 'Step'});
    const heads = byId('across');
    heads.hidden = isFlow;
    const isSame = heads.children.length === links.length + 1 && links.every(({href}, n) => heads.children[n + 1].href === href);
    if (!isSame) heads.replaceChildren(label, ...links);
    byId('fewer').hidden = one !== null || from === 0;
    byId('more').hidden = one !== null || from + maxAcross >= images().length;
    byId('fewer').href = address.link(place({from: Math.max(0, from - maxAcross) || null}));
    byId('more').href = address.link(place({from: from + maxAcross}));
    byId('previous').disabled = !imageAway(-1);
    byId('next').disabled = !imageAway(1);
    byId('identity').hidden = isTable || !run.stepsOf(key).length;
    byId('identity').textContent = (one ? one.id !== null : across.hasIds()) ? 'images by id' : 'images by their place in the list';
    byId('content').style.setProperty('--images', String(Math.max(1, wanted.length)));
  }

  function showPlace() {
    const steps = run.allStepsOf(key).length;
    const isOne = one !== null && !isTable;
    byId('title').textContent = isOne ? `Image ${one.id ?? one.index} over time` : isTable ? 'All images' : 'All steps';
    byId('title').dataset.key = key ?? '';
    document.title = [key, byId('title').textContent, runName].filter(Boolean).join(' · ');
    byId('place').textContent = `${steps.toLocaleString('en')} ${steps === 1 ? 'step' : 'steps'}`;
    byId('compare').href = `compare.html${address.link({panes: paneText.write([{run: '.', step: run.stepsOf(key)[0]}, {run: '.'}]), key, ...(one ? identity.write(one) : nothing)})}`;
    byId('one').hidden = !isOne;
    byId('index').textContent = isOne ? identity.nameOf(one) : '';
    byId('table').setAttribute('aria-pressed', isTable);
    byId('table').hidden = !run.stepsOf(key).length;
    byId('order').setAttribute('aria-pressed', isAscending);
    byId('none').hidden = steps > 0;
    byId('none').textContent = key === null ? 'Nothing but numbers so far.' : `Nothing but numbers of ${key} so far.`;
    const hasImages = run.stepsOf(key).length > 0;
    document.documentElement.classList.toggle('of-texts', steps > 0 && !hasImages);
  }

  function showLayout() {
    host.classList.toggle('over-time', isFlow);
    document.documentElement.classList.toggle('over-time', isFlow);
  }

  function showKeys() {
    fillSelect(byId('key'), run.allKeys().map((name) => [name, name]), key);
  }

  // The heat map comes with those of all keys, of which some have none.
  async function showHeatMap() {
    const wanted = key;
    const {[wanted]: html = ''} = run.stepsOf(key, 'histogram').length ? await live.load('histograms', histogramsScript, run.revision) : {};
    if (wanted !== key) return;
    const found = content.parsed(html);
    adoptHeatMaps(found);
    found.querySelector('h3')?.remove(); // the key, which is that of the page
    morph(byId('heat'), found);
  }

  async function showTable() {
    const tables = await tablesScript();
    table ??= tables.openImagesTable(byId('images'), run, (gallery, figure) => mergeControls(byId('controls'), gallery, figure));
    if (isTable) await table.show(key);
  }

  async function show() {
    showKeys();
    showPlace();
    fillOver(byId('over'), slider());
    document.documentElement.classList.toggle('as-table', isTable);
    if (isTable) return showTable().catch(() => live.pause()); // a file that is just being replaced
    showHeatMap().catch(() => {}); // a file that is just being replaced
    await readAcross();
    if (!rows.elements.size) isFlow = one !== null || (across.images.length <= 1 && run.stepsOf(key).length === run.allStepsOf(key).length);
    showLayout();
    await showPicked();
  }

  // Which images there are, and what is said of them at the step that is looked at.
  async function readAcross() {
    const steps = stepsAmong(run.stepsOf(key));
    const latest = steps.at(-1);
    if (latest === undefined) return;
    const step = () => [judgedAt, latestJudged].find((one) => steps.includes(one)) ?? latest;
    for (const one of new Set([latest, step()])) {
      const of = {key, step: one, steps};
      const {figures, gallery} = await readFigures(run, one, key);
      if (of.key !== key) return;
      across.add(figures);
      noteJudged(gallery, one);
      if (one === step()) await showJudged(gallery, of);
    }
  }

  // Says whether no later step is known whose images were judged.
  function noteJudged(gallery, step) {
    if (step <= (latestJudged ?? -1) || !gallery.querySelector('.judged')) return false;
    latestJudged = step;
    return true;
  }

  // A row has judged images, and the latest step none: rows that came before what marks them are drawn again.
  async function judgeAnew() {
    let seen;
    do {
      seen = latestJudged;
      await readAcross();
    } while (seen !== latestJudged);
    drawnOf = null;
    return showPicked();
  }

  async function showJudged(gallery, of) {
    if (latestJudged === null) return;
    if (!judgedKey && gallery.querySelector('.judged')) {
      const {openJudgedKey} = await judgingScript();
      judgedKey ??= openJudgedKey(byId('judged'), {goTo: judgeAt, changed: showPicked});
    }
    judgedKey?.show(gallery, of);
  }

  async function judgeAt(step, isLatest) {
    judgedAt = isLatest && step === latestJudged ? null : step;
    address.set(place());
    await readAcross();
    return showPicked();
  }

  // While rows are drawn anew, of those images that are wanted meanwhile the last ones are next.
  async function redrawPicked() {
    while (drawnOf !== shown) {
      drawnOf = shown;
      await redrawAll(() => true);
    }
  }

  // The images across may be others than before, and what is said of their boxes too.
  async function showPicked() {
    host.toggleAttribute('data-picking', judgedKey?.isPicking() ?? false);
    const wanted = JSON.stringify(images());
    if (from >= images().length) from = 0;
    shown = wanted;
    showAcross();
    arrange();
    for (const element of rows.elements.values()) {
      const {judged} = cameWith.get(element) ?? {};
      if (!judged) continue;
      judgedKey.mark(element, judged);
      if (one) judgedKey.count(element, judged);
    }
    redrawing ??= redrawPicked().finally(() => { redrawing = null; });
    await redrawing;
    content.changedInPlace();
  }

  function readAddress() {
    const before = key;
    key = address.get('key') ?? run.keysAt()[0] ?? run.allKeys()[0] ?? null;
    if (key !== before) {
      latestJudged = null;
      judgedKey?.clear();
    }
    one = identity.read(address.get);
    from = readFrom();
    isAscending = address.get('order') === 'ascending';
    judgedAt = /^\d+$/.test(address.get('at') ?? '') ? Number(address.get('at')) : null;
    isTable = address.get('view') === 'table' && run.stepsOf(key).length > 0;
    across = lineUp();
    columns = 1;
    byId('controls').firstElementChild.replaceChildren();
    rows.clear();
    return show();
  }

  function go(more) {
    address.set(place(more));
    scrollTo(0, 0);
    return readAddress();
  }

  async function redraw(step, element) {
    const fresh = await draw(step);
    if (!element.isConnected) return;
    rows.keepPlace(() => morph(element, fresh));
    cameWith.set(element, cameWith.get(fresh));
    element.dataset.revision = fresh.dataset.revision;
  }

  async function change({revision}) {
    const isFirst = run.revision < 0;
    await run.read(revision);
    if (isFirst || key === null) return readAddress();
    await show();
    return redrawAll(([step, element]) => Number(element.dataset.revision) !== run.revisionOf(step));
  }

  async function redrawAll(isMeant) {
    const stale = [...rows.elements].filter(isMeant);
    for (const [step, element] of stale) await redraw(step, element);
    if (stale.length) drawn();
  }

  // The image some places away from the one that is shown over time.
  function imageAway(by) {
    const at = one ? images().findIndex((image) => identity.isSameImage(one, image)) : -1;
    return at < 0 ? undefined : images()[at + by];
  }

  const goToImage = (image) => image && go({...identity.write(image), from: null});
  startHeatMaps(byId('heat'), {run, stepsOf: async (name) => run.stepsOf(name, 'histogram'), base: ''});
  keys.add({
    o: () => byId('order').click(),
    t: () => byId('table').click(),
    a: () => (one ? go(nothing) : goToImage(images()[0])),
    n: () => goToImage(imageAway(1)),
    p: () => goToImage(imageAway(-1)),
    Home: () => !isTable && rows.goToEnd(0),
    End: () => !isTable && rows.goToEnd(Infinity),
  });
  byId('key').addEventListener('change', ({target}) => go({key: target.value, from: null, at: null}));
  byId('table').addEventListener('click', () => go({view: isTable ? null : 'table', ...nothing, from: null}));
  byId('over').addEventListener('change', ({target}) => go({over: target.value === 'step' ? null : target.value}));
  byId('order').addEventListener('click', () => go({order: isAscending ? null : 'ascending'}));
  byId('previous').addEventListener('click', () => goToImage(imageAway(-1)));
  byId('next').addEventListener('click', () => goToImage(imageAway(1)));
  byId('all').addEventListener('click', () => go(nothing));
  address.onChange(readAddress);
  content.drawnBy(() => {
    judgedKey?.refresh();
    return redrawAll(() => true);
  });

  // What is on top stays there while the pictures become larger or smaller: noted before, brought back after.
  let restore = () => {};
  const isOfSize = (target) => target.closest('.display') !== null;
  document.addEventListener('input', ({target}) => { if (isOfSize(target)) restore = rows.mark(); }, {capture: true});
  document.addEventListener('input', ({target}) => isOfSize(target) && resized());
  addEventListener('resize', resized);

  function resized() {
    byId('content').style.removeProperty('--cell');
    fitCells();
    restore();
  }

  // The bar stays on top and as wide as the window, however wide the rows are.
  const bar = document.querySelector('.bar');
  const sizes = new ResizeObserver(() => {
    const {style, clientWidth} = document.documentElement;
    style.setProperty('--view', `${clientWidth}px`);
    style.setProperty('--bar', `${getComputedStyle(bar).top === '0px' ? bar.offsetHeight : 0}px`);
  });
  sizes.observe(bar);
  sizes.observe(document.documentElement);

  return change;
}
