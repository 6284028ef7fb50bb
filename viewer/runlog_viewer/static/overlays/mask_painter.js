// Pictures of masks that no filter can draw: of more classes than a filter has entries, and of what differs.

import {make} from '../core/dom.js';
import * as settings from '../core/settings.js';
import * as legend from './legend.js';
import * as maskIds from './mask_ids.js';

const most = 64;
const painted = new Map(); // pictures on their way, by all that they follow from; those used last at the end

const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

// Gives the [red, green, blue, opacity] of each class of a mask.
function colours(mask) {
  const classOf = maskIds.classesOf(mask);
  const known = new Map();
  return (id) => {
    if (known.has(id)) return known.get(id);
    const colour = settings.isClassHidden(classOf(id)) ? null : legend.colourOf(classOf(id));
    known.set(id, colour ? [...channels(colour), 255] : [0, 0, 0, 0]);
    return known.get(id);
  };
}

// Which pixels of a mask have a class that another mask of the same picture has not there, whatever the sizes of the two.
// Where one of them says that nobody knows, they do not differ.
function differing(mask, other) {
  const {width, height} = mask;
  const columns = Array.from({length: width}, (_, x) => Math.floor(((x + 0.5) / width) * other.width));
  const found = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(((y + 0.5) / height) * other.height) * other.width;
    for (let x = 0; x < width; x += 1) {
      const [own, there] = [mask.idAt(y * width + x), other.idAt(row + columns[x])];
      found[y * width + x] = Number(own !== there && !mask.ignored.has(own) && !other.ignored.has(there));
    }
  }
  return found;
}

async function draw(element, others) {
  const mask = await maskIds.read(element);
  const differences = (await Promise.all(others.map(maskIds.read))).map((other) => differing(mask, other));
  const colourOf = colours(element);
  const pixels = new ImageData(mask.width, mask.height);
  for (let n = 0; n < mask.width * mask.height; n += 1) {
    if (!others.length || differences.some((differs) => differs[n])) pixels.data.set(colourOf(mask.idAt(n)), 4 * n);
  }
  const canvas = make('canvas', {width: mask.width, height: mask.height});
  canvas.getContext('2d').putImageData(pixels, 0, 0);
  return canvas.toDataURL();
}

// A picture of a mask as a data: URL, without the classes that are hidden; with `others` only where it differs from one of
// them. null where the data of a mask cannot be had. `name` has all that it follows from.
export function paint(name, mask, others) {
  const known = painted.get(name) ?? draw(mask, others).catch(() => null);
  painted.delete(name);
  painted.set(name, known);
  if (painted.size > most) painted.delete(painted.keys().next().value);
  return known;
}
