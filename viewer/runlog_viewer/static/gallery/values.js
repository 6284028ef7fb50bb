// What the values of each kind do wherever they stand, beside images.

import * as histograms from '../charts/histograms.js';
import * as texts from './texts.js';

export function start() {
  texts.start();
  histograms.start();
}
