// What the values of each kind do where they stand for a step, and not as the latest of a run.

import * as tables from './tables.js';
import * as values from './values.js';

export function start() {
  values.start();
  tables.start();
}
