// How the line of a run looks, by its place among the runs.

import {makeSvg} from '../core/dom.js';

export function lineSample(line) {
  const element = makeSvg('svg', {class: 'line-sample', viewBox: '0 0 24 8', 'data-line': line, 'aria-hidden': 'true'});
  element.append(makeSvg('path', {d: 'M1,4H23'}));
  return element;
}
