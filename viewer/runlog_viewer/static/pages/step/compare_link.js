// From the page of a step to comparing: this step stays in one pane, the other goes along with the slider. That begins
// at the latest step, so that for the latest the page chooses what is beside it.

import * as address from '../../core/address.js';
import * as content from '../../core/content.js';
import {byId} from '../../core/dom.js';
import * as keys from '../../core/keys.js';
import * as paneText from '../../core/pane_text.js';

export function start() {
  const link = byId('compare');
  content.onChange(() => {
    const panes = byId('next').hasAttribute('href') ? paneText.write([{run: '.', step: document.body.dataset.step}, {run: '.'}]) : null;
    link.href = `../compare.html${address.link({panes})}`;
  });
  keys.add({v: () => link.click()});
}
