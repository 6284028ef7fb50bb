// Images that were judged: the script for them is loaded where there are some.

import * as content from '../core/content.js';
import {laterScript} from '../data/live.js';

let prepare = null; // once the script is there

const judgingScript = laterScript('judging script', 'judging.js', (judging) => {
  ({prepare} = judging);
  judging.start();
  content.again();
});

// Before images are sorted and taken apart into pages.
export function start() {
  content.onTake((root) => prepare?.(root));
  content.onChange(() => document.querySelector('.judged') && judgingScript().catch(() => {})); // there may be another chance
}
