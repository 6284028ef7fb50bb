// One picture in full view, over the page it is on: to zoom into, and to walk through images and steps from.

import * as address from '../core/address.js';
import * as content from '../core/content.js';
import {byId} from '../core/dom.js';
import * as identity from '../core/identity.js';
import * as settings from '../core/settings.js';
import {viewer} from '../core/viewer.js';
import {openRun} from '../data/run_data.js';
import {figuresAround as figuresOfCells} from '../gallery/cell_pictures.js';
import {readFigures} from '../gallery/figures.js';
import * as differingMasks from '../overlays/differing_masks.js';
import {masksApart} from '../overlays/masks_apart.js';
import * as overlays from '../overlays/overlays.js';
import {fullKeys} from './full_keys.js';
import {fullPanel} from './full_panel.js';
import * as fullPlace from './full_place.js';
import {fullPoint} from './full_point.js';
import {fullView} from './full_view.js';
import {makeStage} from './stage.js';
import * as viewText from './view_text.js';

let dialog = null;
let help = null;
let part = null; // (name) → element, as the next
let button = null;
let stage = null;
let panel = null;
let point = null;
let stepsOfPage = null; // {run, go} of a page that goes to the steps itself, and has them in its address
let isInAddress = true; // unless the address has a view of its own

let place = null; // {key, step, index, id} of what is looked at
let figure = null; // null where there is no such image
let around = []; // the images to walk through
let shown = ''; // what the figure was when it was shown
let run = null; // whose steps to walk through
let isOfPage = true; // and not of a pane, which may be of another run
let prepare = null; // called with each figure that is read
let whole = null; // gives a promise of a figure with all that is known of it, where those to walk through say less
const wholes = new WeakSet(); // figures that it gave
let going = 0; // steps that are on their way
let viewTimer = 0;

const placeOf = (one) => ({key: one.dataset.key, step: Number(one.dataset.step), ...identity.identityOf(one)});
const figuresIn = (root) => [...root.querySelectorAll('figure.image')].filter((one) => !one.closest('[hidden]'));
const figuresAround = (one) => figuresIn(one?.closest('.strip') ?? byId('content'));

const inPage = (wanted) => figuresAround(null).find((one) => fullPlace.isSame(placeOf(one), wanted));

function show(one, images = figuresAround(one)) {
  figure = one;
  around = images;
  place = {...placeOf(one), step: going ? place.step : placeOf(one).step};
  if (shown !== one.outerHTML) {
    shown = one.outerHTML;
    part('message').textContent = one.classList.contains('missing') ? 'The media file is missing.' : '';
    part('caption').replaceChildren(...[...one.querySelectorAll('figcaption')].map((caption) => caption.cloneNode(true)));
    stage.show(one);
    overlays.apply(stage.picture);
    panel.fill(one);
  }
  preload();
  showAll();
  if (whole && !wholes.has(one)) complete(one);
}

async function complete(one) {
  const found = await whole(one).catch(() => null); // what is there stays
  const at = around.indexOf(one);
  if (!found || at < 0) return;
  wholes.add(found);
  around[at] = found;
  if (figure === one) show(found, around);
}

function showNone() {
  figure = null;
  around = figuresAround(null);
  shown = '';
  part('message').textContent = `There is no image ${place.id ?? place.index} of ${place.key} at step ${place.step}.`;
  part('caption').replaceChildren();
  stage.clear();
  showAll();
}

function showAll() {
  showPlace();
  showAddress();
  point.show();
}

function showPlace() {
  const {key, step} = place;
  const image = {id: place.id ?? null, index: place.index};
  part('over-time').href = `${isOfPage ? viewer() : run.viewer}key.html${address.link({key, ...identity.write(image)})}`;
  part('over-time').hidden = !isOfPage && !run.stepsOf(key).length;
  part('compare').href = `${viewer()}compare.html${address.link({panes: stepAway(1) === undefined ? null : `.@${step},.`, key, ...identity.write(image)})}`;
  part('compare').hidden = !isInAddress || !isOfPage;
  showApart();
  part('key').textContent = place.key;
  part('index').textContent = identity.nameOf(image);
  part('index').title = image.id === null ? 'By its place in the list' : `By its id; #${image.index} in the list`;
  part('place').textContent = figure ? `${around.indexOf(figure) + 1} of ${around.length}` : '';
  part('step').textContent = place.step;
  for (const [name, by] of [['previous', -1], ['next', 1]]) setEnabled(name, imageAway(by) || pageTurner(by));
  for (const [name, by] of [['earlier', -1], ['later', 1]]) setEnabled(name, stepAway(by) !== undefined);
}

