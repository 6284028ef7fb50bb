// The script that draws charts, which is loaded when they are wanted: most who open a page look at pictures first.

import * as live from './live.js';

// Gives what charts/charts.js exports, started; `stepLink` as in its `start`.
export const chartsScript = (stepLink) => {
  let started = null;
  async function begin() {
    const charts = await live.loadScript('charts script', 'charts.js');
    charts.start(stepLink);
    return charts;
  }
  return () => {
    started ??= begin().catch((error) => {
      started = null;
      throw error;
    });
    return started;
  };
};
