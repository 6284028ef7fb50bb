// What the values of each kind do where they stand for a step, and not as the latest of a run. The script of tables is loaded
// once there is one.

import * as content from '../core/content.js';
import * as live from '../data/live.js';
import * as values from './values.js';

let tables = null; // on its way, or here

function loadTables() {
  if (tables || !document.querySelector('section.logged-table')) return;
  tables = live.load('tables script', 'gallery.js', 'later').then((loaded) => loaded.start());
  tables.catch(() => { tables = null; }); // asked for again, it may be there
}

export function start() {
  values.start();
  content.onChange(loadTables);
}
