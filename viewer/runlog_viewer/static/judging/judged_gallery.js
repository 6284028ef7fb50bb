// Judged images in the gallery of a step: all that is said of them follows the threshold, and of a key only those images are
// there that the reader asks for.

import * as content from '../core/content.js';
import * as settings from '../core/settings.js';
import * as chosen from './chosen.js';
import {dataOf, keyOf, panelsIn} from './judged_data.js';
import * as judgedPanel from './judged_panel.js';
import * as mistakesOrder from './mistakes_order.js';
import {judgedOf, markFigures, wantedBoxes, wantedImages} from './verdicts.js';

// Leaves only the images that are asked for.
function choose(section, panel, data, judged, wanted) {
  const figures = [...section.querySelectorAll('figure.image')];
  const isWanted = wantedImages(panel, data, judged, wanted);
  const others = figures.filter(({dataset}) => !isWanted(dataset.index));
  for (const figure of others) figure.remove();
  for (const group of section.querySelectorAll('.group')) if (!group.children.length) group.remove();
  judgedPanel.noteChosen(panel, wanted, figures.length - others.length, figures.length);
}

// Says it all in new content, before it is sorted and put in place.
export function prepare(root) {
  for (const panel of panelsIn(root)) {
    const section = panel.parentNode;
    const data = dataOf(panel);
    const judged = judgedOf(data);
    const wanted = chosen.get(keyOf(panel));
    judgedPanel.showPanel(panel, data, judged);
    const first = section.querySelector('figure.image');
    if (first) mistakesOrder.addSince(panel, Number(first.dataset.step));
    if (wanted) choose(section, panel, data, judged, wanted);
    section.toggleAttribute('data-picking', wanted !== null);
    markFigures(section, data, judged, wantedBoxes(panel, wanted));
  }
}

// The same in the page as it is.
function refresh() {
  for (const panel of panelsIn(document)) {
    const data = dataOf(panel);
    const judged = judgedOf(data);
    judgedPanel.showPanel(panel, data, judged);
    markFigures(panel.parentNode, data, judged);
  }
  content.changedInPlace();
}

// `addOrder` is `addKind` of gallery/sort.js.
export function start(addOrder) {
  addOrder('judged', mistakesOrder.ofGallery);
  mistakesOrder.start();
  judgedPanel.start();
  settings.onChange((names) => {
    if (names.includes('judged') || (names.includes('minimums') && settings.get('judged'))) content.again();
    else if (names.includes('minimums')) refresh();
  });
}
