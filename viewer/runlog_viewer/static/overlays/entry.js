// What few readers ask of boxes and masks, as a script of its own: on_demand.js loads it.

import * as boxTable from './box_table.js';
import * as maskPainter from './mask_painter.js';

boxTable.start();
window.runlog.receive('overlays script', {boxTable, maskPainter});
