// What is new in another run than the page's own, which a page that compares shows beside it.

import {interval, load} from './live.js';

// Calls back with the version of another run, now and when it moves on; with null if there is none.
export function follow(folder, callback) {
  const slow = 20 * interval();
  let known = null;
  let waiting = 0;
  async function look() {
    clearTimeout(waiting);
    const version = await load('version', 'version.js', Date.now(), folder).catch(() => null);
    const wording = JSON.stringify(version);
    try {
      if (wording !== known && (version || known === null)) await callback(version);
      known = wording;
    } catch {
      // a file is just being replaced: look again
    }
    if (version && !document.hidden) waiting = setTimeout(look, version.state === 'running' ? interval() : slow);
  }
  document.addEventListener('visibilitychange', () => document.hidden || look());
  look();
}
