// Which class a pixel of a mask has. A page may not read the pixels of a file next to it, so a data script next to
// each mask holds them once more; it is loaded when somebody asks.

import {make} from '../core/dom.js';
import * as live from '../data/live.js';

const maxBytes = 64e6;
const decoded = new Map(); // by the address of the data script, those asked for last at the end

// A value is grey, or packed in red (low bits) and green; it is an id, or the place of one in `ids`.
async function decode(link) {
  const {png, ids, packed} = await live.load('mask', link, '', '');
  const image = Object.assign(new Image(), {src: png});
  await image.decode();
  const {naturalWidth: width, naturalHeight: height} = image;
  const canvas = make('canvas', {width, height});
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.drawImage(image, 0, 0);
  const {data} = context.getImageData(0, 0, width, height);
  const values = packed ? new Uint16Array(width * height) : new Uint8Array(width * height);
  for (let n = 0; n < values.length; n += 1) values[n] = packed ? data[4 * n] + 256 * data[4 * n + 1] : data[4 * n];
  return {width, height, values, ids};
}

function forget() {
  let bytes = 0;
  for (const [link, {size}] of [...decoded].reverse()) {
    bytes += size;
    if (bytes > maxBytes && size < bytes) decoded.delete(link);
  }
}

function load(link) {
  const known = decoded.get(link) ?? {size: 0, mask: decode(link)};
  decoded.delete(link);
  decoded.set(link, known);
  known.mask.then(({values}) => {
    known.size = values.byteLength;
    forget();
  }, () => {});
  return known.mask;
}

// Gives the class that the legend has of an id, in a mask or in its filter.
export function classesOf({dataset: {off}}) {
  const those = new Set(off?.split(' '));
  return (id) => (those.has(String(id)) ? `${id}~` : String(id));
}

// The class id at a place of a mask, which is a .mask: `x` and `y` are fractions of its width and height
// (0, 0 is the upper left corner, 1 is past the end). null outside, and where the mask's data cannot be had.
export async function at(element, x, y) {
  const link = element.getAttribute('data-ids');
  if (!link || !(x >= 0 && x < 1 && y >= 0 && y < 1)) return null;
  try {
    const {width, height, idAt} = await read(element);
    return idAt(Math.floor(y * height) * width + Math.floor(x * width));
  } catch {
    return null; // the data script is gone, or the mask is too large for a canvas
  }
}

// The mask of an element: its size, which class a pixel has, by their places, and the classes that do not say what is there.
export async function read(element) {
  const {width, height, values, ids} = await load(new URL(element.getAttribute('data-ids'), document.baseURI).href);
  const ignored = new Set((element.dataset.ignored ?? '').split(' ').filter(Boolean).map(Number));
  return {width, height, idAt: (n) => (ids ? ids[values[n]] : values[n]), ignored};
}
