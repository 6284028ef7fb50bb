// Judged images on the page of a key: what is said of those of one step, and which of all images are shown for it, in which order.

import {fillSelect, make} from '../core/dom.js';
import {morph} from '../core/morph.js';
import * as settings from '../core/settings.js';
import {inOrder} from '../gallery/order.js';
import * as chosen from './chosen.js';
import {dataOf, panelOf} from './judged_data.js';
import * as judgedPanel from './judged_panel.js';
import * as mistakesOrder from './mistakes_order.js';
import {verdictList} from './verdict_list.js';
import {judgedOf, markFigures, wantedBoxes, wantedImages} from './verdicts.js';

// `host` is the element for it; `goTo(step, isLatest)` is called when the reader wants another step, `changed()` when the images to show,
// or what is said of their boxes, may be others.
export function openJudgedKey(host, {goTo, changed}) {
  const slider = make('input', {type: 'range', min: '0', step: '1'});
  const output = make('output');
  const order = make('select');
  const choice = make('label', {className: 'choice'}, 'Images by ', order);
  const bar = make('div', {className: 'judged-bar'}, make('label', {className: 'slider'}, 'Judged at ', slider, output), choice);
  const body = make('div');
  let [key, step, steps] = [null, null, []];
  let source = null; // the panel as it came
  let panel = null; // the same as it is in the page
  let known = null; // which images were picked of how many
  host.append(bar, body);

  function showBar() {
    const at = steps.indexOf(step);
    Object.assign(slider, {max: String(steps.length - 1), value: String(at)});
    output.textContent = `step ${step}${at === steps.length - 1 ? ', the latest' : ''}`;
    slider.setAttribute('aria-valuetext', output.textContent);
    choice.hidden = !source || Object.keys(dataOf(source).images).length < 2;
    if (choice.hidden) return;
    const {name, by} = mistakesOrder.asked() ?? {name: '', by: ''};
    const names = mistakesOrder.namesFor(source);
    if (name && !names.includes(name)) names.push(name);
    fillSelect(order, [['', 'their place'], ...names.map((one) => [`judged.${one}`, mistakesOrder.wordsOf(one)])], by);
  }

  // Says it all at the threshold.
  function refresh() {
    known = null;
    host.hidden = !key;
    if (!key) return;
    if (!source) {
      body.replaceChildren(make('p', {className: 'quiet', textContent: 'no image of this step was judged'}));
      return showBar();
    }
    const fresh = make('div');
    fresh.dataset.key = body.dataset.key = key;
    const made = fresh.appendChild(source.cloneNode(true));
    const [data, wanted] = [dataOf(made), chosen.get(key)];
    const judged = judgedOf(data);
    judgedPanel.showPanel(made, data, judged);
    mistakesOrder.addSince(made, step);
    if (wanted) {
      const all = Object.keys(data.images);
      judgedPanel.noteChosen(made, wanted, all.filter(wantedImages(made, data, judged, wanted)).length, all.length);
    }
    morph(body, fresh);
    panel = body.firstElementChild;
    showBar();
  }

  // Takes what the gallery of a step, one of `steps`, says of a key.
  function show(gallery, wanted) {
    ({key, step, steps} = wanted);
    source = panelOf(gallery, key);
    refresh();
  }

  function clear() {
    [key, source] = [null, null];
    refresh();
  }

  // Of images, those that are asked for at that step, in the order that is asked for.
  function picked(images) {
    if (!source) return images;
    if (known?.count !== images.length) known = {count: images.length, images: pick(images)};
    return known.images;
  }

  function pick(images) {
    const data = dataOf(panel);
    const places = new Map(Object.entries(data.images).flatMap(([index, {id}]) => (id === undefined ? [] : [[id, index]])));
    const placeOf = ({id, index}) => (id === null ? String(index) : places.get(id));
    const [wanted, by] = [chosen.get(key), mistakesOrder.asked()];
    const isWanted = wanted ? wantedImages(panel, data, judgedOf(data), wanted) : () => true;
    const found = images.filter((image) => isWanted(placeOf(image)));
    if (!by) return found;
    const units = found.map((image) => ({image, values: [mistakesOrder.numberOf(key, step, data, placeOf(image), by.name)]}));
    return inOrder(units, by.isDescending).map(({image}) => image);
  }

  const isPicking = () => source !== null && chosen.get(key) !== null;

  // Says of the boxes of a key what they are, wherever its pictures stand in `root`; `data` is of their step.
  const mark = (root, data) => markFigures(root, data, judgedOf(data), source && wantedBoxes(panel, chosen.get(key)));

  // How many boxes of each verdict a picture has, below each of those in `root`: of one image, over time.
  function count(root, data) {
    for (const figure of root.querySelectorAll('figure.image')) {
      const said = judgedOf(data).get(figure.dataset.index);
      if (!said || !data.images[figure.dataset.index].truth) continue;
      figure.querySelector('.judged-image')?.remove();
      figure.querySelector('.picture').after(make('div', {className: 'judged-image'}, verdictList(said, {isBrief: true})));
    }
  }

  // The same of those in the gallery of a step; gives what was said of these, null where nothing was.
  function markGallery(gallery) {
    const found = panelOf(gallery, key);
    if (!found) return null;
    mark(found.parentNode, dataOf(found));
    return dataOf(found);
  }

  judgedPanel.start();
  mistakesOrder.start();
  slider.addEventListener('input', () => goTo(steps[Number(slider.value)], slider.value === slider.max));
  order.addEventListener('change', () => mistakesOrder.choose(order.value.replace('judged.', '')));
  settings.onChange((names) => {
    if (!['judged', 'sort', 'minimums'].some((name) => names.includes(name))) return;
    refresh();
    changed();
  });
  return {show, clear, refresh, picked, isPicking, mark, markGallery, count};
}
