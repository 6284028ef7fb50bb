// What was said of the images of a key at an earlier step, read out of the gallery of that step when it is asked for.

import * as content from '../core/content.js';
import {viewer} from '../core/viewer.js';
import {openRun} from '../data/run_data.js';

let run = null;
let reading = null;
const known = new Map(); // key and step → what was said of the images, null while that comes

async function read() {
  run = openRun(viewer());
  await run.read(Date.now());
}

async function load(name, key, step) {
  const {html} = await run.entry(step);
  const panel = content.parsed(html).querySelector(`section.key[data-key="${CSS.escape(key)}"] > .judged`);
  known.set(name, panel ? JSON.parse(panel.dataset.judged) : {images: {}});
}

// The steps of a key before one, ascending; none until they are known: then the content is taken again.
export function stepsBefore(key, step) {
  reading ??= read().then(content.again, () => { reading = null; });
  return run?.stepsOf(key).filter((one) => one < step) ?? [];
}

// What was said at a step, or null until it is known: then the content is taken again.
export function judgedAt(key, step) {
  const name = JSON.stringify([key, step]);
  if (!known.has(name)) {
    known.set(name, null);
    load(name, key, step).then(content.again, () => known.delete(name));
  }
  return known.get(name);
}
