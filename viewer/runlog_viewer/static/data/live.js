// Data scripts, and the question what is new: version.js is asked again and again, the same way on file:// and
// over http, because a script element is the one thing that both let a page load.

import {byId} from '../core/dom.js';
import {scripts, viewer} from '../core/viewer.js';
import {unpacked} from './packed.js';

export const interval = () => (location.protocol === 'file:' ? 1000 : 250); // ms
const received = new Map();
let onChange = null;
let seen = null;
let generator = null;
let hasEnded = false;
let isBusy = false;
let timer = 0;

// Two runs have scripts of the same name: what is handed over is told apart by who does.
export const receive = (name, value) => received.set(document.currentScript, {name, value});

// What a mask is packed in, two channels, is no text.
const whole = (value) => (typeof value?.packed === 'string' ? unpacked(value.packed).then(JSON.parse) : value);

// Loads <from>/<path>, of this run's viewer folder or of another's, and gives what it handed over; `tag` keeps caches out of the way.
export function load(name, path, tag, from = viewer()) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${from}${path}?${tag}`;
    script.onload = () => {
      script.remove();
      const handed = received.get(script);
      received.delete(script);
      if (handed?.name === name) resolve(whole(handed.value));
      else reject(new Error(`${path} holds no ${name}`));
    };
    script.onerror = () => {
      script.remove();
      reject(new Error(`${path} cannot be loaded`));
    };
    document.head.append(script);
  });
}

// A script of the site that not every page needs: gives what loads it when it is first wanted, and then starts it by `begin`.
// Where that fails it is asked for again, when it may be there.
export const laterScript = (name, path, begin = null) => {
  let coming = null; // on its way, or here
  async function bring() {
    const script = await load(name, path, 'later', scripts());
    begin?.(script);
    return script;
  }
  return () => {
    coming ??= bring().catch((error) => {
      coming = null;
      throw error;
    });
    return coming;
  };
};

// `outcome` is how a run has ended, in the colour that it has elsewhere.
function show(state, words, outcome = '') {
  const indicator = byId('live');
  if (indicator.dataset.live === state && indicator.textContent === words) return;
  indicator.dataset.live = state;
  indicator.textContent = words;
  indicator.className = `live needs-js ${outcome}`;
}

export const pause = () => show('paused', 'paused');

function showState(state) {
  hasEnded = state !== 'running';
  if (state === 'running') show('live', 'live');
  else if (state === 'ended') show('ended', 'no live run'); // on the page of all runs
  else show('ended', state, state);
}

async function ask() {
  const version = await load('version', 'version.js', Date.now());
  generator ??= version.generator;
  if (version.generator !== generator) location.reload(); // by another viewer: its scripts go with its pages
  const wording = JSON.stringify(version);
  if (wording !== seen) await onChange(version);
  seen = wording;
  showState(version.state);
}

async function poll() {
  if (isBusy) return;
  isBusy = true;
  clearTimeout(timer);
  try {
    await ask();
  } catch {
    if (!hasEnded) pause(); // the server is gone, or a file is just being replaced: ask again
  }
  isBusy = false;
  if (!document.hidden) timer = setTimeout(poll, interval());
}

export function start(callback) {
  onChange = callback;
  document.addEventListener('visibilitychange', () => document.hidden || poll());
  poll();
}
