// The runs that are compared: this one, and others whose folders are next to it.

import * as paneText from '../../core/pane_text.js';
import {viewer} from '../../core/viewer.js';
import * as live from '../../data/live.js';
import * as otherRun from '../../data/other_run.js';
import {openRun} from '../../data/run_data.js';

// Calls `changed()` when one of them is known, or has gone on.
export const otherRuns = (changed) => {
  const own = paneText.decode(new URL('..', viewer()).pathname.split('/').at(-2));
  const runs = new Map();
  let hasCharts = false; // whether their numbers are wanted

  // '.' for this run, whatever its folder is called.
  const nameOf = (name) => (name === own ? '.' : name);
  const titleOf = (name) => runs.get(name)?.about?.name ?? (name === '.' ? own : name);

  // Titles that tell runs apart, with the name of the folder where several have the same; `titles` are known by other means.
  function titlesOf(names, titles = new Map()) {
    const found = names.map((name) => titles.get(name) ?? titleOf(name));
    const isAmbiguous = (title) => found.indexOf(title) !== found.lastIndexOf(title);
    return found.map((title, n) => (isAmbiguous(title) ? `${title} (${names[n] === '.' ? own : names[n]})` : title));
  }

  function viewerOf(name) {
    return name === '.' ? viewer() : new URL(`../../${encodeURIComponent(name)}/viewer/`, viewer()).href;
  }

  async function take(run, version) {
    await run.data.read(version.revision);
    run.about = await live.load('about', 'data/about.js', version.revision, run.data.viewer);
    if (hasCharts) await readCharts(run);
    run.state = version.state;
    run.problem = null;
  }

  async function readCharts(run) {
    run.charts = await live.load('charts', 'data/charts.js', run.data.revision, run.data.viewer);
  }

  // From here on, the numbers of all runs are loaded.
  async function wantCharts() {
    if (hasCharts) return;
    hasCharts = true;
    await Promise.allSettled([...runs.values()].filter(({about}) => about).map(readCharts));
    changed();
  }

  // Gives {data, about, charts, state, problem}; what is not known yet is null.
  function get(name) {
    if (runs.has(name)) return runs.get(name);
    const run = {data: openRun(viewerOf(name)), about: null, charts: null, state: null, problem: null};
    runs.set(name, run);
    if (name !== '.' && !paneText.isFolderName(name)) run.problem = 'This is not the name of a run folder.';
    else if (name !== '.') follow(run);
    return run;
  }

  function follow(run) {
    otherRun.follow(run.data.viewer, async (version) => {
      run.problem = version ? 'The pages of this run cannot be read: build them again.' : 'There is no run in a folder of this name.';
      try {
        if (version) await take(run, version);
      } finally {
        changed();
      }
    });
  }

  async function takeOwn(version) {
    await take(get('.'), version);
    changed();
  }

  const isAlone = !document.querySelector('.crumbs a[href="../../index.html"]');

  // The runs of the runs folder, as [folder name, title].
  async function all() {
    if (isAlone) return [];
    const {runs} = await live.load('overview', 'data/overview.js', Date.now(), new URL('../../viewer/', viewer()).href);
    return runs.map(([folder, name]) => [nameOf(folder), name]);
  }

  return {get, takeOwn, wantCharts, nameOf, titleOf, titlesOf, isAlone, all};
};
