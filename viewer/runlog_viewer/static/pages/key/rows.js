// A long list of which only what is near the screen is in the page, so that memory stays flat. The rest are empty
// chunks of the height they had, or would have; what is looked at stays where it is on the screen, whatever
// comes and goes above it.

import {make} from '../../core/dom.js';

// `draw(item)` gives a promise of the element of an item; `drawn()` is called when some have come, `gone()` when some
// have left the page.
export const lazyRows = (host, draw, {drawn, gone}) => {
  const elements = new Map(); // of the items that are in the page, or just coming
  const chunkOf = new WeakMap();
  const near = new IntersectionObserver((changes) => note('isNear', changes), {rootMargin: '100% 0px'});
  const reach = new IntersectionObserver((changes) => note('isInReach', changes), {rootMargin: '300% 0px'});
  // Browsers that keep the place by themselves, when something comes above it, do so without ending a scroll that
  // is under way.
  const isAnchored = CSS.supports('overflow-anchor', 'auto');
  const chunks = [];
  let columns = 1;
  let isFilling = false;
  let stay = null; // goes to the end of the list that the reader asked for

  // Each observer tells its own side, in any order and several changes at once: what counts is how it ends.
  function note(side, changes) {
    const seen = new Set();
    for (const {target, isIntersecting} of changes) {
      const chunk = chunkOf.get(target);
      chunk[side] = isIntersecting;
      seen.add(chunk);
    }
    const before = elements.size;
    for (const chunk of seen) {
      if (chunk.isNear && chunk.isInReach) want(chunk);
      else if (!chunk.isInReach && !chunk.element.contains(document.activeElement)) drop(chunk);
    }
    if (elements.size < before) gone();
  }

  function want(chunk) {
    if (chunk.isWanted) return;
    chunk.isWanted = true;
    fillWanted();
  }

  const pause = () => new Promise((resolve) => { setTimeout(resolve); });
  const nextWanted = () => chunks.find((chunk) => chunk.isWanted && !chunk.isFilled);

  // One after another: neighbours are of the same data script. What is here is painted before the next is drawn.
  async function fillWanted() {
    if (isFilling) return;
    isFilling = true;
    try {
      for (let chunk = nextWanted(); chunk; chunk = nextWanted()) {
        await fill(chunk);
        await pause();
      }
    } finally {
      isFilling = false;
    }
  }

  async function fill(chunk) {
    const {items} = chunk;
    const isPassedBy = () => !chunk.isWanted || chunk.items !== items;
    for (const item of items) {
      const element = elements.get(item) ?? await draw(item);
      if (isPassedBy()) return;
      elements.set(item, element);
    }
    if (isAnchored && !chunk.element.children.length) place(chunk);
    else keepPlace(() => place(chunk));
    drawn();
    stay?.();
  }

  function place(chunk) {
    chunk.element.replaceChildren(...chunk.items.map((item) => elements.get(item)));
    chunk.element.style.height = '';
    chunk.isFilled = true;
    if (!host.style.getPropertyValue('--line-height')) measure(chunk);
  }

  function drop(chunk) {
    if (!chunk.isWanted) return;
    if (chunk.isFilled) chunk.element.style.height = `${chunk.element.offsetHeight}px`;
    chunk.element.replaceChildren();
    for (const item of chunk.items) elements.delete(item);
    chunk.isWanted = chunk.isFilled = false;
  }

  const lines = (chunk) => Math.ceil(chunk.items.length / columns);

  function measure(chunk) {
    host.style.setProperty('--line-height', `${chunk.element.offsetHeight / lines(chunk)}px`);
  }

  function estimate(chunk) {
    chunk.element.style.height = `calc(var(--line-height, 320px) * ${lines(chunk)})`;
  }

  // Notes what is on top of the screen, and gives the function that brings it back there.
  function mark() {
    const isScrolled = host.getBoundingClientRect().top < 0;
    const anchor = isScrolled ? onTop() : null;
    const top = anchor?.getBoundingClientRect().top;
    return () => {
      const moved = anchor?.isConnected ? anchor.getBoundingClientRect().top - top : 0;
      if (moved) scrollBy(0, moved);
    };
  }

  const frame = () => new Promise((resolve) => { requestAnimationFrame(resolve); });

  // Goes to an end of the page, 0 or Infinity, at once, and stays there until its rows have come. A browser would glide, and
  // rows on the way that are of another height than was thought end that short of it.
  async function goToEnd(top) {
    const own = stay = () => scrollTo({top: Math.min(top, document.documentElement.scrollHeight), behavior: 'instant'});
    const end = chunks.at(top ? -1 : 0);
    do {
      own();
      await frame();
    } while (stay === own && end && (isFilling || !end.isWanted)); // the browser says in its own time what has come near
    if (stay !== own) return;
    own();
    stay = null;
  }

  for (const type of ['wheel', 'touchmove', 'pointerdown', 'keydown']) addEventListener(type, () => { stay = null; }, {capture: true, passive: true});

  function keepPlace(change) {
    const restore = mark();
    change();
    restore();
  }

  function onTop() {
    const isSeen = (element) => element.getBoundingClientRect().bottom > 0;
    const chunk = chunks.find(({element}) => isSeen(element));
    return [...chunk?.element.children ?? []].find(isSeen) ?? chunk?.element;
  }

  // Items by chunk: one line, which is there soon, then twice as many each time, up to `most`.
  function pieces(items, most) {
    const found = [];
    for (let [from, length] = [0, columns]; from < items.length; from += length, length = Math.min(most, 2 * length)) {
      found.push(items.slice(from, from + length));
    }
    return found;
  }

  // Shows items in this order, at most about `size` of them in a chunk, `across` in a line.
  function show(items, size, across = 1) {
    const isOther = across !== columns;
    columns = across;
    const wanted = pieces(items, columns * Math.max(1, Math.round(size / columns)));
    keepPlace(() => {
      wanted.forEach((piece, n) => arrange(n, piece));
      for (const chunk of chunks.splice(wanted.length)) remove(chunk);
      if (isOther) resized();
    });
    const kept = new Set(chunks.flatMap((chunk) => (chunk.isWanted ? chunk.items : [])));
    for (const item of elements.keys()) if (!kept.has(item)) elements.delete(item);
  }

  function arrange(n, items) {
    chunks[n] ??= add();
    const chunk = chunks[n];
    if (chunk.items.length === items.length && chunk.items.every((item, at) => item === items[at])) return;
    chunk.items = items;
    chunk.element.dataset.range = items.length > 1 ? `${items[0]} … ${items.at(-1)}` : items[0];
    if (chunk.isFilled && items.every((item) => elements.has(item))) {
      place(chunk);
      return;
    }
    chunk.isFilled = false;
    estimate(chunk);
    if (chunk.isWanted) fillWanted();
  }

  function add() {
    const element = make('div', {className: 'chunk'});
    const chunk = {element, items: [], isNear: false, isInReach: false, isWanted: false, isFilled: false};
    chunkOf.set(element, chunk);
    host.append(element);
    near.observe(element);
    reach.observe(element);
    return chunk;
  }

  function remove(chunk) {
    near.unobserve(chunk.element);
    reach.unobserve(chunk.element);
    chunk.element.remove();
    chunk.isWanted = false;
  }

  // Draws every item in the page anew, as something else is to be seen of it.
  function clear() {
    elements.clear();
    host.style.removeProperty('--line-height');
    for (const chunk of chunks.splice(0)) remove(chunk);
  }

  // Estimates again how high the rest is: everything is of another size now.
  function resized() {
    const filled = chunks.find((chunk) => chunk.isFilled);
    if (filled) measure(filled);
    for (const chunk of chunks) if (!chunk.isFilled) estimate(chunk);
  }

  return {show, clear, mark, keepPlace, goToEnd, resized, elements};
};
