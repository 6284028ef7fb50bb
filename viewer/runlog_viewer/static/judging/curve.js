// Precision over recall as a line, with a mark where the threshold is.

import {make, makeSvg} from '../core/dom.js';

const size = 100;
const at = ({recall, precision}) => `${(recall * size).toFixed(2)} ${((1 - precision) * size).toFixed(2)}`;

// `points` are as of `curveOf`, `here` {recall, precision} at the threshold, NaN where one is not defined.
export function curve(points, here) {
  const svg = makeSvg('svg', {viewBox: `-2 -2 ${size + 4} ${size + 4}`, role: 'img', 'aria-label': 'Precision over recall'});
  svg.append(makeSvg('path', {class: 'axes', d: `M0 0V${size}H${size}`}));
  if (points.length) svg.append(makeSvg('path', {class: 'line', d: `M${points.map(at).join('L')}`}));
  if (here.recall >= 0 && here.precision >= 0) {
    const [cx, cy] = at(here).split(' ');
    svg.append(makeSvg('circle', {cx, cy, r: 2.5}));
  }
  return make('div', {className: 'curve'}, svg, make('p', {className: 'quiet', textContent: 'precision over recall, 0 to 1'}));
}
