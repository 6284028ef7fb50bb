// The lines and numbers around what is drawn: a plot is 100 high, with a margin above and below.

import {makeSvg} from '../core/dom.js';

export const margin = 4;
export const short = 6; // signs of a label below: a longer one would be cut near the right edge
const nearEnd = 85; // percent

export const round = (value) => Math.round(value * 100) / 100;

// Where a part of the height, from 0 at the bottom to 1, is from the top.
export const down = (part) => 100 - margin - part * (100 - 2 * margin);

// The grid of two axes, each {ticks, offset}: a tick is the part of the axis at which it stands, and its label.
export function grid(x, y) {
  const across = y.ticks.map(([at, label]) => {
    const top = `${round(down(at))}%`;
    return [makeSvg('line', {x2: '100%', y1: top, y2: top}), makeSvg('text', {class: 'y', x: 0, y: top}, label)];
  });
  const below = x.ticks.map(([at, label]) => {
    const left = round(at * 100);
    return makeSvg('text', {class: label.length > short && left > nearEnd ? 'x before' : 'x', x: `${left}%`, y: '100%'}, label);
  });
  const offsets = [y.offset && makeSvg('text', {class: 'offset'}, y.offset), x.offset && makeSvg('text', {class: 'x-offset', y: '100%'}, x.offset)];
  return [...across.flat(), ...below, ...offsets.filter(Boolean)];
}
