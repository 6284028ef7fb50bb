// The layers and the legend of a gallery, for a section that has come from another.

import {make} from '../core/dom.js';
import {layerKinds, ofLayer} from '../core/layer_kinds.js';

const compareClasses = (a, b) => parseInt(a.dataset.class, 10) - parseInt(b.dataset.class, 10);

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

// `count(shown, section, isNew)` takes what the section has into the counts of an entry, which it goes without otherwise.
function mergeLegend(gallery, from, section, count) {
  for (const item of from.querySelectorAll('.legend li')) {
    const ofClass = `[data-class="${CSS.escape(item.dataset.class)}"]`;
    // which classes a mask holds nobody knows here
    if (!section.querySelector(`.mask, .overlay [data-kind] > ${ofClass}`)) continue;
    const known = gallery.querySelector(`.legend li${ofClass}`);
    const entry = known ?? document.importNode(item, true);
    if (!known) insert(listIn(gallery, 'legend', 'Classes'), entry, compareClasses);
    const shown = entry.querySelector('.count');
    if (count) count(shown, section, !known);
    else shown?.remove();
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
  const entries = [...gallery.querySelectorAll('.legend > li')].sort(compareClasses);
  const hidden = entries.slice(mostClasses);
  const more = gallery.querySelector('.overlays > details.more') ?? makeMore(legend);
  legend.replaceChildren(...entries.slice(0, mostClasses));
  more.querySelector('.legend').replaceChildren(...hidden);
  more.querySelector('summary').textContent = `${hidden.length.toLocaleString('en')} more ${hidden.length === 1 ? 'class' : 'classes'}`;
}

export function mergeControls(gallery, from, section, count = null) {
  mergeLayers(gallery, from, section);
  mergeLegend(gallery, from, section, count);
  fold(gallery);
}
