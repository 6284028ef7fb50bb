// Pages of a key with many images: as many at a time as a gallery page holds, and the rest a key away. Without
// scripts all are there.

import * as content from '../core/content.js';
import {make} from '../core/dom.js';
import * as keys from '../core/keys.js';
import * as settings from '../core/settings.js';

let size = 0; // of a page
const signs = {first: ['«', 'First page'], previous: ['‹', 'Previous page'], next: ['›', 'Next page'], last: ['»', 'Last page']};

function pageOf(key, count) {
  const last = Math.ceil(count / size) - 1;
  const pages = settings.get('pages');
  return {last, page: Object.hasOwn(pages, key) ? Math.max(0, Math.min(last, pages[key])) : 0};
}

function targets({page, last}) {
  return {first: 0, previous: Math.max(0, page - 1), next: Math.min(last, page + 1), last};
}

function bar(key, count) {
  const at = pageOf(key, count);
  const nav = make('nav', {className: 'pager'});
  nav.setAttribute('aria-label', `Pages of ${key}`);
  const buttons = Object.entries(targets(at)).map(([where, page]) => {
    const [textContent, words] = signs[where];
    const button = make('button', {type: 'button', textContent, title: words});
    button.dataset.page = page;
    button.setAttribute('aria-label', words);
    if (page === at.page) button.setAttribute('aria-disabled', 'true');
    return button;
  });
  const [from, to, of] = [at.page * size + 1, Math.min(count, (at.page + 1) * size), count].map((n) => n.toLocaleString('en'));
  nav.append(...buttons.slice(0, 2), make('span', {className: 'place', textContent: `${from}–${to} of ${of}`}), ...buttons.slice(2));
  return nav;
}

function takePage(section) {
  const figures = [...section.querySelectorAll('figure.image')];
  if (figures.length <= size) return;
  const {key} = section.dataset;
  const {page} = pageOf(key, figures.length);
  figures.forEach((figure, place) => Math.floor(place / size) === page || figure.remove());
  for (const group of section.querySelectorAll('.group')) if (!group.children.length) group.remove();
  const list = section.querySelector('.figures');
  list.before(bar(key, figures.length));
  list.after(bar(key, figures.length));
}

function turn(button) {
  if (!button || button.getAttribute('aria-disabled') === 'true') return;
  const section = button.closest('section.key');
  const isLower = button.parentNode.previousElementSibling?.matches('.figures');
  settings.set('pages', {...settings.get('pages'), [section.dataset.key]: Number(button.dataset.page)});
  if (isLower || section.getBoundingClientRect().top < 0) section.scrollIntoView();
}

function turnBy(words) {
  const section = keys.section('section.key:has(.pager)');
  turn(section?.querySelector(`.pager [aria-label="${words}"]`));
}

export function start() {
  size = Number(document.body.dataset.maxItems);
  keys.add({
    ',': () => turnBy('Previous page'),
    '.': () => turnBy('Next page'),
    '<': () => turnBy('First page'),
    '>': () => turnBy('Last page'),
  });
  document.addEventListener('click', ({target}) => turn(target.closest?.('.pager button')));
  content.onTake((root) => root.querySelectorAll('section.key').forEach(takePage));
  settings.onChange((names) => names.includes('pages') && !names.includes('sort') && content.again());
}
