// The rows of the runs, in data scripts of some each, the oldest first: of many runs a page comes with the newest alone.

import * as live from '../../data/live.js';
import {rowsScript} from '../../data/site_names.js';

const known = []; // of each block {revision, rows}

async function load(n, revision) {
  if (known[n]?.revision === revision) return known[n].rows;
  const rows = await live.load(`rows-${n}`, rowsScript(n), revision);
  known[n] = {revision, rows: rows.reverse()};
  return known[n].rows;
}

// Gives [folder, markup, facts], the newest first, block by block as of these revisions.
export async function* newestFirst(revisions) {
  for (let n = revisions.length - 1; n >= 0; n -= 1) yield load(n, revisions[n]);
}
