// How many of the boxes of a picture, and of whatever else is listed of it, are shown: said at the list.

import {layerKinds} from '../core/layer_kinds.js';
import {areHidden, isShown} from './shown_boxes.js';

function show(figure, kind) {
  const words = figure.querySelector(`details.${kind} .how-many`);
  if (!words) return;
  const shapes = [...figure.querySelectorAll(`.layer[data-kind="${kind}"] > *`)];
  const count = shapes.filter(isShown).length;
  const all = words.dataset.all ?? words.textContent;
  if (count < shapes.length) words.dataset.all = all;
  else delete words.dataset.all;
  const text = count < shapes.length ? `${count.toLocaleString('en')} of ${all}` : all;
  if (words.textContent !== text) words.textContent = text;
}

export function showCounts(root) {
  if (!areHidden() && !root.querySelector('.how-many[data-all]')) return;
  for (const figure of root.querySelectorAll('figure.image')) for (const [kind] of layerKinds()) show(figure, kind);
}
