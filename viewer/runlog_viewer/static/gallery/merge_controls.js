// The layers and the legend of a gallery, for a section that has come from another.

import {make} from '../core/dom.js';

const mostClasses = 16; // in sight; as in the template of a gallery
const order = (element) => JSON.stringify([element.dataset.kind === 'masks', element.dataset.layer]);

function insert(list, item, compare) {
  const next = [...list.children].find((other) => compare(item, other) < 0);
  if (next) next.before(item);
  else list.append(item);
}

const inputOf = (item) => item.querySelector('input');

function listIn(gallery, name, label) {
  let overlays = gallery.querySelector('.overlays');
  if (!overlays) {
    overlays = make('div', {className: 'overlays'});
    const first = gallery.querySelector('section.key');
    if (first) first.before(overlays);
    else gallery.append(overlays);
  }
  let list = overlays.querySelector(`ul.${name}`);
  if (!list) {
    list = make('ul', {className: name});
    list.setAttribute('aria-label', label);
    if (name === 'legend') list.setAttribute('role', 'group'); // its entries are switches
    const layers = overlays.querySelector('.layers');
    if (name === 'layers' || !layers) overlays.prepend(list);
    else layers.after(list);
  }
  return list;
}

// Box layers are told apart by their lines, which are numbered in each gallery.
function lineOf(gallery, layer) {
  const items = [...gallery.querySelectorAll('.layers li')].filter((item) => inputOf(item).dataset.kind === 'boxes');
  const known = items.find((item) => inputOf(item).dataset.layer === layer);
  return known?.querySelector('[data-line]').dataset.line ?? String(items.length);
}

function mergeLayers(gallery, from, section) {
  for (const item of from.querySelectorAll('.layers li')) {
    const {kind, layer} = inputOf(item).dataset;
    const name = CSS.escape(layer);
    const drawn = section.querySelectorAll(kind === 'masks' ? `.mask[data-layer="${name}"]` : `g.layer[data-layer="${name}"]`);
    if (!drawn.length) continue;
    const line = kind === 'boxes' ? lineOf(gallery, layer) : null;
    if (line !== null) for (const group of drawn) group.dataset.line = line;
    const list = listIn(gallery, 'layers', 'Layers');
    if (list.querySelector(`[data-kind="${kind}"][data-layer="${name}"]`)) continue;
    const copy = document.importNode(item, true);
    if (line !== null) copy.querySelector('[data-line]').dataset.line = line;
    insert(list, copy, (a, b) => (order(inputOf(a)) < order(inputOf(b)) ? -1 : 1));
  }
}

const boxesOf = (item) => Number(item.querySelector('.count').dataset.boxes);

// How many masks of the section hold the class, nobody knows here.
function setCounts(item, count, hasMasks) {
  const shown = item.querySelector('.count');
  const masks = hasMasks ? '' : shown.dataset.masks;
  const words = [
    count && `${count.toLocaleString('en')} ${count === 1 ? 'box' : 'boxes'}`,
    Number(masks) && `${Number(masks).toLocaleString('en')} ${masks === '1' ? 'mask' : 'masks'}`,
    masks === '' && 'masks not counted',
  ].filter(Boolean).join(', ');
  Object.assign(shown.dataset, {boxes: count, masks});
  shown.textContent = (count || Number(masks) || '').toLocaleString('en');
  for (const name of ['title', 'aria-label']) shown.setAttribute(name, words);
}

function mergeLegend(gallery, from, section) {
  const hasMasks = section.querySelector('.mask') !== null;
  for (const item of from.querySelectorAll('.legend li')) {
    const id = item.dataset.class;
    const count = section.querySelectorAll(`rect.box[data-class="${CSS.escape(id)}"]`).length;
    if (!count && !hasMasks) continue;
    const known = gallery.querySelector(`.legend li[data-class="${CSS.escape(id)}"]`);
    const copy = known ?? document.importNode(item, true);
    if (!known) copy.querySelector('.count').dataset.masks = 0; // of the other sections
    setCounts(copy, count + (known ? boxesOf(known) : 0), hasMasks);
    if (!known) insert(listIn(gallery, 'legend', 'Classes'), copy, (a, b) => a.dataset.class - b.dataset.class);
  }
}

function makeMore(legend) {
  const more = make('details', {className: 'more'});
  const list = make('ul', {className: 'legend'});
  list.setAttribute('aria-label', 'More classes');
  list.setAttribute('role', 'group');
  more.append(document.createElement('summary'), list);
  legend.after(more);
  return more;
}

// What would push the pictures out of sight is folded away; new entries come into the list that is seen.
function fold(gallery) {
  const legend = gallery.querySelector('.legend');
  if (!legend || legend.children.length <= mostClasses) return;
  const entries = [...gallery.querySelectorAll('.legend > li')].sort((a, b) => a.dataset.class - b.dataset.class);
  const hidden = entries.slice(mostClasses);
  const more = gallery.querySelector('.overlays > details.more') ?? makeMore(legend);
  legend.replaceChildren(...entries.slice(0, mostClasses));
  more.querySelector('.legend').replaceChildren(...hidden);
  more.querySelector('summary').textContent = `${hidden.length.toLocaleString('en')} more ${hidden.length === 1 ? 'class' : 'classes'}`;
}

export function mergeControls(gallery, from, section) {
  mergeLayers(gallery, from, section);
  mergeLegend(gallery, from, section);
  fold(gallery);
}
