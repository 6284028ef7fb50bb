// The numbers of the runs that are compared: a chart for each key, with a line for each run that has it.

import * as charts from '../../charts/charts.js';

// Takes runs as {title, charts}, in the order of their places; those whose numbers are not here yet have none.
export function take(runs) {
  const byKey = new Map();
  runs.forEach(({title, charts: all}, line) => {
    for (const series of all ?? []) {
      if (!byKey.has(series.key)) byKey.set(series.key, []);
      byKey.get(series.key).push({series, line, title});
    }
  });
  charts.take([...byKey].map(([key, lines]) => ({key, lines})));
  charts.enlargeByAddress();
  return byKey.size;
}
