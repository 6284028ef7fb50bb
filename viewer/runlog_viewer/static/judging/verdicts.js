// What judged images are at the threshold: each of their boxes, and which of them the reader asks for.

import {ofLayer} from '../core/layer_kinds.js';
import * as chosen from './chosen.js';
import {leastOf} from './judged_data.js';
import {cellsOf} from './judged_panel.js';
import {judge} from './judging_model.js';

const known = new WeakMap(); // what was said of images → {least, judged}

// Every image, by its index, at the threshold.
export function judgedOf(data) {
  const least = leastOf(data);
  if (known.get(data)?.least !== least) known.set(data, {least, judged: new Map(Object.entries(data.images).map(([index, image]) => [index, judge(image, least)]))});
  return known.get(data).judged;
}

const boxesOf = (root, layer) => root.querySelectorAll(`.overlay > ${ofLayer('boxes', layer)} > rect.box`);
const labelsOf = (root, layer) => root.querySelectorAll(`.tags > ${ofLayer('boxes', layer)} > text`);

// Says of each box of a picture, anywhere in `root`, what it is; those that are asked for stand out.
export function markBoxes(root, {layers}, judged, isWanted = null) {
  const [truth, predictions] = layers;
  for (const [layer, said] of [[truth, judged.truth], [predictions, judged.predictions]]) {
    boxesOf(root, layer).forEach((box, n) => {
      if (box.dataset.verdict !== said[n].verdict) box.dataset.verdict = said[n].verdict;
      box.toggleAttribute('data-picked', isWanted !== null && isWanted(said[n]));
    });
    for (const label of labelsOf(root, layer)) {
      const {verdict} = said[label.dataset.box];
      for (const one of [label.previousSibling, label]) if (one.dataset.verdict !== verdict) one.dataset.verdict = verdict;
    }
  }
}

// The same of all images of a key at a step that stand in `root`.
export function markFigures(root, data, judged, isWanted = null) {
  for (const figure of root.querySelectorAll('figure.image')) {
    const said = judged.get(figure.dataset.index);
    if (said) markBoxes(figure, data, said, isWanted);
  }
}

// What tells the boxes that are asked for, or null.
export function wantedBoxes(panel, wanted) {
  const table = panel.querySelector('table[data-unit="boxes"]');
  if (!wanted || !table) return null;
  const cellOf = cellsOf(table);
  return (said) => chosen.isBox(wanted, said, cellOf);
}

// What tells the images that are asked for, by their index.
export function wantedImages(panel, data, judged, wanted) {
  const isWanted = wantedBoxes(panel, wanted);
  if (wanted.unit === 'pixels') {
    const table = panel.querySelector('table[data-unit="pixels"]');
    const cellOf = table ? cellsOf(table) : () => '';
    return (index) => (data.images[index]?.pixels ?? []).some(([truth, prediction]) => cellOf([truth, prediction]) === wanted.cell);
  }
  return (index) => {
    const said = judged.get(String(index));
    return Boolean(said && isWanted) && [...said.truth, ...said.predictions].some(isWanted);
  };
}
