// What stands beside a picture in full view: layers and classes, light, facts and lists.

import {byId, make} from '../core/dom.js';
import {ofLayer} from '../core/layer_kinds.js';
import * as settings from '../core/settings.js';
import * as boxLists from '../overlays/box_lists.js';
import {showSliders} from '../overlays/scores.js';

// `panel` is the element to fill, `stage` the one whose picture is lit, `lit` is seen while the light is changed; `goTo` is
// called with a box that is to be seen.
export const fullPanel = (panel, stage, lit, goTo) => {
  const part = (name) => panel.querySelector(`.full-${name}`);
  const levels = {brightness: 0, contrast: 0}; // in stops: each doubles
  const inputs = [...panel.querySelectorAll('.full-light input[type=range]')];
  const invert = panel.querySelector('.full-light input[type=checkbox]');

  function fillLayers(figure) {
    const controls = ['layers', 'differing', 'legend', 'more', 'scores', 'show-all'].map((name) => `main .overlays > .${name}`);
    const copies = [...document.querySelectorAll(controls)].map((control) => control.cloneNode(true));
    part('layers').replaceChildren(...copies);
    if (!figure.querySelector('.overlay [data-class]')) part('layers').querySelector('.scores')?.remove();
    for (const input of part('layers').querySelectorAll('.layers input')) {
      const {kind, layer} = input.dataset;
      if (!figure.querySelector(ofLayer(kind, layer))) input.closest('li').remove();
    }
    for (const input of part('layers').querySelectorAll('.differing input')) input.checked = settings.get('differing');
    if (figure.querySelectorAll('.mask').length < 2) part('layers').querySelector('.differing')?.remove();
    fillLegend(figure);
    showSliders();
    part('overlays').hidden = !figure.querySelector('.overlay');
    part('opacity').hidden = !figure.querySelector('.mask');
    part('tags').hidden = !figure.querySelector('.overlay rect.box');
  }

  function showSettings() {
    part('opacity').querySelector('input').value = settings.get('opacity');
    part('tags').querySelector('input').checked = settings.get('tags');
  }

  // Of a mask only its pixels tell which classes it has.
  function fillLegend(figure) {
    const hasMasks = figure.querySelector('.mask') !== null;
    for (const entry of part('layers').querySelectorAll('.legend > li')) {
      const id = CSS.escape(entry.dataset.class);
      entry.querySelector('.count')?.remove(); // which is that of the whole step
      if (!hasMasks && !figure.querySelector(`.overlay [data-class="${id}"]`)) entry.remove();
    }
  }

  function fillFacts(figure) {
    const {key, step, index} = figure.dataset;
    const facts = figure.querySelector('.facts').cloneNode(true);
    for (const [name, value] of [['index', index], ['step', step], ['key', key]]) {
      facts.prepend(make('dt', {textContent: name}), make('dd', {textContent: value}));
    }
    part('facts').replaceChildren(facts);
    part('original').href = figure.querySelector('a.picture').href;
  }

  // Those that were opened or closed here stay so.
  function fillLists(figure) {
    const known = new Map([...part('lists').children].map(({className, open}) => [className, open]));
    const isShort = figure.querySelectorAll('.overlay [data-class]').length <= 12;
    const lists = [...figure.querySelectorAll('.about > details:not(.info)')].map((list) => list.cloneNode(true));
    for (const list of lists) {
      list.open = known.get(list.className) ?? isShort;
      if (list.matches('.boxes')) boxLists.attach(list, figure);
    }
    part('lists').replaceChildren(...lists);
  }

  const factor = (stops) => 2 ** stops;

  function showLight() {
    const {brightness, contrast} = levels;
    const isChanged = brightness !== 0 || contrast !== 0 || invert.checked;
    const filter = `brightness(${factor(brightness)}) contrast(${factor(contrast)}) invert(${invert.checked ? 1 : 0})`;
    stage.style.setProperty('--light', isChanged ? filter : 'none');
    for (const input of inputs) {
      input.value = levels[input.name];
      input.ariaValueText = input.nextElementSibling.textContent = `× ${Number(factor(levels[input.name]).toFixed(2))}`;
    }
    part('reset').hidden = lit.hidden = !isChanged;
  }

  // Brighter or darker, more or less contrast, by a quarter of a stop.
  function turnLight(name, by) {
    levels[name] = Math.max(-3, Math.min(3, levels[name] + by / 4));
    showLight();
  }

  function resetLight() {
    Object.assign(levels, {brightness: 0, contrast: 0});
    invert.checked = false;
    showLight();
  }

  panel.addEventListener('input', ({target}) => {
    if (target.name in levels) levels[target.name] = Number(target.value);
    if (target.closest('.full-light')) showLight();
    // as the control of the page, which the other scripts listen to
    const other = {opacity: 'opacity', tags: 'tags'}[target.name] && byId(target.name);
    if (!other) return;
    Object.assign(other, target.type === 'checkbox' ? {checked: target.checked} : {value: target.value});
    other.dispatchEvent(new Event('input', {bubbles: true}));
  });
  panel.addEventListener('click', ({target}) => {
    const row = target.closest('.box-table .plain')?.closest('tr');
    if (row) goTo(boxLists.boxOf(row));
  });
  settings.onChange(showSettings);
  showSettings();
  showLight();
  return {
    fill(figure) {
      fillLayers(figure);
      if (panel.hidden) return;
      fillFacts(figure);
      fillLists(figure);
    },
    turnLight,
    resetLight,
    invert: () => invert.click(),
  };
};
