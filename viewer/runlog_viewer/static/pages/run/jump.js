// The sections of the page and the charts of the headline numbers: links to them leave the address as it is, whose end holds
// what is looked at.

import {byId} from '../../core/dom.js';

// `enlarge(key)` shows the chart of a key.
export function start(enlarge) {
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('.jump a[href^="#"], .headline a');
    if (!link) return;
    event.preventDefault();
    const {key} = link.parentNode.dataset;
    if (key !== undefined) enlarge(key);
    else byId(link.hash.slice(1)).scrollIntoView();
  });
}
