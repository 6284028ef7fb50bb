// The charts, as a script of its own: data/charts_script.js loads it when charts are wanted.

import * as charts from './charts.js';

window.runlog.receive('charts script', charts);
