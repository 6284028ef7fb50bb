// How many boxes of each verdict an image has, as a list in the colours of these.

import {make} from '../core/dom.js';
import {countsOf} from './judging_model.js';

export const words = {true_positive: 'true positive', false_positive: 'false positive', missed: 'missed'};

export const sign = () => make('i', {className: 'sign'});

// An element that is of a verdict, and has its colour.
export function ofVerdict(name, verdict, ...children) {
  const element = make(name, {}, ...children);
  element.dataset.verdict = verdict;
  return element;
}

// A brief one has the words for who cannot see the colours, and where the pointer rests.
function item(verdict, number, isBrief) {
  const count = make('b', {className: 'count', textContent: number});
  if (!isBrief) return ofVerdict('li', verdict, sign(), `${words[verdict]} `, count);
  const named = sign();
  named.setAttribute('role', 'img');
  named.setAttribute('aria-label', words[verdict]);
  return Object.assign(ofVerdict('li', verdict, named, count), {title: words[verdict]});
}

export function verdictList(judged, {isBrief = false} = {}) {
  const list = make('ul', {className: 'verdicts'}, ...Object.entries(countsOf([judged])).map(([verdict, number]) => item(verdict, number, isBrief)));
  list.setAttribute('aria-label', 'Verdicts');
  return list;
}
