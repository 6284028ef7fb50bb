// The images of a key, folded away from its heading; the settings say of which keys. What is folded away is taken out
// of the page: it loads nothing, and costs nothing while the steps change. Without scripts all is there.

import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import * as hiding from '../core/hiding.js';
import * as settings from '../core/settings.js';

const title = 'Click: fold or unfold. Shift and click: this key alone.';

const isFolded = (key) => hiding.isOff(settings.get('folded').only, settings.get('folded').keys, key);
const set = (only, keys) => settings.set('folded', {only, keys});

function foldSection(section) {
  const {key} = section.dataset;
  const heading = section.querySelector('h2');
  const button = make('button', {type: 'button', className: 'fold', title});
  button.setAttribute('aria-expanded', !isFolded(key));
  button.append(heading.querySelector('bdi'));
  heading.prepend(button);
  if (isFolded(key)) for (const child of [...section.children]) if (child !== heading) child.remove();
}

// The button that shows all again is with the controls of layers, where there are some.
function foldSections(root) {
  root.querySelectorAll('section.key').forEach(foldSection);
  const gallery = root.querySelector('.gallery');
  const needsControls = root.querySelector('.fold[aria-expanded="false"]') && !root.querySelector('.overlays');
  if (gallery && needsControls) gallery.append(make('div', {className: 'overlays'}));
}

function toggle(key) {
  const {only, keys} = settings.get('folded');
  set(only, hiding.toggled(keys, key));
}

// Shows one key alone; all, if it was alone.
function isolate(key) {
  const {only, keys} = settings.get('folded');
  set(...hiding.isolated(only, keys, key));
}

const keyOf = (event) => event.target.closest?.('button.fold')?.closest('section.key').dataset.key;

// What was looked at may have been further down: the heading stays in sight.
function change(event, how) {
  const section = event.target.closest('section.key');
  const {top} = section.getBoundingClientRect();
  how(section.dataset.key);
  scrollBy(0, section.getBoundingClientRect().top - top);
}

export function start() {
  document.addEventListener('click', (event) => {
    if (keyOf(event) !== undefined) change(event, event.shiftKey || event.altKey ? isolate : toggle);
  });
  document.addEventListener('keydown', (event) => {
    if (keyOf(event) === undefined || event.key !== 'Enter' || !(event.shiftKey || event.altKey)) return;
    event.preventDefault();
    change(event, isolate);
  });
  content.onTake(foldSections);
  settings.onChange((names) => names.includes('folded') && content.again());
}
