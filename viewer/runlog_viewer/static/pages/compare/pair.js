// Two pictures in one place: one after the other, their difference, or one on each side of a line. They are laid
// over each other as one picture of a stage, so that they stretch, zoom and move as one.

import {make} from '../../core/dom.js';
import * as hover from '../../overlays/hover.js';

export const comparePair = (element, {stage, split}) => {
  const rate = 600; // ms
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)');
  const frame = element.querySelector('.frame');
  const picture = stage(frame, draw);
  let view = 'side';
  let isSecond = false;
  let gain = 1;
  let line = 0.5; // of the frame, from the left
  let timer = 0;

  function part(figure) {
    const of = document.createElement('div');
    of.className = 'part';
    of.append(...[...figure.querySelector('.picture').childNodes].map((node) => node.cloneNode(true)));
    const img = of.querySelector('img');
    img.loading = 'eager';
    if (img.dataset.full) img.src = img.dataset.full;
    img.removeAttribute('data-full');
    return of;
  }

  // Shows two figures with their names, the second stretched to the size of the first.
  function show([first, second], names) {
    const both = document.createElement('figure');
    const link = make('a', {className: 'picture'});
    link.append(part(first), part(second));
    both.append(link);
    picture.show(both);
    names.forEach((name, n) => { element.querySelectorAll('.names bdi')[n].textContent = name; });
    update();
  }

  function update() {
    const shown = picture.picture;
    element.dataset.view = view;
    element.dataset.shown = isSecond ? 'second' : 'first';
    split.hidden = view !== 'split';
    if (!shown) return;
    shown.style.filter = view === 'difference' && gain !== 1 ? `brightness(${gain})` : '';
    draw();
    hover.again();
  }

  // The pictures of a pair may be of different size: each is enlarged or not by its own.
  function draw() {
    const shown = picture?.picture;
    if (!shown) return;
    const width = shown.offsetWidth;
    for (const img of shown.querySelectorAll('img:not(.mask)')) img.toggleAttribute('data-enlarged', width * devicePixelRatio > img.getAttribute('width'));
    const left = line * frame.clientWidth - (shown.getBoundingClientRect().left - frame.getBoundingClientRect().left);
    shown.lastChild.style.clipPath = view === 'split' ? `inset(0 0 0 ${Math.min(Math.max(0, left), width)}px)` : '';
    element.style.setProperty('--split', `${100 * line}%`);
  }

  function flip() {
    isSecond = !isSecond;
    update();
  }

  function setAuto(wanted) {
    clearInterval(timer);
    timer = wanted && !isCalm.matches ? setInterval(flip, rate) : 0;
    return timer !== 0;
  }

  split.addEventListener('input', () => {
    line = Number(split.value);
    draw();
  });
  return {
    stage: picture,
    show,
    clear: () => picture.clear(),
    setView(wanted) { view = wanted; isSecond = false; update(); },
    setGain(wanted) { gain = wanted; update(); },
    flip,
    setAuto,
    get isAuto() { return timer !== 0; },
    get canBlink() { return !isCalm.matches; },
  };
};
