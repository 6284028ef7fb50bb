// Where an image has several masks, a link next to the switches of the layers leads to them side by side.

import * as address from '../core/address.js';
import * as content from '../core/content.js';
import {byId, make} from '../core/dom.js';
import * as paneText from '../core/pane_text.js';
import {viewer} from '../core/viewer.js';

// The address of the masks of an image side by side; null where there are not several.
export const masksApart = (figure) => {
  const most = 4;
  const layers = [...new Set([...figure.querySelectorAll('.mask')].map((mask) => mask.dataset.layer))].slice(0, most);
  if (layers.length < 2) return null;
  const {key, step, index} = figure.dataset;
  const panes = paneText.write(layers.map((layer) => ({run: '.', layers: [layer]})));
  return `${viewer()}compare.html${address.link({panes, key, index, step})}`;
};

// Whether the controls of a gallery have more than one layer of masks.
export const hasSeveral = (overlays) => overlays.querySelectorAll('input[data-kind=masks]').length > 1;

function firstOf(root) {
  for (const figure of root.querySelectorAll('figure.image')) {
    const address = masksApart(figure);
    if (address) return address;
  }
  return null;
}

function offer(root) {
  for (const overlays of root.querySelectorAll('.overlays')) {
    const address = hasSeveral(overlays) ? firstOf(root) : null;
    let link = overlays.querySelector('.apart');
    if (!address) link?.remove();
    else if (!link) {
      link = make('a', {className: 'apart', textContent: 'Masks side by side'});
      [...overlays.querySelectorAll('.layers, .differing')].at(-1).after(link);
    }
    if (address && link.getAttribute('href') !== address) link.setAttribute('href', address);
  }
}

export function start() {
  content.onTake(offer);
  content.onChange(() => offer(byId('content')));
}