function showApart() {
  const there = isOfPage && figure ? masksApart(figure) : null;
  part('apart').hidden = !there;
  if (there) part('apart').href = there;
}

// A button that was disabled for good would lose the focus.
function setEnabled(name, isEnabled) {
  button(name).setAttribute('aria-disabled', !isEnabled);
}

function drawn() {
  part('scale').textContent = `${Number((100 * stage.view.scale).toPrecision(3))} %`;
  point.show();
}

function preload() {
  for (const one of [imageAway(1), imageAway(-1)]) if (one) new Image().src = one.querySelector('a.picture').href;
}

const imageAway = (by) => around[fullPlace.imageAway(around.map(placeOf), around.indexOf(figure), place, by)];
const stepAway = (by) => fullPlace.stepAway(data()?.stepsOf(place.key) ?? [], place.step, by);

function goImage(by) {
  const one = pageTurner(by) ? turnPage(by) : imageAway(by);
  if (one) show(one, one.isConnected ? figuresAround(one) : around);
}

// The button that brings the images past the first or last of the key that are in the page, if there are more.
function pageTurner(by) {
  if (!figure?.isConnected || imageAway(by)?.dataset.key === place.key) return null;
  const name = by < 0 ? 'Previous page' : 'Next page';
  return figure.closest('section.key')?.querySelector(`.pager [aria-label="${name}"]:not([aria-disabled="true"])`);
}

function turnPage(by) {
  const section = figure.closest('section.key');
  going += 1;
  pageTurner(by).click();
  going -= 1;
  return figuresIn(section).at(by < 0 ? -1 : 0);
}

async function goStep(by) {
  const step = stepAway(by);
  if (step === undefined) return;
  place.step = step;
  showPlace();
  going += 1;
  try {
    if (stepsOfPage && isOfPage) await stepsOfPage.go(step);
    else await showFromData();
  } finally {
    going -= 1;
  }
  if (stepsOfPage) refresh();
}

const data = () => run ?? stepsOfPage?.run;

// An image that may not be in the page.
async function showFromData() {
  const {key, step, index, id} = place;
  const asItCame = (gallery) => gallery; // all images, whatever the page shows of them
  const {figures} = data()?.has(step) ? await readFigures(data(), step, key, asItCame) : {figures: []};
  if (!fullPlace.isSame(place, {key, step, index, id})) return; // the reader has moved on
  if (prepare) figures.forEach(prepare);
  whole = null;
  const one = identity.figureOfImage(figures, {id: id ?? null, index});
  if (one) show(one, figures);
  else showNone();
}

// The page may have something else to show now.
function refresh() {
  if (!dialog.open || !isOfPage) return;
  const {key, index, id, step} = place;
  const wanted = id ? {key, id} : {key, index};
  const isStill = figure?.isConnected && fullPlace.isSame(placeOf(figure), wanted);
  const found = isStill ? figure : inPage({...wanted, step: stepsOfPage ? undefined : step});
  if (found) show(found);
  else if (stepsOfPage && !going) {
    place.step = Number(document.body.dataset.step);
    showFromData();
  }
}

// A box in the middle, with as much around it on each side.
function goToBox(box) {
  const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => Number(box.getAttribute(name)));
  stage.goTo({x: x + width / 2, y: y + height / 2}, {width: 3 * width, height: 3 * height});
}

// More may be known of the steps now.
export function refreshSteps() {
  if (!dialog.open) return;
  if (figure) showPlace();
  else showFromData();
}

// Opens the view with the picture of a figure. One that is not in the page comes with its `run`, from `openRun`,
// the `figures` to walk through and, where more are read of that run, what to `prepare` each with; where they do not say all,
// what gives the `whole` of one.
export function open(one, other = null) {
  if (!dialog.open && !other) address.enter();
  begin(other);
  show(one, other?.figures);
  readSteps();
}

function begin(other) {
  run = other?.run ?? null;
  prepare = other?.prepare ?? null;
  whole = other?.whole ?? null;
  isOfPage = !other;
  shown = '';
  stage.setView(null);
  setPanel(settings.get('panel') ?? innerWidth >= 900);
  if (!dialog.open) dialog.showModal();
  part('stage').focus();
}

