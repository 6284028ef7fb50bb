// Tables, as a script of its own: tables_script.js loads it once there is one.

import {openImagesTable} from './images_table.js';
import * as tables from './tables.js';

window.runlog.receive('tables script', {start: tables.start, openImagesTable});
