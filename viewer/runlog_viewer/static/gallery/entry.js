// Tables, as a script of its own: values_of_steps.js loads it once there is one.

import * as tables from './tables.js';

window.runlog.receive('tables script', tables);
