// Masks with more classes than a filter has entries are drawn from a coloured picture. While a class is hidden, it is
// painted anew without it, from the ids of its pixels and the colours of the legend.

import * as settings from '../core/settings.js';
import * as legend from './legend.js';
import * as maskIds from './mask_ids.js';

const most = 16;
const pictures = new Map(); // by mask and classes, those used last at the end

const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

function picture(mask, classes) {
  const name = JSON.stringify([mask.getAttribute('data-ids'), classes]);
  const classOf = maskIds.classesOf(mask);
  const colourOf = (id) => {
    const colour = settings.isClassHidden(classOf(id)) ? null : legend.colourOf(classOf(id));
    return colour ? [...channels(colour), 255] : [0, 0, 0, 0];
  };
  const known = pictures.get(name) ?? maskIds.painted(mask, colourOf);
  pictures.delete(name);
  pictures.set(name, known);
  if (pictures.size > most) pictures.delete(pictures.keys().next().value);
  return known;
}

async function repaint(mask) {
  const classes = settings.get('classes');
  const isWhole = !classes.only && !classes.ids.length;
  const ids = mask.getAttribute('data-ids');
  const painted = isWhole ? null : await picture(mask, classes);
  if (classes !== settings.get('classes') || ids !== mask.getAttribute('data-ids')) return; // the reader has gone on
  const original = mask.dataset.original ?? mask.getAttribute('href');
  if (painted) mask.dataset.original = original;
  else delete mask.dataset.original;
  if (mask.getAttribute('href') !== (painted ?? original)) mask.setAttribute('href', painted ?? original);
}

export function repaintMasks(root) {
  for (const mask of root.querySelectorAll('image.mask[data-ids]:not([filter], [data-instances])')) repaint(mask);
}
