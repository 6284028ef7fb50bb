// Images that were judged, in the gallery of a step.

import * as content from '../core/content.js';
import {judgingScript} from './judging_script.js';
import * as sort from './sort.js';

let judgedGallery = null; // once the script is there

async function load() {
  const script = await judgingScript();
  if (judgedGallery) return;
  ({judgedGallery} = script);
  judgedGallery.start(sort.addKind);
  content.again();
}

// Before images are sorted and taken apart into pages.
export function start() {
  content.onTake((root) => judgedGallery?.prepare(root));
  content.onChange(() => document.querySelector('.judged') && load().catch(() => {})); // there may be another chance
}