async function readSteps() {
  if (run || stepsOfPage) return;
  run = openRun(viewer());
  await run.read(Date.now()).then(refreshSteps, () => {}); // without its data there are no steps to walk through
}

async function openPlace(wanted) {
  const one = inPage(wanted);
  if (one) {
    begin(null);
    show(one);
    return readSteps();
  }
  place = {step: Number(document.body.dataset.step), ...wanted};
  begin(null);
  await readSteps();
  return showFromData();
}

// The address holds the image, the step where the page has none of its own, and what is seen of the picture.
function showAddress() {
  if (!isOfPage) return;
  address.set(fullPlace.write(place, stepsOfPage));
  showView();
}

function showView() {
  clearTimeout(viewTimer);
  viewTimer = setTimeout(() => { // browsers take offence at an address that changes at every frame
    if (!dialog.open || !isOfPage) return;
    address.set({view: viewText.write(stage.isWhole ? null : stage.view)});
  }, 150);
}

function readAddress() {
  const wanted = fullPlace.read(address.get, stepsOfPage);
  if (!isInAddress) return undefined;
  if (!wanted) return dialog.open && isOfPage && dialog.close();
  const step = address.get('step');
  if (stepsOfPage && step !== null && step !== document.body.dataset.step) return undefined; // the page is on its way there
  const view = viewText.read(address.get('view'));
  const opening = dialog.open && fullPlace.isSame(place, wanted) ? undefined : openPlace(wanted);
  if (view) stage.setView(view);
  return opening;
}

function setPanel(isOpen) {
  part('panel').hidden = !isOpen;
  button('details').setAttribute('aria-expanded', isOpen);
}

function togglePanel() {
  settings.set('panel', part('panel').hidden);
  setPanel(settings.get('panel'));
  if (figure) panel.fill(figure);
}

// The button for it goes away.
function resetLight() {
  if (document.activeElement.matches('[data-do="light"]')) part('stage').focus();
  panel.resetLight();
}

function closed() {
  clearTimeout(viewTimer);
  if (isOfPage) address.leave({image: null, view: null, ...(stepsOfPage ? {} : {step: null})});
  if (figure?.isConnected) figure.querySelector('a.picture').focus();
  stage.clear();
}

const clickInPage = (id) => byId(id)?.click();

// Opens the view with the picture of a link, in a figure or in a cell of a table.
export function openLink(link) {
  if (link.closest('figure')) return open(link.closest('figure.image'));
  const {figure, ...other} = figuresOfCells(link);
  return open(figure, {run: openRun(viewer()), ...other});
}

// With what the opener was started with.
export function start({steps = null, inAddress = true} = {}) {
  stepsOfPage = steps;
  isInAddress = inAddress;
  ({dialog, help, part, button} = fullView());
  stage = makeStage(part('stage'), {onMove: showView, onDraw: drawn});
  panel = fullPanel(part('panel'), part('stage'), part('lit'), goToBox);
  point = fullPoint(part('point'), part('stage'), stage);
  fullKeys(dialog, stage, {
    previous: () => goImage(-1),
    next: () => goImage(1),
    earlier: () => goStep(-1),
    later: () => goStep(1),
    tenEarlier: () => goStep(-10),
    tenLater: () => goStep(10),
    first: () => goStep(-Infinity),
    last: () => goStep(Infinity),
    out: () => stage.zoomBy(-1),
    in: () => stage.zoomBy(1),
    fit: () => stage.zoomTo(null),
    pixels: () => stage.zoomTo(1),
    darker: () => panel.turnLight('brightness', -1),
    brighter: () => panel.turnLight('brightness', 1),
    lessContrast: () => panel.turnLight('contrast', -1),
    moreContrast: () => panel.turnLight('contrast', 1),
    invert: panel.invert,
    light: resetLight,
    layer: (number) => part('layers').querySelectorAll('input[data-kind]')[number - 1]?.click(),
    tags: () => clickInPage('tags'),
    captions: () => clickInPage('captions'),
    differing: differingMasks.toggle,
    details: togglePanel,
    keys: () => help.showModal(),
    close: () => dialog.close(),
  });
  dialog.addEventListener('close', closed);
  part('stage').addEventListener('error', () => { part('message').textContent = 'The media file is missing.'; }, true);
  content.onChange(() => (dialog.open ? refresh() : readAddress()));
  address.onChange(readAddress);
  readAddress();
}
