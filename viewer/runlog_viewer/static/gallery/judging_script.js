// The script for judged images, which is loaded where there are some.

import {laterScript} from '../data/live.js';

// Gives what judging/entry.js hands over.
export const judgingScript = laterScript('judging script', 'judging.js');
