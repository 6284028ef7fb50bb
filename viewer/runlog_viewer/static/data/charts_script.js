// The script that draws charts, which is loaded when they are wanted: most who open a page look at pictures first.

import {laterScript} from './live.js';

// Gives what charts/charts.js exports, started; `stepLink` as in its `start`.
export const chartsScript = (stepLink) => laterScript('charts script', 'charts.js', (charts) => charts.start(stepLink));
