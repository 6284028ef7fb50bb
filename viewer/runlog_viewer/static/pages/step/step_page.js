// The page of a step: moving between the steps of the run, in place.

import * as address from '../../core/address.js';
import * as content from '../../core/content.js';
import {byId} from '../../core/dom.js';
import * as keys from '../../core/keys.js';
import {number} from '../../core/numbers.js';
import * as settings from '../../core/settings.js';
import {viewer} from '../../core/viewer.js';
import * as live from '../../data/live.js';
import {openRun} from '../../data/run_data.js';
import {stepFile} from '../../data/site_names.js';
import {countUpTo, fillOver, sliderOver, stopsOf} from '../../data/steps.js';
import * as opener from '../../stage/opener.js';
import {addKeySteps} from './key_steps.js';
import {moved} from './moving.js';
import {notice} from './notice.js';
import {stepContent} from './step_content.js';

export function openStepPage() {
  const {body} = document;
  const run = openRun(viewer());
  const contents = stepContent(run);
  const ownFile = Number(body.dataset.step);
  let shown = ownFile; // the step asked for; what the page says and shows follows when its pictures are there
  let signature = JSON.stringify([Number(body.dataset.revision)]);
  let isFollowing = false;
  let known = null;
  let wanted = null;
  let showing = null;
  let slider = {names: [], own: null, over: null};
  let stops = null; // of the slider, where it goes over a step metric

  // While one step is being shown, of those asked for meanwhile the last one is next.
  function show(step) {
    wanted = shown = step;
    showPlace();
    showing ??= showWanted().finally(() => (showing = null));
    return showing;
  }

  async function showWanted() {
    while (wanted !== null) {
      const step = wanted;
      wanted = null;
      const before = signature;
      try {
        await put(step).catch(() => putAnew(step));
        notice('');
      } catch {
        signature = before;
        if (wanted === null) stay(step);
      }
    }
  }

  // The data may have been replaced since the index was read.
  async function putAnew(step) {
    await run.read(Date.now());
    return put(step);
  }

  // The page goes on to show what it does.
  function stay(step) {
    shown = Number(body.dataset.step);
    live.pause();
    notice(`Step ${step} cannot be loaded: the server that gave this page has ended, or its folder is gone.`);
    showPlace();
    showAddress();
  }

  async function put(step) {
    signature = contents.signature(step);
    if (!run.has(step)) return content.take('<div class="gallery"><p class="nothing">Nothing but numbers at this step.</p></div>', {});
    const {make, filters, revision, logged} = await contents.load(step);
    await content.bring(make, filters, () => {
      if (Number(body.dataset.step) !== step) moved();
      body.dataset.step = step;
      body.dataset.revision = revision;
      byId('step').textContent = step;
      Object.assign(byId('logged').querySelector('time'), {dateTime: logged, textContent: logged});
      document.title = document.title.replace(/^Step \d+/, `Step ${step}`);
    });
    return undefined;
  }

  // file:// lets a page change nothing but the end of its address
  function showAddress() {
    const isFile = location.protocol === 'file:';
    const parts = {step: isFile && shown !== ownFile ? shown : null, follow: isFollowing ? '' : null};
    address.set(parts, isFile ? location.pathname : stepFile(shown));
  }

  function go(step) {
    if (step === undefined || step === shown) return undefined;
    const done = show(step);
    showAddress();
    return done;
  }

  function goByHand(step) {
    if (step !== undefined && isFollowing) follow(false);
    return go(step);
  }

  function follow(wanted) {
    isFollowing = wanted;
    byId('follow').setAttribute('aria-pressed', wanted);
    if (wanted) go(run.steps.at(-1));
    showAddress();
    showPlace();
  }

  // The step some steps away, at most the first or last; a step that is gone counts as one between two others.
  function stepAway(by) {
    const steps = sliderSteps();
    const upTo = countUpTo(steps, shown);
    const isHere = steps[upTo - 1] === shown;
    const place = (isHere || by < 0 ? upTo - 1 : upTo) + by - (isHere ? 0 : Math.sign(by));
    return steps[Math.max(0, Math.min(steps.length - 1, place))];
  }

  const sliderSteps = () => stops?.map(({step}) => step) ?? run.steps;

  function readSlider() {
    slider = sliderOver(run.metrics, run.keysAt(), address.get('over'));
    stops = slider.over === null ? null : stopsOf(run.steps, run.metrics[slider.over][1]);
    fillOver(byId('over'), slider);
  }

  function showLink(link, step) {
    if (step === undefined || step === shown) link.removeAttribute('href');
    else link.setAttribute('href', stepFile(step));
  }

  function showPlace() {
    const steps = sliderSteps();
    const place = stops ? Math.min(steps.length - 1, countUpTo(steps, shown - 1)) : steps.indexOf(shown);
    const value = stops ? `${slider.over} ${number(stops[place].value)}` : '';
    const latest = run.steps.at(-1);
    showLink(byId('previous'), stepAway(-1));
    showLink(byId('next'), stepAway(1));
    byId('slider').max = Math.max(0, steps.length - 1);
    byId('slider').value = place;
    byId('slider').setAttribute('aria-valuetext', [value, `step ${shown}`].filter(Boolean).join(', '));
    byId('place').textContent = [value, `${place + 1} of ${steps.length}`].filter(Boolean).join(' · ');
    if (latest === shown) known = latest;
    byId('newest').hidden = isFollowing || known === null || !(latest > known);
    byId('newest').textContent = `step ${latest} is new`;
    byId('newest').href = stepFile(latest ?? shown);
  }

  // The address may ask for a step without a page, which then is the latest before it, or the first.
  async function readAddress() {
    readSlider();
    const asked = address.get('step');
    const step = Number(asked ?? parseInt(location.pathname.split('/').at(-1), 10));
    if (address.get('follow') !== null) return follow(true);
    if (run.has(step)) return go(step);
    if (asked === null || !run.steps.length) return undefined;
    if (!/^\d+$/.test(asked)) return showAddress();
    const nearest = run.steps[Math.max(0, countUpTo(run.steps, step) - 1)];
    await go(nearest);
    if (shown !== nearest) return undefined;
    showAddress();
    return notice(`Step ${step} has nothing but numbers; this is step ${nearest}.`);
  }

  async function change({revision, state}) {
    const isFirst = known === null;
    await run.read(revision);
    readSlider();
    document.documentElement.classList.toggle('no-images', !run.keysAt().length);
    if (isFirst) {
      known = run.steps.at(-1) ?? shown;
      readAddress();
    }
    const latest = run.steps.at(-1);
    if (isFollowing && latest !== undefined && latest !== shown) go(latest);
    else if (wanted === null && contents.signature(shown) !== signature) await show(shown);
    byId('follow').hidden = state !== 'running' && !isFollowing;
    showPlace();
    opener.refreshSteps();
    keySteps.showNeighbours();
  }

  opener.start({steps: {run, go: goByHand}});
  const keySteps = addKeySteps(run, () => shown, goByHand);
  keys.add({
    ArrowLeft: () => goByHand(stepAway(-1)),
    ArrowRight: () => goByHand(stepAway(1)),
    'Shift+ArrowLeft': () => goByHand(stepAway(-10)),
    'Shift+ArrowRight': () => goByHand(stepAway(10)),
    Home: () => goByHand(sliderSteps()[0]),
    End: () => goByHand(sliderSteps().at(-1)),
    f: () => follow(!isFollowing),
  });
  byId('follow').addEventListener('click', () => follow(!isFollowing));
  byId('slider').addEventListener('input', ({target}) => goByHand(sliderSteps()[target.value]));
  byId('over').addEventListener('change', ({target}) => {
    address.set({over: target.value === (slider.own ?? 'step') ? null : target.value});
    readSlider();
    showPlace();
  });
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('#previous, #next, #newest, a.from');
    if (event.ctrlKey || event.metaKey || event.shiftKey || !link?.hasAttribute('href')) return;
    event.preventDefault();
    goByHand(parseInt(link.getAttribute('href'), 10));
  });
  settings.onChange((names) => names.includes('earlier') && run.steps.length && show(shown));
  address.onChange(readAddress);
  return change;
}
