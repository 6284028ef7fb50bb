// The images, the text, the histogram or the files of one key at one step, taken out of the gallery of that step for a
// page anywhere else.

import * as content from '../core/content.js';

// Links in a gallery are as from a page in viewer/steps/ of its run.
const links = [['img', 'src'], ['a', 'href'], ['image', 'href'], ['[data-full]', 'data-full'], ['[data-ids]', 'data-ids']];

function rebase(root, viewer) {
  for (const [selector, name] of links) {
    for (const element of root.querySelectorAll(selector)) {
      element.setAttribute(name, new URL(element.getAttribute(name), `${viewer}steps/`).href);
    }
  }
}

// Gives {revision, figures, value, gallery, filters}: the figures by index, and the text, histogram or files or null,
// taken from their place in the gallery of the step, which `prepare` has been called with.
export const readFigures = async (run, step, key, prepare = content.prepare) => {
  const {revision, html, filters} = await run.entry(step);
  const gallery = prepare(content.parsed(html));
  const figures = [...gallery.querySelectorAll('figure.image')].filter((figure) => figure.dataset.key === key);
  const value = gallery.querySelector(`:is(.text, .histogram, .kept)[data-key="${CSS.escape(key)}"]`);
  for (const one of value ? [...figures, value] : figures) rebase(one, run.viewer);
  for (const figure of figures) content.supply(filters, figure);
  figures.sort((a, b) => a.dataset.index - b.dataset.index);
  return {revision, figures, value, gallery, filters};
};
