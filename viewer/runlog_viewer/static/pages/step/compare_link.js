// From the page of a step to comparing: this step stays in one pane, the other goes along with the slider.

import * as address from '../../core/address.js';
import * as content from '../../core/content.js';
import {byId} from '../../core/dom.js';
import * as keys from '../../core/keys.js';
import * as paneText from '../../core/pane_text.js';

export function start() {
  const link = byId('compare');
  content.onChange(() => {
    link.href = `../compare.html${address.link({panes: paneText.write([{run: '.', step: document.body.dataset.step}, {run: '.'}])})}`;
  });
  keys.add({v: () => link.click()});
}
