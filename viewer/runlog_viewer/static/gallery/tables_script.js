// The script that draws tables, which is loaded once there is one.

import * as live from '../data/live.js';

let coming = null; // on its way, or here

async function begin() {
  const tables = await live.loadScript('tables script', 'gallery.js');
  tables.start();
  return tables;
}

// Gives what gallery/entry.js hands over, started.
export function tablesScript() {
  coming ??= begin().catch((error) => {
    coming = null; // asked for again, it may be there
    throw error;
  });
  return coming;
}
