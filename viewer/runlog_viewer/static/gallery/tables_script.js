// The script that draws tables, which is loaded once there is one.

import {laterScript} from '../data/live.js';

// Gives what gallery/entry.js hands over, started.
export const tablesScript = laterScript('tables script', 'gallery.js', (tables) => tables.start());
