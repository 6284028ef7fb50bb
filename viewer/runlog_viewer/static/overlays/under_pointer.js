// What is at a place of a picture: its colour, the boxes around it, and the classes of its masks.

import {make} from '../core/dom.js';
import * as maskIds from './mask_ids.js';

const boxesOf = new WeakMap();
let context = null; // of one pixel

function boxes(picture) {
  if (!boxesOf.has(picture)) boxesOf.set(picture, [...picture.querySelectorAll('rect.box')].map(boxOf));
  return boxesOf.get(picture);
}

function boxOf(rect) {
  const [left, top, width, height] = ['x', 'y', 'width', 'height'].map((name) => Number(rect.getAttribute(name)));
  return {rect, left, top, right: left + width, bottom: top + height, area: width * height};
}

const isSeen = (element) => getComputedStyle(element).display !== 'none' && getComputedStyle(element.parentNode).display !== 'none';

// The boxes in sight around a place, the smallest first.
export function boxesAt(picture, {x, y}) {
  const around = boxes(picture).filter((box) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom);
  return around.filter(({rect}) => isSeen(rect)).sort((a, b) => a.area - b.area).map(({rect}) => rect);
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

// The masks in sight of which the class id at a pixel is known, with it.
export async function masksAt(picture, {x, y}) {
  const img = picture.querySelector('img');
  const [width, height] = ['width', 'height'].map((side) => Number(img.getAttribute(side)));
  const masks = [...picture.querySelectorAll('.mask')].filter((mask) => getComputedStyle(mask).display !== 'none');
  const ids = await Promise.all(masks.map((mask) => maskIds.at(mask, (x + 0.5) / width, (y + 0.5) / height)));
  return masks.map((mask, n) => ({mask, id: ids[n]})).filter(({id}) => id !== null);
}
