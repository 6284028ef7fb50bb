// Where an image has several masks, a switch next to those of the layers shows them only where they differ.

import * as content from '../core/content.js';
import {byId, make} from '../core/dom.js';
import * as keys from '../core/keys.js';
import * as settings from '../core/settings.js';
import {hasSeveral} from './masks_apart.js';

const inputs = () => document.querySelectorAll('.differing input');

function offer(root) {
  for (const overlays of root.querySelectorAll('.overlays')) {
    const label = overlays.querySelector('.differing');
    if (!hasSeveral(overlays)) label?.remove();
    else if (!label) {
      const made = make('label', {className: 'check differing', title: 'Masks of one picture only where not all of them agree ( m )'});
      made.append(make('input', {type: 'checkbox', checked: settings.get('differing')}), ' Only where they differ');
      overlays.querySelector('.layers').after(made);
    }
  }
}

const set = (differing) => settings.set('differing', differing);

export function toggle() {
  if (inputs().length) set(!settings.get('differing'));
}

export function start() {
  content.onTake(offer);
  content.onChange(() => offer(byId('content')));
  document.addEventListener('input', ({target}) => target.closest?.('.differing') && set(target.checked));
  settings.onChange((names) => {
    if (names.includes('differing')) for (const input of inputs()) input.checked = settings.get('differing');
  });
  keys.add({m: toggle});
}
