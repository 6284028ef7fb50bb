// What is under the pointer, said next to it: of boxes and masks the class, the scores and the layer. The list of
// boxes below each picture says the same to those who use no pointer.

import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import * as settings from '../core/settings.js';
import * as underPointer from './under_pointer.js';

const most = 5;
const offset = 14; // px
let tip = null;
let ticket = 0;
let pointer = null; // where it is, over a picture
let pointed = null;
let isBusy = false;
let marked = null;

// The part of a picture that is seen at a place: where two lie over each other the upper one, unless they are mixed.
function seenAt(picture, x, y) {
  const part = document.elementFromPoint(x, y)?.closest('.part');
  return part && getComputedStyle(part).mixBlendMode === 'normal' ? part : picture;
}

function swatch(colour) {
  const element = make('i', {className: 'swatch'});
  if (colour) element.style.background = colour;
  return element;
}

function line(colour, first, others) {
  const texts = [first, ...others].map((textContent) => make('bdi', {textContent}));
  return make('p', {}, swatch(colour), make('span', {}, make('b', {}, texts[0]), ...texts.slice(1)));
}

function shapeLine(shape) {
  const {colour, label, id, caption, scores, layer} = underPointer.factsOf(shape);
  const [first, ...others] = [caption, id ? `${label} (class ${id})` : label, scores.join(', '), layer].filter(Boolean);
  return line(colour, first, others);
}

const maskLine = ({colour, words, layer}) => line(colour, words, [`${layer} mask`]);

function place(x, y) {
  const {width, height} = tip.getBoundingClientRect();
  tip.style.left = `${x + offset + width > innerWidth ? Math.max(0, x - offset - width) : x + offset}px`;
  tip.style.top = `${y + offset + height > innerHeight ? Math.max(0, y - offset - height) : y + offset}px`;
}

// Brings out one box, and no other; none with null.
export function mark(box) {
  if (marked !== box) marked?.removeAttribute('data-hovered');
  marked = box;
  marked?.toggleAttribute('data-hovered', true);
}

function hide() {
  ticket += 1;
  pointer = pointed = null;
  tip.hidden = true;
  mark(null);
}

async function show({picture, x, y}) {
  ticket += 1;
  const mine = ticket;
  const seen = seenAt(picture, x, y);
  const boxes = underPointer.shapesAt(seen, x, y);
  mark(boxes[0] ?? null);
  const masks = await underPointer.masksAt(seen, x, y);
  if (mine !== ticket) return; // the pointer has moved on
  const lines = [...boxes.slice(0, most).map(shapeLine), ...masks.map(maskLine)];
  if (boxes.length > most) lines.push(make('p', {textContent: `and ${boxes.length - most} more boxes`}));
  tip.replaceChildren(...lines);
  tip.hidden = !lines.length;
  place(x, y);
}

// Once a frame is often enough.
function look(target, x, y) {
  const picture = target?.closest?.('.picture');
  if (!picture?.querySelector('.overlay') || picture.closest('.thumb')) return hide();
  pointer = {x, y};
  pointed = {picture, x, y};
  if (!isBusy) requestAnimationFrame(showPointed);
  isBusy = true;
  return undefined;
}

async function showPointed() {
  while (pointed) {
    const place = pointed;
    pointed = null;
    await show(place);
  }
  isBusy = false;
}

function follow({target, pointerType, clientX, clientY}) {
  if (pointerType === 'touch') hide();
  else look(target, clientX, clientY);
}

// Looks anew where the pointer is, as something else is seen there now.
export function again() {
  if (pointer) look(document.elementFromPoint(pointer.x, pointer.y), pointer.x, pointer.y);
}

export function start() {
  tip = make('div', {className: 'tip', hidden: true});
  tip.setAttribute('aria-hidden', 'true');
  document.addEventListener('pointermove', follow);
  document.addEventListener('pointerdown', hide);
  document.documentElement.addEventListener('pointerleave', hide);
  document.addEventListener('scroll', hide, {capture: true, passive: true});
  document.addEventListener('keydown', ({key}) => key === 'Escape' && hide());
  content.onChange(again);
  settings.onChange(again);
  document.body.append(tip);
}
