// What few readers ask of boxes and masks: their table, and masks that no filter can draw.

import {laterScript} from '../data/live.js';

// Gives {boxTable, maskPainter}.
export const overlaysScript = laterScript('overlays script', 'overlays.js');
