// The line of the full view that tells what is under the pointer.

import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import * as underPointer from '../overlays/under_pointer.js';

// `output` is the line, `frame` the element of the stage.
export const fullPoint = (output, frame, stage) => {
  const maxBoxes = 4;
  let pointer = null;
  let asked = 0;

  function swatch(colour) {
    const made = content.parsed('<svg class="swatch" aria-hidden="true"><rect/></svg>').firstChild;
    made.firstChild.setAttribute('fill', colour);
    return made;
  }

  function thing(colour, label, note) {
    const made = make('span', {className: 'full-thing'});
    if (colour) made.append(swatch(colour));
    made.append(make('bdi', {textContent: label}), ' ');
    made.append(make('small', {textContent: note}));
    return made;
  }

  function shapeThing(shape) {
    const {colour, label, caption, scores, layer} = underPointer.factsOf(shape);
    return thing(colour, label, [caption, ...scores, layer].filter(Boolean).join(' · '));
  }

  const maskThing = ({colour, words, layer}) => thing(colour, words, `mask ${layer}`);

  function numbers({x, y}, colour) {
    const made = make('span', {className: 'full-numbers'});
    made.textContent = [`x ${x}`, `y ${y}`, ...(colour ? [`rgb ${colour.join(' ')}`] : [])].join('  ');
    return made;
  }

  async function show() {
    asked += 1;
    const mine = asked;
    const {picture} = stage;
    const at = pointer && stage.at(pointer);
    if (!at) return output.replaceChildren();
    const pixel = {x: Math.floor(at.x), y: Math.floor(at.y)};
    const {clientX, clientY} = pointer;
    const masks = await underPointer.masksAt(picture, clientX, clientY);
    if (mine !== asked) return undefined; // the pointer has moved on
    const boxes = underPointer.shapesAt(picture, clientX, clientY);
    const things = [...masks.map(maskThing), ...boxes.slice(0, maxBoxes).map(shapeThing)];
    if (boxes.length > maxBoxes) things.push(thing(null, `${boxes.length - maxBoxes} more`, 'boxes'));
    output.replaceChildren(numbers(pixel, underPointer.colourAt(picture, pixel)), ...things);
    return undefined;
  }

  function point(event) {
    pointer = event;
    show();
  }

  for (const move of ['pointermove', 'pointerdown']) frame.addEventListener(move, point);
  frame.addEventListener('pointerleave', () => point(null));
  return {show};
};
