// The charts of a run: their numbers are loaded when the reader comes near, and again as the run goes on.

import * as address from '../../core/address.js';
import {byId} from '../../core/dom.js';
import {viewer} from '../../core/viewer.js';
import {chartsScript} from '../../data/charts_script.js';
import * as live from '../../data/live.js';

let loaded = null; // the revision of the numbers that are here
let known = null; // and of the run
let isWanted = false;
let loadScript = null;

export async function follow(revision) {
  known = revision;
  if (!isWanted || loaded === revision) return;
  const [charts, all] = await Promise.all([loadScript(), live.load('charts', 'data/charts.js', revision)]);
  loaded = revision;
  charts.takeRun(all, viewer());
}

function want() {
  isWanted = true;
  return follow(known).catch(() => {}); // a file that is just being replaced: asked for again
}

export async function enlarge(key) {
  address.set({chart: key});
  await want();
  (await loadScript()).enlargeByAddress();
}

export function start(revision, stepLink) {
  known = revision;
  loadScript = chartsScript(stepLink);
  const observer = new IntersectionObserver(([{isIntersecting}]) => {
    if (!isIntersecting) return;
    observer.disconnect();
    want();
  }, {rootMargin: '600px'});
  if (address.get('chart') === null) observer.observe(byId('charts'));
  else want();
}
