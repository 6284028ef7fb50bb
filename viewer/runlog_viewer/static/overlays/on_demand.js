// What few readers ask of boxes and masks: their table, and masks that no filter can draw.

import * as live from '../data/live.js';

let loading = null;

// Gives {boxTable, maskPainter}.
export function overlaysScript() {
  loading ??= live.loadScript('overlays script', 'overlays.js');
  loading.catch(() => { loading = null; }); // asked for again, it may be there
  return loading;
}
