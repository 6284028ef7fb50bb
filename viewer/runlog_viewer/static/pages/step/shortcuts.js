// The help of a page of which there may be thousands stands once in a site, and comes when it is asked for.

import * as content from '../../core/content.js';
import * as keys from '../../core/keys.js';
import {laterScript} from '../../data/live.js';

export function start() {
  keys.helpBy(laterScript('shortcuts', 'step-shortcuts.js', (html) => document.body.append(content.parsed(html))));
}
