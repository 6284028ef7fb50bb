// Images that were judged: the script for them is loaded where there are some.

import * as content from '../core/content.js';
import * as live from '../data/live.js';

let loading = null;
let prepare = null; // once the script is there

async function load() {
  if (loading || !document.querySelector('.judged')) return;
  loading = live.load('judging script', 'judging.js', 'later');
  try {
    const judging = await loading;
    ({prepare} = judging);
    judging.start();
    content.again();
  } catch {
    loading = null; // asked for again, it may be there
  }
}

// Before images are sorted and taken apart into pages.
export function start() {
  content.onTake((root) => prepare?.(root));
  content.onChange(load);
}
