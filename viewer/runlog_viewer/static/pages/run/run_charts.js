// The charts of a run: their numbers are loaded when the reader comes near, and again as the run goes on.

import * as address from '../../core/address.js';
import {byId} from '../../core/dom.js';
import {viewer} from '../../core/viewer.js';
import {chartsScript} from '../../data/charts_script.js';
import * as live from '../../data/live.js';

const mostLines = 12; // that a chart tells apart
let loaded = ''; // the revision of the numbers that are here, and whether they are those of each rank
let known = null; // and of the run
let isWanted = false;
let loadScript = null;

const isByRank = () => address.get('by') === 'rank' && byId('chart-ranks') !== null;

// The numbers of each rank that a run was joined of, from its own pages; one that is gone has no line.
async function ofRanks(revision) {
  const links = [...document.querySelectorAll('#content .ranks a')].slice(0, mostLines);
  const all = await Promise.allSettled(links.map(async ({textContent, dataset}) => {
    const rankViewer = new URL(`../../${encodeURIComponent(dataset.folder)}/viewer/`, viewer()).href;
    return {title: textContent, viewer: rankViewer, charts: await live.load('charts', 'data/charts.js', revision, rankViewer)};
  }));
  return all.map((one, n) => (one.status === 'fulfilled' ? one.value : {title: links[n].textContent, viewer: '', charts: null}));
}

export async function follow(revision) {
  known = revision;
  const wanted = `${revision} ${isByRank()}`;
  if (!isWanted || loaded === wanted) return;
  const numbers = isByRank() ? ofRanks(revision) : live.load('charts', 'data/charts.js', revision);
  const [charts, all] = await Promise.all([loadScript(), numbers]);
  loaded = wanted;
  if (isByRank()) charts.takeRuns(all);
  else charts.takeRun(all, viewer());
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
  if (byId('chart-ranks')) {
    byId('chart-ranks').checked = isByRank();
    byId('chart-ranks').addEventListener('change', ({target}) => {
      address.set({by: target.checked ? 'rank' : null});
      want();
    });
    address.onChange(() => {
      byId('chart-ranks').checked = isByRank();
      want();
    });
  }
  address.onChange(() => address.get('chart') !== null && enlarge(address.get('chart')));
  if (address.get('chart') === null) observer.observe(byId('charts'));
  else want();
}
