// The order of the images of a key: as logged, or by a number logged with them. The setting is what to sort by
// (boxes, class.3, max.confidence, mean.confidence), after a minus sign from the largest down. Images without that
// number come last. A group moves as one, by the image of it that comes first. Boxes that are not shown count for
// nothing.

import * as content from '../core/content.js';
import {byId, make} from '../core/dom.js';
import * as settings from '../core/settings.js';
import {scoresOf} from '../overlays/box_scores.js';
import * as legend from '../overlays/legend.js';
import {decideBoxes, isShown} from '../overlays/shown_boxes.js';
import {inOrder, parsed} from './order.js';

const more = new Map(); // kinds of numbers that other scripts know of
const words = {
  boxes: () => 'number of boxes',
  class: (id, root) => `boxes of ${legend.labelOf(id, root) ?? `class ${id}`}`,
  max: (name) => `highest ${name}`,
  mean: (name) => `mean ${name}`,
};

function valuesOf(boxes, name) {
  const scores = boxes.map((box) => scoresOf(box).get(name));
  return scores.filter((score) => score !== undefined && !Number.isNaN(score));
}

// Lets images be sorted by numbers of another kind: `valueOf(figure, name)` gives one, `names(root)` those that a gallery
// offers, `words(name)` what they are called.
export function addKind(kind, numbers) {
  more.set(kind, numbers);
  words[kind] = numbers.words;
}

// The number an image is sorted by; NaN where it has none.
function valueOf(figure, {kind, name}) {
  if (more.has(kind)) return more.get(kind).valueOf(figure, name);
  const boxes = [...figure.querySelectorAll('rect.box')].filter(isShown);
  if (kind === 'boxes') return boxes.length;
  if (kind === 'class') return boxes.filter((box) => box.dataset.class === name).length;
  const scores = valuesOf(boxes, name);
  if (kind === 'max') return scores.length ? scores.reduce((a, b) => Math.max(a, b)) : NaN;
  return scores.reduce((a, b) => a + b, 0) / scores.length;
}

function sortFigures(root) {
  const order = parsed(settings.get('sort'));
  if (!Object.hasOwn(words, order.kind)) return;
  for (const list of root.querySelectorAll('.figures')) {
    const units = [...list.children].map((unit) => {
      const figures = unit.matches('figure') ? [unit] : [...unit.querySelectorAll('figure')];
      return {unit, values: figures.map((figure) => valueOf(figure, order))};
    });
    list.append(...inOrder(units, order.isDescending).map(({unit}) => unit));
  }
}

// What the images of a gallery can be sorted by; nothing where no key has two.
function choices(root) {
  if (!settings.get('sort') && !root.querySelector('figure.image ~ figure.image, .group ~ *, * ~ .group')) return [];
  const [classes, names] = [new Set(), new Set()];
  for (const box of root.querySelectorAll('rect.box')) {
    if (box.dataset.class) classes.add(Number(box.dataset.class));
    for (const name of scoresOf(box).keys()) names.add(name);
  }
  const byClass = [...classes].sort((a, b) => a - b).map((id) => `class.${id}`);
  const others = [...more].flatMap(([kind, numbers]) => numbers.names(root).map((name) => `${kind}.${name}`));
  const found = [...others, ...byClass, ...[...names].sort().flatMap((name) => [`max.${name}`, `mean.${name}`])];
  const chosen = parsed(settings.get('sort'));
  if (Object.hasOwn(words, chosen.kind) && chosen.by !== 'boxes' && !found.includes(chosen.by)) found.push(chosen.by);
  return found.length ? ['', 'boxes', ...found] : [];
}

function addChooser(root) {
  const controls = root.querySelector('.overlays');
  const offered = choices(root);
  if (!controls || !offered.length) return;
  const group = make('div', {className: 'sort'});
  const label = make('label', {textContent: 'Sort by '});
  const select = make('select', {id: 'sort'});
  for (const by of offered) {
    const {kind, name} = parsed(by);
    select.append(new Option(by ? words[kind](name, root) : 'list order', by));
  }
  label.append(select);
  group.append(label, make('button', {type: 'button', id: 'direction'}));
  controls.append(group);
}

function showOrder() {
  const select = byId('sort');
  if (!select) return;
  const {by, kind, isDescending} = parsed(settings.get('sort'));
  const direction = byId('direction');
  select.value = Object.hasOwn(words, kind) ? by : '';
  direction.hidden = !select.value;
  const [is, first, other] = isDescending ? ['descending', 'largest', 'smallest'] : ['ascending', 'smallest', 'largest'];
  direction.textContent = `${isDescending ? '↓' : '↑'} ${is}`;
  direction.title = `${first} first; click for ${other} first`;
  direction.setAttribute('aria-label', `${is}, ${direction.title}`);
}

const choose = (sort) => settings.assign({sort, pages: {}});

export function start() {
  document.addEventListener('change', ({target}) => target.id === 'sort' && choose(target.value && `-${target.value}`));
  document.addEventListener('click', ({target}) => {
    if (target.id !== 'direction') return;
    const {by, isDescending} = parsed(settings.get('sort'));
    choose(isDescending ? by : `-${by}`);
  });
  content.onTake((root) => {
    addChooser(root);
    sortFigures(root);
  });
  content.onChange(showOrder);
  settings.onChange((names) => (names.includes('sort') || (decideBoxes(names) && settings.get('sort'))) && content.again());
}
