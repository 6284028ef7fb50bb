// What is at a place of a picture: its colour, the shapes around it, and the classes of its masks.

import {make} from '../core/dom.js';
import * as hiding from '../core/hiding.js';
import * as settings from '../core/settings.js';
import {scoreWords} from './box_scores.js';
import * as legend from './legend.js';
import * as maskIds from './mask_ids.js';

let context = null; // of one pixel

function area(shape) {
  const {width, height} = shape.getBoundingClientRect();
  return width * height;
}

// A place of the window as fractions of the width and the height of a picture.
function placeIn(img, x, y) {
  const {left, top, width, height} = img.getBoundingClientRect();
  return [(x - left) / width, (y - top) / height];
}

// The shapes in sight at a place of the window, the smallest first. Elements are not asked for by the place, since none
// is found while a picture is dragged.
export function shapesAt(picture, x, y) {
  const img = picture.querySelector('img');
  const [across, down] = placeIn(img, x, y);
  const point = new DOMPoint(across * img.getAttribute('width'), down * img.getAttribute('height'));
  const shapes = [...picture.querySelectorAll('.overlay [data-label]')].reverse(); // the upper ones first
  const around = shapes.filter((shape) => shape.isPointInFill(point) || shape.isPointInStroke(point));
  // those in a hidden layer have no place on screen; checkVisibility knows of the hidden alone
  return around.filter((shape) => shape.getClientRects().length).sort((a, b) => area(a) - area(b));
}

// What is known of a shape: {colour, label, id, caption, scores, layer}; each score is its name and its value.
export function factsOf(shape) {
  const {caption, label, class: id, verdict} = shape.dataset;
  return {colour: shape.getAttribute('stroke'), label, id, caption, scores: scoreWords(shape), layer: [shape.closest('[data-kind]').dataset.layer, verdict?.replace('_', ' ')].filter(Boolean).join(' · ')};
}

// Of the masks in sight at a place of the window {colour, words, layer}.
export async function masksAt(picture, x, y) {
  const place = placeIn(picture.querySelector('img'), x, y);
  const masks = Number(settings.get('opacity')) ? [...picture.querySelectorAll('.mask')] : [];
  const shown = masks.filter((mask) => mask.checkVisibility());
  const ids = await Promise.all(shown.map((mask) => maskIds.at(mask, ...place)));
  return shown.flatMap((mask, n) => {
    const id = ids[n];
    const name = maskIds.classesOf(mask)(id);
    const isInstance = 'instances' in mask.dataset;
    if (id === null || (isInstance ? hiding.isOffAtFirst(name) : settings.isClassHidden(name))) return [];
    const words = isInstance ? `id ${id}` : `${legend.labelOf(name) ?? 'no label'} (class ${id})`;
    return [{colour: legend.colourOf(name), words, layer: mask.dataset.layer}];
  });
}

// Red, green and blue as they are on screen; null where a page may not read pixels, as on file://, and where the
// colour is mixed with what is behind it.
export function colourAt(picture, {x, y}) {
  const img = picture.querySelector('img');
  const isOriginal = img.naturalWidth === Number(img.getAttribute('width'));
  if (location.protocol === 'file:' || !img.complete || !isOriginal) return null;
  context ??= make('canvas', {width: 1, height: 1}).getContext('2d', {willReadFrequently: true});
  context.clearRect(0, 0, 1, 1);
  context.drawImage(img, Math.floor(x), Math.floor(y), 1, 1, 0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  return alpha === 255 ? [red, green, blue] : null;
}
