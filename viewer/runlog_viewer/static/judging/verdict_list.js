// How many boxes of each verdict an image has, as a list in the colours of these.

import {make} from '../core/dom.js';
import {verdictWords} from '../core/judged_words.js';
import {countsOf} from './judging_model.js';

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
  if (!isBrief) return ofVerdict('li', verdict, sign(), `${verdictWords[verdict]} `, count);
  const named = sign();
  named.setAttribute('role', 'img');
  named.setAttribute('aria-label', verdictWords[verdict]);
  return Object.assign(ofVerdict('li', verdict, named, count), {title: verdictWords[verdict]});
}

export function verdictList(judged, {isBrief = false} = {}) {
  const list = make('ul', {className: 'verdicts'}, ...Object.entries(countsOf([judged])).map(([verdict, number]) => item(verdict, number, isBrief)));
  list.setAttribute('aria-label', 'Verdicts');
  return list;
}
