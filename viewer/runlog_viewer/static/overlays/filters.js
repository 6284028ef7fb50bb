// The filters that colour masks. Each is named by what it does; those of the masks shown are in the page, and the
// last others, as masks of 16 bits have one for nearly each picture.

import * as content from '../core/content.js';
import {byId} from '../core/dom.js';

const most = 128;
const added = new Set(); // those used last at the end
// WebKit hands a filter on a part of a drawing the colours in linear light, where low class ids are all the same; to
// one on a picture of HTML it hands them as they are.
let isWebKit = false;
let rules = null;
const ruled = new Set();

const used = (root) => new Set([...root.querySelectorAll('.mask[data-filter]')].map(({dataset}) => dataset.filter));

function picture(mask) {
  const img = mask.ownerDocument.createElement('img');
  Object.assign(img, {className: 'mask', loading: 'lazy', alt: ''});
  Object.assign(img.dataset, mask.dataset);
  img.setAttribute('src', mask.getAttribute('href'));
  return img;
}

// One that is painted has its colours already: masks.js.
function rule(name) {
  if (ruled.has(name)) return;
  ruled.add(name);
  const mask = `img.mask[data-filter="${name}"]:not([data-original])`;
  rules.insertRule(`${mask} { filter: url("#${name}"); }`);
  rules.insertRule(`${mask}[data-outlined] { filter: url("#${name}") url("#outline"); }`, rules.cssRules.length);
}

// Makes each mask that has a filter a picture over the other, where it has to be one.
function fit(root) {
  for (const mask of isWebKit ? root.querySelectorAll('image.mask[data-filter]') : []) {
    const img = picture(mask);
    rule(img.dataset.filter);
    mask.ownerSVGElement.before(img);
    mask.remove();
  }
}

function insert(markup) {
  const template = document.createElement('template');
  template.innerHTML = `<svg>${markup}</svg>`;
  document.querySelector('svg.filters > defs').append(template.content.firstChild.firstChild);
}

function forget() {
  const shown = used(document);
  for (const id of added) {
    if (added.size <= most) return;
    if (shown.has(id)) continue;
    byId(id).remove();
    added.delete(id);
  }
}

// A page of a step without masks comes without the filter of outlines.
function addOutline(filters, root) {
  if (byId('outline') || !('outline' in filters) || !root.querySelector('.mask')) return;
  insert(filters.outline);
  fitPixels();
}

// Adds what the masks in `root` need; `filters` has the markup of each by its name.
function add(filters, root) {
  addOutline(filters, root);
  for (const id of used(root)) {
    const isAdded = added.delete(id);
    if (!isAdded && (byId(id) || !(id in filters))) continue;
    if (!isAdded) insert(filters[id]);
    added.add(id);
  }
  if (added.size > most) forget();
}

// For good, where masks come and go without being asked about.
export function addAll(filters) {
  for (const [id, markup] of Object.entries(filters)) if (!byId(id)) insert(markup);
}

// Masks end with a pixel of the screen, and an outline is as wide as one to each side of a border.
function fitPixels() {
  document.documentElement.style.setProperty('--pixel', `${1 / devicePixelRatio}px`);
  for (const side of document.querySelectorAll('#outline feMorphology')) side.setAttribute('radius', 1 / devicePixelRatio);
}

export function start() {
  if (devicePixelRatio !== 1) fitPixels();
  addEventListener('resize', fitPixels); // as it is when the device's pixels change
  isWebKit = navigator.vendor.startsWith('Apple');
  rules = new CSSStyleSheet();
  rules.insertRule('img.mask[data-original][data-outlined] { filter: url("#outline"); }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, rules];
  content.onParsed(fit);
  content.onSupplied(add);
}
