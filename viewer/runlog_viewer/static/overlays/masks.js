// How each mask of a picture is drawn: of those shown the first as areas and the others as outlines, all of each or only
// where they differ, without the classes that are hidden. A filter does most of it; what no filter can is painted anew
// from the ids of the pixels: masks with more classes than a filter has entries, and differences.

import * as settings from '../core/settings.js';
import {overlaysScript} from './on_demand.js';

const wishes = new WeakMap(); // what a mask is to be painted for; null: it is drawn from its own file

const idsOf = (mask) => mask.getAttribute('data-ids');
const isOn = ({dataset: {kind, layer}}) => !settings.isHidden(kind, layer);
const isOfClasses = (mask) => !('instances' in mask.dataset);

// In WebKit a mask is a picture of HTML, whose filters are in a style sheet: filters.js.
function setFilter(mask) {
  if (mask.localName === 'img') return;
  const {filter, outlined, original} = mask.dataset;
  const names = [original === undefined ? filter : null, outlined === undefined ? null : 'outline'].filter(Boolean);
  const wanted = names.map((name) => `url(#${name})`).join(' ');
  if ((mask.getAttribute('filter') ?? '') === wanted) return;
  if (wanted) mask.setAttribute('filter', wanted);
  else mask.removeAttribute('filter');
}

const link = (mask) => (mask.localName === 'img' ? 'src' : 'href');

// Draws a mask from a picture, or from its own file again with null.
function setPicture(mask, picture) {
  const original = mask.dataset.original ?? mask.getAttribute(link(mask));
  if (picture) mask.dataset.original = original;
  else delete mask.dataset.original;
  if (mask.getAttribute(link(mask)) !== (picture ?? original)) mask.setAttribute(link(mask), picture ?? original);
  mask.removeAttribute('data-waiting');
  setFilter(mask);
}

// Whether a picture has to be painted for a mask.
function needsPaint(mask, others) {
  const {only, ids} = settings.get('classes');
  return others.length > 0 || (!mask.dataset.filter && isOfClasses(mask) && (only || ids.length > 0));
}

async function draw(mask, others) {
  const name = needsPaint(mask, others) ? JSON.stringify([idsOf(mask), others.map(idsOf), settings.get('classes')]) : null;
  const isKnown = wishes.get(mask) === name && (name !== null) === ('original' in mask.dataset);
  wishes.set(mask, name);
  if (isKnown) return setFilter(mask);
  if (!name) return setPicture(mask, null);
  mask.toggleAttribute('data-waiting', others.length > 0); // where they agree nothing is seen, not even for a moment
  const picture = await overlaysScript().then(({maskPainter}) => maskPainter.paint(name, mask, others), () => null);
  if (wishes.get(mask) === name) setPicture(mask, picture); // else the reader has gone on
  return undefined;
}

function drawPicture(masks) {
  const shown = masks.filter(isOn);
  const compared = settings.get('differing') ? shown.filter(isOfClasses) : [];
  for (const mask of masks) {
    mask.toggleAttribute('data-outlined', mask !== (shown[0] ?? masks[0]));
    draw(mask, compared.includes(mask) ? compared.filter((other) => other !== mask) : []);
  }
}

// A switch shows how its layer is drawn.
function showSamples(root) {
  for (const list of root.querySelectorAll('.layers')) {
    const switches = [...list.querySelectorAll('input[data-kind=masks]')];
    const first = switches.find(isOn) ?? switches[0];
    for (const input of switches) input.parentNode.querySelector('.area').classList.toggle('outlined', input !== first);
  }
}

export function drawMasks(root) {
  const pictures = new Set([...root.querySelectorAll('.mask')].map((mask) => mask.closest('.part, .picture')));
  for (const picture of pictures) drawPicture([...picture.querySelectorAll('.mask')]);
  if (pictures.size) showSamples(document);
}
