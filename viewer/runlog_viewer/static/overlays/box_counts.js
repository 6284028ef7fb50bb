// How many boxes of a picture are shown, said at its list of them.

import {areHidden, isShown} from './shown_boxes.js';

function show(figure) {
  const words = figure.querySelector('details.boxes .how-many');
  if (!words) return;
  const boxes = [...figure.querySelectorAll('rect.box')];
  const count = boxes.filter(isShown).length;
  const all = words.dataset.all ?? words.textContent;
  if (count < boxes.length) words.dataset.all = all;
  else delete words.dataset.all;
  const text = count < boxes.length ? `${count.toLocaleString('en')} of ${all}` : all;
  if (words.textContent !== text) words.textContent = text;
}

export function showCounts(root) {
  if (!areHidden() && !root.querySelector('.how-many[data-all]')) return;
  for (const figure of root.querySelectorAll('figure.image')) show(figure);
}
