// The images of a key on the page of a run: two rows of them, and all when the reader asks. Without scripts all are there.

import * as content from '../../core/content.js';
import {make} from '../../core/dom.js';

const shownRows = 2;
const whole = new Set(); // keys of which all images are wanted

const topOf = (figure) => Math.round(figure.getBoundingClientRect().top);

// Images of one row begin at the same height.
function beyond(figures) {
  const tops = [...new Set(figures.map(topOf))].sort((a, b) => a - b);
  return tops.length > shownRows ? figures.filter((figure) => topOf(figure) >= tops[shownRows]) : [];
}

function showRows(section) {
  const figures = [...section.querySelectorAll('figure.image')];
  for (const figure of figures) figure.classList.remove('beyond');
  const hidden = new Set(beyond(figures));
  let button = section.querySelector('.all-rows');
  const isWhole = whole.has(section.dataset.key);
  section.classList.toggle('two-rows', hidden.size > 0 && !isWhole);
  if (!hidden.size) {
    button?.remove();
    return;
  }
  const {key} = section.dataset;
  if (!button) {
    button = make('button', {type: 'button', className: 'all-rows'});
    section.append(button);
  }
  const all = `All ${figures.length}${section.querySelector('.pager') ? ' of this page' : ''}`;
  button.textContent = isWhole ? 'Two rows' : all;
  button.setAttribute('aria-expanded', isWhole);
  button.setAttribute('aria-label', `${button.textContent} of ${key}`);
  if (!isWhole) for (const figure of hidden) figure.classList.add('beyond');
}

const showAll = () => document.querySelectorAll('#latest section.key').forEach(showRows);

function toggle(section) {
  const {key} = section.dataset;
  if (!whole.delete(key)) whole.add(key);
  showRows(section);
  if (!whole.has(key)) section.scrollIntoView({block: 'nearest'});
}

export function start() {
  let width = 0;
  const sizes = new ResizeObserver(([{contentRect}]) => {
    if (contentRect.width === width) return;
    width = contentRect.width;
    showAll();
  });
  document.addEventListener('click', ({target}) => target.matches?.('.all-rows') && toggle(target.closest('section.key')));
  document.addEventListener('input', ({target}) => target.closest('#display') && showAll());
  content.onChange(() => {
    showAll();
    sizes.disconnect();
    const gallery = document.querySelector('#latest .gallery');
    if (gallery) sizes.observe(gallery);
  });
}
