// One pane of the page that compares: what it shows, in words that can be changed, and a stage with the picture.

import {lineSample} from '../../charts/line_sample.js';
import {byId, fillSelect} from '../../core/dom.js';
import * as opener from '../../stage/opener.js';

// `changed(pane, values)` is called when the reader wants other values; `removed(pane)` when it is to go.
export const comparePane = ({stage, changed, removed}) => {
  const element = byId('pane').content.firstElementChild.cloneNode(true);
  const find = (selector) => element.querySelector(selector);
  const figure = find('figure');
  const picture = stage(find('.frame'));
  let pane = null;
  let shown = null; // what is in it

  // Shows where the pane stands, before its picture has come.
  function showHead(wanted, {title, runs, canChoose, canGo, line}) {
    pane = wanted;
    find('.line-sample')?.remove();
    if (line !== null) find('.pane-head').prepend(lineSample(line));
    find('.run-name').textContent = title;
    find('.run-name').hidden = canChoose;
    find('.run').hidden = !canChoose;
    fillSelect(find('.run'), runs, pane.run);
    const kind = pane.step !== null ? 'step' : pane.offset ? 'offset' : 'slider';
    find('.place').value = kind;
    find('.number').hidden = kind === 'slider';
    find('.number').setAttribute('aria-label', kind === 'step' ? 'Step' : 'From the slider');
    if (document.activeElement !== find('.number')) find('.number').value = pane.step ?? pane.offset;
    find('.remove').hidden = !canGo;
  }

  function showLayers(names) {
    const all = [...new Set([...names, ...pane.layers ?? []])];
    const options = [['', 'all layers'], ...all.map((name) => [JSON.stringify([name]), `only ${name}`])];
    if (pane.layers?.length > 1) options.push([JSON.stringify(pane.layers), pane.layers.join(', ')]);
    find('.only').hidden = !all.length;
    fillSelect(find('.only'), options, pane.layers ? JSON.stringify(pane.layers) : '');
  }

  // Takes a figure of a gallery, with what is to be seen of it, or a message; `words` say which step that is.
  function show(taken) {
    const {figure: of, message, step, words, href} = taken;
    shown = taken;
    find('.at').textContent = step === undefined ? '' : words;
    if (href) find('.at').href = href;
    find('.nothing').hidden = !message;
    find('.nothing').textContent = message ?? '';
    figure.hidden = !of;
    Object.assign(element.dataset, {run: pane.run, step: step ?? ''});
    find('figcaption').replaceChildren(...[...of?.querySelector('figcaption')?.childNodes ?? []].map((node) => node.cloneNode(true)));
    if (!of) {
      picture.clear();
      return;
    }
    const {key, step: ofStep, index, id} = of.dataset;
    Object.assign(figure.dataset, {key, step: ofStep, index});
    figure.classList.toggle('missing', of.classList.contains('missing'));
    find('.frame').setAttribute('aria-label', `${find('.run-name').textContent}, step ${ofStep}, image ${id ?? index}`);
    picture.show(of);
  }

  const showVerdicts = (lists) => find('.judged-image').replaceChildren(...lists);

  function enlarge() {
    if (shown?.figure) opener.open(shown.figure, shown);
  }

  const numberOf = (text) => (/^-?\d+$/.test(text) ? Number(text) : 0);
  find('.run').addEventListener('change', ({target}) => changed(pane, {run: target.value}));
  find('.only').addEventListener('change', ({target}) => changed(pane, {layers: target.value ? JSON.parse(target.value) : null}));
  find('.to-full').addEventListener('click', enlarge);
  find('.remove').addEventListener('click', () => removed(pane));
  find('.place').addEventListener('change', ({target}) => {
    const here = Number(element.dataset.step || 0);
    if (target.value === 'slider') changed(pane, {step: null, offset: 0});
    if (target.value === 'step') changed(pane, {step: here, offset: 0});
    if (target.value === 'offset') changed(pane, {step: null, offset: -1});
  });
  find('.number').addEventListener('change', ({target}) => {
    if (pane.step === null) changed(pane, {offset: numberOf(target.value)});
    else changed(pane, {step: Math.max(0, numberOf(target.value))});
  });
  return {element, stage: picture, showHead, showLayers, show, showVerdicts, enlarge};
};
