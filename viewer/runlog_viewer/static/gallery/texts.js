// Logged texts, opened one by one or all at once. Very long ones are loaded when they are opened; on the page of a
// step, the address holds the one that was opened last, and brings it into sight.

import * as address from '../core/address.js';
import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import * as settings from '../core/settings.js';
import * as live from '../data/live.js';
import {textsScript} from '../data/site_names.js';

const most = 8; // scripts kept
const loaded = new Map(); // what is asked for → the texts of a step by key and index, on their way
let onStepPage = false;
const seen = new WeakSet();
let wanted = null; // the key of a text that the address asks for

function load(step, digest) {
  const name = `${step} ${digest}`;
  const coming = loaded.get(name) ?? live.load(`texts-${step}`, textsScript(step), digest);
  loaded.delete(name);
  loaded.set(name, coming);
  coming.catch(() => loaded.delete(name)); // asked for again, it may be there
  if (loaded.size > most) loaded.delete(loaded.keys().next().value);
  return coming;
}

async function fill(details) {
  const {key, step} = details.closest('.text').dataset;
  const {digest} = details.dataset;
  const index = details.closest('[data-index]')?.dataset.index ?? 0;
  try {
    const {[key]: {[index]: textContent}} = await load(step, digest);
    if (details.dataset.digest !== digest) return; // it has become another text
    details.querySelector('.elsewhere').replaceWith(make('bdi', {className: 'words vast', textContent}));
    details.removeAttribute('data-digest');
  } catch {
    details.dataset.failed = '';
  }
}

function fillOpen() {
  for (const details of document.querySelectorAll('details[data-digest][open]')) fill(details);
}

const all = () => document.querySelectorAll('.text details.long');

// One that comes new to the page is opened with the others, and may be closed again by itself.
function openNew() {
  for (const details of all()) {
    if (settings.get('openTexts') && !seen.has(details)) details.open = true;
    seen.add(details);
  }
  showButtons();
}

function openAll() {
  for (const details of all()) details.open = settings.get('openTexts');
  showButtons();
}

function showButtons() {
  for (const button of document.querySelectorAll('.open-texts')) button.textContent = settings.get('openTexts') ? 'Close all' : 'Open all';
  for (const button of document.querySelectorAll('.as-written')) button.setAttribute('aria-pressed', settings.get('asWritten'));
}

function noteOpen({target}) {
  if (!target.matches('.text details.long')) return;
  if (target.open && target.dataset.digest) fill(target);
  const {key} = target.closest('.text').dataset;
  if (onStepPage && target.open && !settings.get('openTexts')) address.set({text: key});
  else if (onStepPage && address.get('text') === key) address.set({text: null});
}

function reveal() {
  const found = wanted !== null && document.querySelector(`main .text[data-key="${CSS.escape(wanted)}"]`);
  if (!found) return;
  wanted = null;
  for (const details of [found.closest('details'), found.querySelector('details.long')]) if (details) details.open = true;
  found.focus({preventScroll: true});
  found.scrollIntoView({block: 'nearest'});
}

function readAddress() {
  wanted = onStepPage ? address.get('text') : null;
  reveal();
}

export function start() {
  onStepPage = document.body.dataset.page === 'step';
  document.addEventListener('toggle', noteOpen, {capture: true});
  address.onChange(readAddress);
  document.addEventListener('click', ({target}) => {
    if (target.matches?.('.open-texts')) settings.set('openTexts', !settings.get('openTexts'));
    else if (target.matches?.('.as-written')) settings.set('asWritten', !settings.get('asWritten'));
  });
  settings.onChange((names) => names.includes('openTexts') && openAll());
  settings.onChange(showButtons);
  content.onChange(openNew);
  content.onChange(fillOpen);
  content.onChange(reveal);
  wanted = onStepPage ? address.get('text') : null;
}
