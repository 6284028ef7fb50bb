// Texts beside the images they belong to: the entries of a list of texts move to the images of the same places. Which
// key's images these are stands in the page; without scripts both have their places.

import * as content from '../core/content.js';
import {make} from '../core/dom.js';

function place(text, section) {
  const {key, step} = text.dataset;
  const figures = new Map([...section.querySelectorAll('figure.image')].map((figure) => [figure.dataset.index, figure]));
  const entries = [...text.querySelectorAll('.entries > li')].map((entry) => [entry.dataset.index, [...entry.children].slice(1)]);
  const alone = [['0', [...text.children].slice(1)]];
  for (const [index, parts] of entries.length ? entries : alone) {
    const beside = make('div', {className: 'text beside'}, make('h3', {}, make('bdi', {textContent: key})), ...parts);
    Object.assign(beside.dataset, {key, step, index});
    const figure = figures.get(index);
    if (!figure.querySelector('.besides')) figure.append(make('div', {className: 'besides'}));
    figure.querySelector('.besides').append(beside);
  }
  for (const rest of text.querySelectorAll('.entries, .more')) rest.remove();
  text.append(make('p', {className: 'quiet'}, 'beside the images of ', make('bdi', {textContent: section.dataset.key})));
  section.dataset.beside = '';
}

export function start() {
  content.onTake((root) => {
    for (const text of root.querySelectorAll('.text[data-beside]')) {
      const section = root.querySelector(`section.key[data-key="${CSS.escape(text.dataset.beside)}"]:not([data-from])`);
      if (section) place(text, section);
    }
  });
}
