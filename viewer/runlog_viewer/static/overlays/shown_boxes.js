// Which boxes the reader has left on: their layer and their class are, and no score is below the least.

import * as hiding from '../core/hiding.js';
import * as settings from '../core/settings.js';

// A box says by itself that it is below: overlays.js.
export function isLayerOn(box) {
  const {kind, layer} = box.parentNode.dataset;
  return !settings.isHidden(kind, layer);
}
export const isOn = (box) => isLayerOn(box) && !settings.isClassHidden(box.dataset.class);
export const isShown = (box) => !box.hasAttribute('data-below') && isOn(box);

// Whether any may be off.
export function areHidden() {
  const {only, ids} = settings.get('classes');
  return only || !ids.every(hiding.isOffAtFirst) || settings.get('hidden').length > 0 || Object.keys(settings.get('minimums')).length > 0;
}

// The settings that decide it.
export const decideBoxes = (names) => names.some((name) => ['classes', 'minimums', 'hidden'].includes(name));
