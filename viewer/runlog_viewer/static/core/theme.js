// Light or dark, by the system or by the reader's choice: the same on all pages, applied before anything is painted.

import {byId} from './dom.js';

const storageKey = 'runlog theme';
const names = {auto: 'as the system', light: 'light', dark: 'dark'};
let theme = 'auto';

function stored() {
  try {
    const found = localStorage.getItem(storageKey);
    return Object.hasOwn(names, found) ? found : 'auto';
  } catch {
    return 'auto'; // storage may be switched off: the choice then lasts as long as the page
  }
}

function store() {
  try {
    localStorage.setItem(storageKey, theme);
  } catch {
    // as above
  }
}

function apply() {
  const root = document.documentElement;
  if (theme === 'auto') delete root.dataset.theme;
  else root.dataset.theme = theme;
  const button = byId('theme');
  if (!button) return;
  button.title = `Theme: ${names[theme]}`;
  button.setAttribute('aria-label', button.title);
}

// To what looks different first: from automatic to the theme the system does not have.
function next() {
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
  const order = isDark ? ['auto', 'light', 'dark'] : ['auto', 'dark', 'light'];
  return order[(order.indexOf(theme) + 1) % order.length];
}

function change(wanted) {
  theme = wanted;
  apply();
}

export function start() {
  theme = stored();
  apply();
  document.addEventListener('DOMContentLoaded', apply);
  document.addEventListener('click', ({target}) => {
    if (!target.closest?.('#theme')) return;
    change(next());
    store();
  });
  addEventListener('storage', ({key}) => key === storageKey && change(stored()));
}
