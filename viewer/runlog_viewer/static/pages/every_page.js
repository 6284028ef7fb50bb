// What every page does before its own, and after.

import * as content from '../core/content.js';
import * as keys from '../core/keys.js';
import * as settings from '../core/settings.js';
import * as live from '../data/live.js';
import * as display from '../gallery/display.js';
import * as filters from '../overlays/filters.js';
import * as overlays from '../overlays/overlays.js';

export function prepare() {
  // Data scripts hand over what they hold by this name; the settings are there for whoever embeds or tests a page.
  window.runlog = {receive: live.receive, settings};
  keys.start();
  filters.start();
  display.start();
  overlays.start();
}

// `change` is called with the version of the run, or of all runs, when that is new.
export function begin(change) {
  content.begin();
  live.start(change);
}
