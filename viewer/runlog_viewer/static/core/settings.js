// How pictures are shown: kept for each run while the tab is open, and applied as one style sheet before
// anything is painted, so that neither a new page nor new content has to be touched again.

import {isOff} from './hiding.js';
import {ofLayer} from './layer_kinds.js';
import {viewer} from './viewer.js';

const storageKey = () => `runlog ${viewer()}`;
// `hidden` has [kind, layer] pairs, `classes` the ids that are hidden or, with `only`, the ids that are not;
// `minimums` the least of each score, `pages` the page of each key with many images; `folded` has the keys whose
// images are folded away or, with `only`, the keys whose are not.
const defaults = {
  size: 280, natural: false, opacity: 0.5, captions: true, tags: true, earlier: true,
  hidden: [], classes: {only: false, ids: []}, minimums: {}, sort: '', pages: {}, folded: {only: false, keys: []}, openTexts: false,
};
const settings = {...defaults};
let sheet = null;
const listeners = [];

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey())) || {};
  } catch {
    return {}; // storage may be switched off, which costs nothing but the memory
  }
}

function store() {
  try {
    sessionStorage.setItem(storageKey(), JSON.stringify(settings));
  } catch {
    // as above
  }
}

const layerRule = ([kind, layer]) => `.picture ${ofLayer(kind, layer)}`;

// What picks those with one of these values or, with `only`, with none of them; null where that picks nothing.
function picking(attribute, only, values) {
  const those = values.map((value) => `[${attribute}="${CSS.escape(value)}"]`).join(', ');
  if (!those) return only ? '' : null;
  return `${only ? ':not' : ':is'}(${those})`;
}

function classRule({only, ids}) {
  const hidden = picking('data-class', only, ids);
  return hidden === null ? [] : [`.picture [data-class]${hidden}`];
}

function foldRule({only, keys}) {
  const folded = picking('data-key', only, keys);
  return folded === null ? [] : [`section.key${folded} > :not(h2)`];
}

function apply() {
  const root = document.documentElement;
  const sizes = `:root { --size: ${Number(settings.size)}px; --half-size: ${settings.size / 2}px; --mask-opacity: ${Number(settings.opacity)} }`;
  const hiding = [...settings.hidden.map(layerRule), ...classRule(settings.classes), ...foldRule(settings.folded)];
  sheet.replaceSync([sizes, ...hiding.map((selector) => `${selector} { display: none }`)].join('\n'));
  root.classList.toggle('natural', settings.natural);
  root.classList.toggle('no-captions', !settings.captions);
  root.classList.toggle('no-tags', !settings.tags);
}

export const get = (name) => settings[name];
export const set = (name, value) => assign({[name]: value});

export function assign(values) {
  Object.assign(settings, values);
  apply();
  store();
  for (const listener of listeners) listener(Object.keys(values));
}

export function isHidden(kind, layer) {
  return settings.hidden.some(([k, l]) => k === kind && l === layer);
}

export function setHidden(kind, layer, hidden) {
  const others = settings.hidden.filter(([k, l]) => k !== kind || l !== layer);
  assign({hidden: hidden ? [...others, [kind, layer]] : others});
}

export function isClassHidden(id) {
  return isOff(settings.classes.only, settings.classes.ids, id);
}

// Calls back, after a change, with the names of what was set.
export const onChange = (listener) => listeners.push(listener);

export function start() {
  Object.assign(settings, stored());
  sheet = new CSSStyleSheet();
  document.documentElement.classList.add('js');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  apply();
}
