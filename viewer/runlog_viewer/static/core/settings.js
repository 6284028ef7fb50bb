// How pictures are shown: kept for each run while the tab is open, and applied as one style sheet before
// anything is painted, so that neither a new page nor new content has to be touched again.

import {isClassOff} from './hiding.js';
import {ofLayer} from './layer_kinds.js';
import {viewer} from './viewer.js';

const storageKey = () => `runlog ${viewer()}`;
// `hidden` has [kind, layer] pairs, `classes` the ids that are hidden (with ~, shown) or, with `only`, all that are not;
// `minimums` the least of each score, `pages` the page of each key with many images; `folded` has the keys whose
// images are folded away or, with `only`, the keys whose are not; `differing` masks are shown only where they differ;
// `judged` is what is asked of the judged images of a key, as judging/chosen.js has it.
const defaults = {
  size: 280, natural: false, sheet: false, opacity: 0.5, captions: true, tags: true, earlier: true, differing: false,
  hidden: [], classes: {only: false, ids: []}, minimums: {}, sort: '', pages: {}, folded: {only: false, keys: []}, openTexts: false, asWritten: false,
  judged: null,
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

// A table of boxes has a row for each, which goes with it.
const drawn = ':is(.picture, .box-table)';
const layerRule = ([kind, layer]) => `${drawn} ${ofLayer(kind, layer)}`;

// What picks those with one of these values or, with `only`, with none of them; nothing where there is no such thing.
function picking(elements, attribute, only, values, within = '') {
  const those = values.map((value) => `[${attribute}="${CSS.escape(value)}"]`).join(', ');
  if (!those && !only) return [];
  return [`${elements}${those && `${only ? ':not' : ':is'}(${those})`}${within}`];
}

function apply() {
  const root = document.documentElement;
  const sizes = `:root { --size: ${Number(settings.size)}px; --half-size: ${settings.size / 2}px; --scale: ${settings.size / defaults.size}; --mask-opacity: ${Number(settings.opacity)} }`;
  const {classes, folded} = settings;
  const hidden = [
    ...settings.hidden.map(layerRule),
    ...picking(`${drawn} [data-class]`, 'data-class', classes.only, classes.ids),
    ...picking('section.key', 'data-key', folded.only, folded.keys, ' > :not(h2)'),
  ];
  sheet.replaceSync([sizes, ...hidden.map((selector) => `${selector} { display: none }`)].join('\n'));
  root.classList.toggle('natural', settings.natural);
  root.classList.toggle('sheet', settings.sheet);
  root.classList.toggle('markdown-as-written', settings.asWritten);
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

export const isClassHidden = (id) => isClassOff(settings.classes, id);

// Calls back, after a change, with the names of what was set.
export const onChange = (listener) => listeners.push(listener);

export function start() {
  Object.assign(settings, stored());
  sheet = new CSSStyleSheet();
  document.documentElement.classList.add('js');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  apply();
}
