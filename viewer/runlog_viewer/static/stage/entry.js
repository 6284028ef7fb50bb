// Pictures that are zoomed and moved, in full view and side by side, as a script of its own: opener.js loads it.

import * as full from './full.js';
import {linkedStages} from './linked_stages.js';

window.runlog.receive('stage script', {full, linkedStages});
