// What one key has at one step, images or a value of another kind, taken out of the gallery of that step for a page
// anywhere else.

import * as content from '../core/content.js';

const links = [['img', 'src'], ['a', 'href'], ['image', 'href'], ['[data-full]', 'data-full'], ['[data-ids]', 'data-ids']];

// Makes links in markup that is written for a page in viewer/steps/ lead on from a page anywhere else.
export function rebased(root, viewer) {
  for (const [selector, name] of links) {
    for (const element of root.querySelectorAll(selector)) {
      element.setAttribute(name, new URL(element.getAttribute(name), `${viewer}steps/`).href);
    }
  }
  return root;
}

// Gives {revision, figures, value, gallery, filters}: the figures by index, and the value of another kind, or null,
// taken from their place in the gallery of the step, which `prepare` has been called with.
export const readFigures = async (run, step, key, prepare = content.prepare) => {
  const {revision, html, filters} = await run.entry(step);
  const gallery = prepare(content.parsed(html));
  const figures = [...gallery.querySelectorAll('figure.image')].filter((figure) => figure.dataset.key === key);
  const value = gallery.querySelector(`.logged[data-key="${CSS.escape(key)}"]`);
  for (const one of value ? [...figures, value] : figures) content.supply(filters, rebased(one, run.viewer));
  figures.sort((a, b) => a.dataset.index - b.dataset.index);
  return {revision, figures, value, gallery, filters};
};
