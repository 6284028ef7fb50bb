// How pictures are shown: the controls of the settings, and what depends on how large each picture is on screen.

import * as content from '../core/content.js';
import {byId} from '../core/dom.js';
import * as keys from '../core/keys.js';
import * as settings from '../core/settings.js';
import * as boxTags from '../overlays/box_tags.js';

const switches = ['natural', 'sheet', 'captions', 'tags'];
// On a narrow screen, where controls are folded away.
const open = {'more-display': false, 'more-overlays': false};

// A picture larger than it is shows its pixels, a smaller one is smoothed; what is written at boxes is
// put where there is room for it. The observer tells the size of each picture it starts to watch, and each change, whatever
// made it: the slider, the window, or a file that has arrived.
let sizes = null;

// A thumbnail gives way to the original where it would have to be enlarged, or is lost. What is told of a picture
// that has left the page meanwhile is of no interest.
function fit(img, width) {
  if (!img.isConnected) return;
  const {full} = img.dataset;
  const isTooSmall = img.complete && width * devicePixelRatio > img.naturalWidth;
  if (full && isTooSmall && img.getAttribute('src') !== full) img.setAttribute('src', full);
  img.toggleAttribute('data-enlarged', width * devicePixelRatio > img.getAttribute('width'));
  boxTags.fit(img.parentNode, width);
}

// Only then is seen through what is transparent.
const noteLoaded = (img) => img.complete && img.toggleAttribute('data-loaded', true);

function watchSizes() {
  sizes.disconnect();
  for (const img of document.querySelectorAll('.picture > img:not(.mask)')) {
    sizes.observe(img);
    noteLoaded(img);
  }
}

function showSettings() {
  for (const id of ['size', 'opacity']) if (byId(id)) byId(id).value = settings.get(id);
  for (const id of switches) if (byId(id)) byId(id).checked = settings.get(id);
  if (byId('only-step')) byId('only-step').checked = !settings.get('earlier');
  for (const [id, isOpen] of Object.entries(open)) byId(id)?.setAttribute('aria-expanded', isOpen);
  document.documentElement.classList.toggle('overlays-open', open['more-overlays']);
  for (const box of layerBoxes()) box.checked = !settings.isHidden(box.dataset.kind, box.dataset.layer);
}

const layerBoxes = () => [...document.querySelectorAll('input[data-kind]')];

function changeSetting({target}) {
  if (['size', 'opacity'].includes(target.id)) settings.set(target.id, Number(target.value));
  else if (switches.includes(target.id)) settings.set(target.id, target.checked);
  else if (target.id === 'only-step') settings.set('earlier', !target.checked);
  else if (target.dataset.kind) settings.setHidden(target.dataset.kind, target.dataset.layer, !target.checked);
  else return;
  if (target.id === 'size') settings.set('natural', false);
  showSettings();
}

export function start() {
  sizes = new ResizeObserver((changes) => {
    for (const {target, contentRect} of changes) fit(target, contentRect.width);
  });
  for (const outcome of ['load', 'error']) {
    document.addEventListener(outcome, ({target}) => {
      if (target.dataset?.full) fit(target, target.clientWidth);
      if (target.matches?.('.picture img')) noteLoaded(target);
    }, true);
  }
  keys.add({
    c: () => byId('captions')?.click(),
    b: () => byId('tags')?.click(),
    g: () => byId('sheet')?.click(),
    o: () => byId('only-step')?.click(),
  });
  for (let n = 1; n <= 9; n += 1) keys.add({[n]: () => layerBoxes()[n - 1]?.click()});
  document.addEventListener('input', changeSetting);
  document.addEventListener('click', ({target}) => {
    if (!Object.hasOwn(open, target.id)) return;
    open[target.id] = !open[target.id];
    showSettings();
  });
  settings.onChange(showSettings);
  addEventListener('resize', watchSizes); // which also follows a change of the device's pixels
  content.onChange(showSettings);
  content.onChange(watchSizes);
}
