// Buttons that copy a text.

import {make} from '../../core/dom.js';

// For browsers that keep the clipboard from pages on file://.
function copyBySelection(text) {
  const field = make('textarea', {value: text, className: 'unseen'});
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    copyBySelection(button.dataset.copy);
    button.focus();
  }
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = 'Copy'; }, 1500);
}

export function start() {
  document.addEventListener('click', ({target}) => target.dataset.copy !== undefined && copy(target));
}
