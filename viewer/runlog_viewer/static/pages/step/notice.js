// What the reader has to be told and did not ask for, in a line that stays until there is another or none.

import {byId} from '../../core/dom.js';

export const notice = (words) => {
  const line = byId('notice');
  if (line.textContent === words) return;
  (document.querySelector('dialog[open]') ?? document.body).append(line); // what is beside an open dialog is not read out
  line.textContent = words;
};
