// The layers and the legend of a gallery, for a section that has come from another.

import {make} from '../core/dom.js';
import {layerKinds, ofLayer} from '../core/layer_kinds.js';
import * as classCounts from '../overlays/class_counts.js';

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

// By kind, then by name.
function compareLayers(a, b) {
  const kinds = layerKinds().map(([kind]) => kind);
  const [one, other] = [inputOf(a).dataset, inputOf(b).dataset];
  return kinds.indexOf(one.kind) - kinds.indexOf(other.kind) || (one.layer < other.layer ? -1 : 1);
}

// Layers of one kind that are drawn as lines are told apart by these, which are numbered in each gallery.
function lineOf(gallery, {kind, layer}) {
  const items = [...gallery.querySelectorAll('.layers li')].filter((item) => inputOf(item).dataset.kind === kind);
  const known = items.find((item) => inputOf(item).dataset.layer === layer);
  return known?.querySelector('[data-line]').dataset.line ?? String(items.length);
}

function mergeLayers(gallery, from, section) {
  for (const item of from.querySelectorAll('.layers li')) {
    const {kind, layer} = inputOf(item).dataset;
    const drawn = section.querySelectorAll(`.picture ${ofLayer(kind, layer)}`);
    if (!drawn.length) continue;
    const line = item.querySelector('[data-line]') ? lineOf(gallery, {kind, layer}) : null;
    for (const element of drawn) if (element.hasAttribute('data-line')) element.dataset.line = line;
    const list = listIn(gallery, 'layers', 'Layers');
    if (list.querySelector(ofLayer(kind, layer))) continue;
    const copy = document.importNode(item, true);
    if (line !== null) copy.querySelector('[data-line]').dataset.line = line;
    insert(list, copy, compareLayers);
  }
}

// How many things of each kind are of a class; null of masks, since that nobody knows here.
function countsIn(section, id) {
  const count = (kind) => section.querySelectorAll(`.overlay [data-kind="${kind}"] > [data-class="${CSS.escape(id)}"]`).length;
  return layerKinds().map(([kind]) => [kind, section.querySelector(`.mask[data-kind="${kind}"]`) ? null : count(kind)]);
}

function addCounts(item, counts) {
  const shown = item.querySelector('.count');
  for (const [kind, count] of counts) {
    // what was not counted once stays so
    shown.dataset[kind] = count === null || shown.dataset[kind] === '' ? '' : Number(shown.dataset[kind]) + count;
  }
  classCounts.write(shown);
}

function mergeLegend(gallery, from, section) {
  for (const item of from.querySelectorAll('.legend li')) {
    const id = item.dataset.class;
    const counts = countsIn(section, id);
    if (counts.every(([, count]) => count === 0)) continue;
    const known = gallery.querySelector(`.legend li[data-class="${CSS.escape(id)}"]`);
    const copy = known ?? document.importNode(item, true);
    // those of the other sections
    if (!known) Object.assign(copy.querySelector('.count').dataset, Object.fromEntries(counts.map(([kind]) => [kind, 0])));
    addCounts(copy, counts);
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
  const mostClasses = Number(document.body.dataset.maxClasses);
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
