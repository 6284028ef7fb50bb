// What is drawn over pictures: which classes, and boxes of which scores. Layers and the boxes of classes are hidden
// by the style sheet of the settings, wherever they are; the rest is done here.

import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import * as hiding from '../core/hiding.js';
import * as keys from '../core/keys.js';
import * as settings from '../core/settings.js';
import {isBelow} from './box_scores.js';
import {showCounts} from './box_counts.js';
import * as boxTags from './box_tags.js';
import {classesOf} from './mask_ids.js';
import {drawMasks} from './masks.js';
import {decideBoxes} from './shown_boxes.js';

const drawn = 'rect.box, .box-table tr[data-box]';
const tables = new WeakMap();
let beforeClick = null;

// Boxes with a score that is less than is asked for are hidden.
function markBoxes(root) {
  const minimums = settings.get('minimums');
  const boxes = root.querySelectorAll(Object.keys(minimums).length ? drawn : `:is(${drawn})[data-below]`);
  for (const box of boxes) box.toggleAttribute('data-below', isBelow(box, minimums));
}

// Entry n of a filter's table is how opaque class n is, or class data-ids[n].
function showClasses(filter) {
  const wanted = settings.get('classes');
  if (tables.get(filter) === wanted) return;
  tables.set(filter, wanted);
  const [classOf, ids] = [classesOf(filter), filter.dataset.ids?.split(' ')];
  const opacities = Array.from({length: 256}, (_, n) => (settings.isClassHidden(classOf(ids?.[n] ?? n)) ? 0 : 1));
  filter.querySelector('feFuncA').setAttribute('tableValues', opacities.join(' '));
}

// Hides what the settings hide in some part of a page; again and again as that part changes.
export function apply(root = document) {
  markBoxes(root);
  for (const filter of document.querySelectorAll('svg.filters filter[id^=mask]')) showClasses(filter);
  drawMasks(root);
  showCounts(root);
}

const set = (only, ids) => settings.set('classes', {only, ids});

function toggle(id) {
  const {only, ids} = settings.get('classes');
  set(only, hiding.toggled(ids, id));
}

// Shows one class alone; all, if it was alone.
function isolate(id, {only, ids} = settings.get('classes')) {
  set(...hiding.isolated(only, ids, id));
}

// What was shown beyond that stays.
function showAll() {
  const {only, ids} = settings.get('classes');
  settings.assign({classes: {only: false, ids: only ? [] : ids.filter(hiding.isOffAtFirst)}, hidden: [], minimums: {}, differing: false, folded: {only: false, keys: []}});
}

function isAll() {
  const {only, ids} = settings.get('classes');
  const hasFolded = document.querySelector('.fold[aria-expanded="false"]');
  return !hasFolded && !settings.get('differing') && !only && ids.every(hiding.isOffAtFirst) && ![settings.get('hidden'), settings.get('minimums')].some((hiding) => Object.keys(hiding).length);
}

function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

// The entries of a legend are switches.
function showLegends(root) {
  for (const list of root.querySelectorAll('ul.legend')) setAttributes(list, {role: 'group'});
  for (const entry of root.querySelectorAll('.legend > li[data-class]')) {
    setAttributes(entry, {
      role: 'checkbox',
      tabindex: 0,
      'aria-checked': !settings.isClassHidden(entry.dataset.class),
      title: 'Click: on or off. Double click: this class alone.',
    });
  }
}

function showReset(root) {
  for (const overlays of root.querySelectorAll('.overlays')) {
    let button = overlays.querySelector('.show-all');
    if (!button) {
      button = make('button', {type: 'button', className: 'show-all', textContent: 'Show all'});
      overlays.append(button);
    }
    button.toggleAttribute('data-idle', isAll());
  }
}

function show(root = document) {
  showLegends(root);
  showReset(root);
}

const entryOf = (event) => event.target.closest?.('.legend > li[role=checkbox]');

export function start() {
  document.addEventListener('click', (event) => {
    if (event.target.matches?.('.show-all')) showAll();
    const id = entryOf(event)?.dataset.class;
    if (id === undefined || event.detail > 1) return;
    beforeClick = settings.get('classes');
    if (event.altKey) isolate(id);
    else toggle(id);
  });
  document.addEventListener('dblclick', (event) => {
    if (entryOf(event) && !event.altKey) isolate(entryOf(event).dataset.class, beforeClick);
  });
  document.addEventListener('keydown', (event) => {
    if (!entryOf(event) || ![' ', 'Enter'].includes(event.key)) return;
    event.preventDefault();
    if (event.altKey || event.shiftKey) isolate(entryOf(event).dataset.class);
    else toggle(entryOf(event).dataset.class);
  });
  keys.add({r: showAll});
  content.onTake((root) => {
    markBoxes(root);
    boxTags.fitComing(root);
    show(root);
  });
  content.onChange(() => {
    apply();
    show();
  });
  settings.onChange((names) => {
    if (decideBoxes(names)) {
      apply();
      boxTags.fitAll();
    } else if (names.includes('differing')) drawMasks(document);
    else return;
    show();
  });
}
