// What the values of each kind do where they stand for a step, and not as the latest of a run.

import * as content from '../core/content.js';
import {tablesScript} from './tables_script.js';
import * as values from './values.js';

function startTables() {
  if (document.querySelector('section.logged-table')) tablesScript().catch(() => {}); // there may be another chance
}

export function start() {
  values.start();
  content.onChange(startTables);
}
