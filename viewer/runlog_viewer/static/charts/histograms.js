// Histograms under the pointer: on bars what is in a bin; on a heat map the bars of a step, loaded when they are asked for.

import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import {morph} from '../core/morph.js';
import {stepPage} from '../data/site_names.js';
import * as histogramModel from './histogram_model.js';

const partOf = (element, {clientX}) => {
  const {left, width} = element.getBoundingClientRect();
  return Math.min(1, Math.max(0, (clientX - left) / width));
};

/* bars */

function readBin(event) {
  const bars = event.target.closest?.('.histogram .bars');
  if (!bars) return;
  const histogram = bars.closest('.histogram');
  const bins = JSON.parse(histogram.dataset.bins);
  const output = histogram.querySelector('output');
  if (output) output.textContent = histogramModel.binWords(bins, histogramModel.binAt(histogramModel.edgesOf(bins), partOf(bars, event)));
}

function leaveBin({target}) {
  const output = target.closest?.('.histogram .bars') && target.closest('.histogram').querySelector('output');
  if (output) output.textContent = '';
}

export function start() {
  document.addEventListener('pointermove', readBin);
  document.addEventListener('pointerout', leaveBin);
}

/* heat maps */

// `run` gives the galleries of steps, `stepsOf(key)` a promise of the steps of a key, which ascend; links go from `base`.
export function startHeatMaps(host, {run, stepsOf, base}) {
  const asked = new WeakMap(); // by heat map, the step whose bars are on their way

  async function read(heat, choose) {
    const {key, start, end} = heat.dataset;
    const steps = await stepsOf(key);
    const step = choose(steps, Number(start), Number(end));
    if (step === undefined || asked.get(heat) === step) return;
    asked.set(heat, step);
    mark(heat, step, histogramModel.placeOf(steps, step, Number(start), Number(end)));
    const {html} = await run.entry(step);
    const found = content.parsed(html).querySelector(`.histogram[data-key="${CSS.escape(key)}"]`);
    if (asked.get(heat) !== step || !found) return;
    found.querySelector('h2').remove();
    const shown = heat.querySelector('.histogram');
    Object.assign(shown.dataset, found.dataset);
    morph(shown, found);
    const link = heat.querySelector('.of-step a');
    link.href = `${base}${stepPage(step)}`;
    link.textContent = `step ${step}`;
    heat.querySelector('.plot').setAttribute('aria-valuetext', `step ${step}: ${shown.querySelector('.bars').getAttribute('aria-label')}`);
  }

  function mark(heat, step, place) {
    const plot = heat.querySelector('.plot');
    let column = plot.querySelector('.column');
    if (!column) plot.append(column = make('i', {className: 'column'}));
    column.style.left = `${place * 100}%`;
    plot.setAttribute('aria-valuenow', step);
  }

  const heatOf = ({target}) => target.closest?.('.heat .plot')?.closest('.heat');
  const shownStep = (heat) => asked.get(heat) ?? Number(heat.querySelector('.histogram').dataset.step);
  const quietly = (reading) => reading.catch(() => {}); // a file that is just being replaced

  function atPointer(event) {
    const heat = heatOf(event);
    if (heat) quietly(read(heat, (steps, start, end) => histogramModel.stepAt(steps, partOf(heat.querySelector('.plot'), event), start, end)));
  }

  function byKey(event) {
    const heat = heatOf(event);
    if (!heat) return;
    if (event.key === 'Enter') heat.querySelector('.of-step a').click();
    const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!by) return;
    event.preventDefault();
    const many = event.shiftKey ? 10 : 1;
    quietly(read(heat, (steps) => steps[Math.min(steps.length - 1, Math.max(0, steps.indexOf(shownStep(heat)) + by * many))]));
  }

  host.addEventListener('pointermove', atPointer);
  host.addEventListener('pointerdown', atPointer);
  host.addEventListener('keydown', byKey);
  host.addEventListener('dblclick', (event) => heatOf(event)?.querySelector('.of-step a').click());
}

// Makes the heat maps of a host reachable by the keyboard, and says what they are.
export function adoptHeatMaps(host) {
  for (const plot of host.querySelectorAll('.heat .plot')) {
    const {key, step} = plot.closest('.heat').querySelector('.histogram').dataset;
    Object.assign(plot, {tabIndex: 0, role: 'slider', ariaLabel: `Steps of ${key}`});
    plot.setAttribute('aria-valuenow', step);
  }
}
