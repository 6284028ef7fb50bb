// The page of a run, as the run goes on.

import {adoptHeatMaps, startHeatMaps} from '../../charts/histograms.js';
import * as content from '../../core/content.js';
import {byId, make} from '../../core/dom.js';
import {morph} from '../../core/morph.js';
import {viewer} from '../../core/viewer.js';
import * as live from '../../data/live.js';
import {openRun} from '../../data/run_data.js';
import {stepPage} from '../../data/site_names.js';
import {countUpTo} from '../../data/steps.js';
import * as jump from './jump.js';
import * as runCharts from './run_charts.js';

export function openRunPage() {
  const {body} = document;
  const data = openRun(viewer());

  // Pages of their own link to the steps of the blocks before.
  const firstBlock = Number(byId('step-blocks').dataset.first);
  const isCounted = (block, steps) => block.querySelector('small').textContent === String(steps.length);

  function showStepBlock(steps, number) {
    if (number < firstBlock) return;
    const blocks = byId('step-blocks');
    let block = blocks.querySelector(`[data-block="${number}"]`);
    if (!steps.length || (block && isCounted(block, steps))) return;
    if (!block) {
      block = content.parsed('<details class="step-block"><summary></summary><p></p></details>').firstChild;
      block.dataset.block = number;
      blocks.append(block);
    }
    const range = steps.length > 1 ? `${steps[0]} – ${steps.at(-1)}` : `${steps[0]}`;
    block.querySelector('summary').replaceChildren(`${range} `, make('small', {textContent: steps.length}));
    block.querySelector('p').replaceChildren(...steps.flatMap((step) => {
      return [Object.assign(document.createElement('a'), {href: `viewer/${stepPage(step)}`, textContent: step}), ' '];
    }));
  }

  const readOnce = async () => data.revision < 0 && data.read(body.dataset.revision);

  // The step with more than numbers at or before a step.
  async function stepLink(step) {
    await readOnce();
    const found = data.steps[countUpTo(data.steps, step) - 1];
    return found === undefined ? null : {step: found, href: `viewer/${stepPage(found)}`};
  }

  async function changeRunPage({revision, state}) {
    if (Number(body.dataset.revision) === revision && body.dataset.state === state) return;
    const run = await live.load('run', 'data/run.js', `${revision}-${state}`);
    morph(byId('details'), content.parsed(run.details));
    morph(byId('histograms'), content.parsed(run.histograms));
    adoptHeatMaps(byId('histograms'));
    content.take(run.html, run.filters);
    await runCharts.follow(revision);
    document.title = run.title;
    await data.read(revision);
    data.blocks.forEach(showStepBlock);
    byId('step-count').textContent = String(data.steps.length);
    byId('steps').hidden = !data.steps.length;
    Object.assign(body.dataset, {step: run.step, revision, state});
  }

  startHeatMaps(byId('histograms'), {
    run: data,
    stepsOf: async (key) => {
      await readOnce();
      return data.stepsOf(key, 'histogram');
    },
    base: 'viewer/',
  });
  adoptHeatMaps(byId('histograms'));
  jump.start(runCharts.enlarge);
  runCharts.start(Number(body.dataset.revision), stepLink);
  return changeRunPage;
}
