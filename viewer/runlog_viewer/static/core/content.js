// What a page shows, taken in anew: in place, so that scroll, focus and decoded pictures stay.

import {byId} from './dom.js';
import {morph} from './morph.js';

const longestWait = 400; // ms
const [parsers, suppliers, preparers, listeners] = [[], [], [], []];
let source = null; // makes the content as it came, a fragment of its own each time
let redraw = null;

export function parsed(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  for (const parser of parsers) parser(template.content);
  return template.content;
}

const main = () => byId('content');

export function prepare(root) {
  for (const preparer of preparers) preparer(root);
  return root;
}

export function changed() {
  for (const listener of listeners) listener();
}

// What stands in the page is the same, and looks otherwise: full view shows a copy of it.
export function changedInPlace() {
  if (document.querySelector('dialog.full[open]')) changed();
}

// Adds to the page what came with content, as far as some part of it needs that.
export function supply(filters, root) {
  for (const supplier of suppliers) supplier(filters, root);
}

function put(fragment) {
  morph(main(), fragment);
  changed();
}

// The page as it came is kept: what is shown of it may change.
export function begin() {
  for (const parser of parsers) parser(main());
  const kept = document.createElement('template').content;
  kept.append(...[...main().childNodes].map((node) => kept.ownerDocument.importNode(node, true)));
  source = () => kept.cloneNode(true);
  prepare(main());
  changed();
}

export function take(html, filters) {
  source = copies(() => parsed(html), filters);
  again();
}

// Content is taken once while the steps change, and from the second time on copied.
function copies(make, filters) {
  let [isFirst, kept] = [true, null];
  return () => {
    if (!isFirst) kept ??= make();
    const fragment = isFirst ? make() : kept.cloneNode(true);
    isFirst = false;
    supply(filters, fragment);
    return fragment;
  };
}

// Puts the same content in place again, as what is prepared may have changed.
export function again() {
  if (redraw) redraw();
  else put(prepare(source()));
}

// Puts new content in place when its pictures are loaded, so that none is seen under the boxes and the caption of
// another; `make` gives a fragment of its own each time, `meanwhile` is called when it is put in place.
export async function bring(make, filters, meanwhile) {
  const coming = copies(make, filters);
  const fragment = prepare(coming());
  await inSightLoaded(fragment);
  source = coming;
  meanwhile();
  put(fragment);
}

const place = (figure) => JSON.stringify([figure.dataset.key, figure.dataset.index]);
const links = (figure) => [...figure.querySelectorAll('img, image.mask')].map((e) => e.getAttribute('src') ?? e.getAttribute('href'));

function isInSight(element) {
  const {top, bottom} = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

// Only loaded: what is then drawn at once is decoded with it, while to wait for that here takes a frame more.
function loaded(src) {
  return new Promise((resolve) => {
    Object.assign(new Image(), {onload: resolve, onerror: resolve, src});
  });
}

async function inSightLoaded(fragment) {
  const coming = new Map([...fragment.querySelectorAll('figure.image')].map((figure) => [place(figure), figure]));
  const seen = [...main().querySelectorAll('figure.image')].filter((figure) => coming.has(place(figure)) && isInSight(figure));
  const there = new Set(seen.flatMap(links));
  const wanted = new Set(seen.flatMap((figure) => links(coming.get(place(figure)))).filter((link) => !there.has(link)));
  if (!wanted.size) return;
  for (const figure of seen) for (const img of coming.get(place(figure)).querySelectorAll('img')) img.decoding = 'sync';
  await Promise.race([Promise.all([...wanted].map(loaded)), new Promise((resolve) => setTimeout(resolve, longestWait))]);
}

// For a page that puts its content together itself, from what it has prepared: what to do when that is to be
// done again.
export const drawnBy = (draw) => { redraw = draw; };

// Calls back with elements that have just been made of markup; at the start with the page itself.
export const onParsed = (parser) => parsers.push(parser);

// Calls back with the filters that came with content, and a fragment of it, before that is prepared.
export const onSupplied = (supplier) => suppliers.push(supplier);

// Calls back with new content, a fragment, before it is put in place; at the start with the page itself.
export const onTake = (preparer) => preparers.push(preparer);

// Calls back after the content has changed, and once the page stands.
export const onChange = (listener) => listeners.push(listener);
