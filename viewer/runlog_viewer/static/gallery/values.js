// What the values of each kind do on a page, beside images.

import * as histograms from '../charts/histograms.js';
import * as tables from './tables.js';
import * as texts from './texts.js';

export function start() {
  texts.start();
  histograms.start();
  tables.start();
}
