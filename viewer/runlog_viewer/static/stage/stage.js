// Zoom and pan: one picture with its overlays in a frame, to the pixel.
//
// A view is {x, y, scale}: which place of the picture, in its pixels, is at the middle of the frame, and how many
// device pixels one of its pixels takes (1 is 1:1 on every screen). The picture is laid out at the size it shows
// and only moved by a transform: boxes keep their line width and lie on the edges of pixels at every whole scale.

import * as boxTags from '../overlays/box_tags.js';

const scales = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
const glideTime = 140; // ms
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

const fillScale = (frame, size) => Math.min(frame.width / size.width, frame.height / size.height);

// A small picture is enlarged by a whole number, so that its pixels are alike.
function fitScale(frame, size) {
  const scale = fillScale(frame, size);
  return scale >= 2 ? Math.floor(scale) : scale;
}

function held(middle, length, room) {
  return length <= room ? length / 2 : clamp(middle, room / 2, length - room / 2);
}

// The largest scale: of a small picture one at which its pixels fill the frame.
const mostScale = (frame, size) => Math.max(scales.at(-1), 4 * fitScale(frame, size));

// The nearest view that shows no more empty room than it must.
function limited({x, y, scale}, frame, size) {
  const fit = fitScale(frame, size);
  const within = clamp(scale, Math.min(1, fit), mostScale(frame, size));
  return {
    x: held(x, size.width, frame.width / within),
    y: held(y, size.height, frame.height / within),
    scale: within,
  };
}

// The view at another scale in which a point, in device pixels from the middle of the frame, stays where it is.
function zoomed({x, y, scale}, point, wanted) {
  return {x: x + point.x / scale - point.x / wanted, y: y + point.y / scale - point.y / wanted, scale: wanted};
}

// The middle of some pointers, and how far they are from it.
function grip(pointers) {
  const all = [...pointers.values()];
  const x = all.reduce((sum, pointer) => sum + pointer.x, 0) / all.length;
  const y = all.reduce((sum, pointer) => sum + pointer.y, 0) / all.length;
  return {x, y, spread: all.reduce((sum, pointer) => sum + Math.hypot(pointer.x - x, pointer.y - y), 0)};
}

function copied(figure) {
  const picture = document.createElement('div');
  picture.className = 'picture';
  picture.append(...[...figure.querySelector('.picture').childNodes].map((node) => node.cloneNode(true)));
  const img = picture.querySelector('img');
  img.loading = 'eager';
  img.draggable = false;
  img.removeAttribute('data-full'); // this script sees to the original
  return picture;
}

// Makes an element without border and padding a frame. `onMove(view)` is called when the reader has moved the
// picture (null: all of it is in sight), `onDraw()` whenever it has been drawn anew, by whatever cause.
/**
 * @param {any} element
 * @param {{onMove?: (view: {x: number, y: number, scale: number} | null) => void, onDraw?: () => void}} [told]
 */
export function makeStage(element, {onMove = () => {}, onDraw = () => {}} = {}) {
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)');
  const size = {width: 1, height: 1};
  const frame = {width: 0, height: 0};
  const pointers = new Map();
  let picture = null;
  let view = null; // null: the whole picture
  let corner = {x: 0, y: 0};
  let drawing = 0;
  let gliding = 0;
  let goal = null; // the scale a glide ends at

  const fill = () => fillScale(frame, size);
  const fit = () => fitScale(frame, size);
  const whole = () => ({x: size.width / 2, y: size.height / 2, scale: fit()});
  const current = () => limited(view ?? whole(), frame, size);

  function draw() {
    drawing = 0;
    if (!picture || !frame.width || !frame.height) return;
    const {x, y, scale} = current();
    corner = {x: Math.round(frame.width / 2 - x * scale), y: Math.round(frame.height / 2 - y * scale)};
    picture.style.transform = `translate(${corner.x / devicePixelRatio}px, ${corner.y / devicePixelRatio}px)`;
    const width = `${(size.width * scale) / devicePixelRatio}px`;
    if (picture.style.width !== width) resize(width, scale);
    onDraw();
  }

  function resize(width, scale) {
    Object.assign(picture.style, {width, height: `${(size.height * scale) / devicePixelRatio}px`});
    picture.querySelector('img').toggleAttribute('data-enlarged', scale > 1);
    boxTags.fit(picture, parseFloat(width));
  }

  function drawSoon() {
    drawing ||= requestAnimationFrame(draw);
  }

  function stop() {
    cancelAnimationFrame(gliding);
    goal = null;
  }

  function setView(wanted) {
    stop();
    view = wanted;
    drawSoon();
  }

  function put(wanted) {
    const reached = wanted && limited(wanted, frame, size);
    view = reached?.scale === fit() ? null : reached;
    drawSoon();
    onMove(view);
  }

  function move(wanted) {
    stop();
    put(wanted);
  }

  // Device pixels from the middle of the frame.
  function fromMiddle({clientX, clientY}) {
    const box = element.getBoundingClientRect();
    return {
      x: (clientX - box.left) * devicePixelRatio - frame.width / 2,
      y: (clientY - box.top) * devicePixelRatio - frame.height / 2,
    };
  }

  // Goes to a scale, or to the whole picture with null, around a point of the frame.
  function zoomTo(scale, point = {x: 0, y: 0}) {
    const from = current();
    const wanted = scale ?? fit();
    const start = performance.now();
    stop();
    function glide(now) {
      const part = clamp((now - start) / glideTime, 0, 1);
      if (part === 1) return move(scale && zoomed(from, point, wanted));
      put(zoomed(from, point, from.scale * (wanted / from.scale) ** part));
      gliding = requestAnimationFrame(glide);
      goal = wanted;
      return undefined;
    }
    glide(isCalm.matches ? Infinity : start);
  }

  // Goes to where a place of the picture is in the middle, and a part of this size, in its pixels, is all seen.
  function goTo({x, y}, part) {
    move({x, y, scale: clamp(fillScale(frame, part), fit(), mostScale(frame, size))});
  }

  // To the next even scale.
  function zoomBy(direction) {
    const scale = goal ?? current().scale;
    const stops = [...scales, fit(), mostScale(frame, size)].sort((a, b) => a - b);
    const next = direction > 0 ? stops.find((stop) => stop > scale * 1.001) : stops.findLast((stop) => stop < scale / 1.001);
    if (next) zoomTo(next === fit() ? null : next);
  }

  function toggleFit(point) {
    if (view) zoomTo(null, point);
    else zoomTo(fit() < 1 ? 1 : 4 * fit(), point);
  }

  // Moves by parts of the frame; false where all of the picture is in sight on that axis.
  function pan(right, down) {
    const {x, y, scale} = current();
    const canMove = right ? size.width * scale > frame.width : size.height * scale > frame.height;
    if (canMove) move({x: x + (right * frame.width) / scale, y: y + (down * frame.height) / scale, scale});
    return canMove;
  }

  const keys = {
    '+': () => zoomBy(1),
    '=': () => zoomBy(1),
    '-': () => zoomBy(-1),
    '0': () => zoomTo(null),
    '1': () => zoomTo(1),
    ArrowLeft: () => pan(-1 / 8, 0),
    ArrowRight: () => pan(1 / 8, 0),
    ArrowUp: () => pan(0, -1 / 8),
    ArrowDown: () => pan(0, 1 / 8),
  };

  // Takes a key, or tells by false that it means nothing here.
  function pressKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !picture || !keys[event.key]) return false;
    if (event.shiftKey && event.key.startsWith('Arrow')) return false;
    if (keys[event.key]() === false) return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  function turnWheel(event) {
    event.preventDefault();
    if (!picture) return;
    const pixels = event.deltaY * (event.deltaMode ? 20 : 1);
    const from = current(); // a pinch on a touch pad is a wheel with ctrl, in small steps
    move(zoomed(from, fromMiddle(event), from.scale * Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002))));
  }

  function press(event) {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, fromMiddle(event));
  }

  function drag(event) {
    if (!pointers.has(event.pointerId) || !picture) return;
    const before = grip(pointers);
    pointers.set(event.pointerId, fromMiddle(event));
    const after = grip(pointers);
    const from = current();
    const {x, y, scale} = zoomed(from, before, from.scale * (before.spread ? after.spread / before.spread : 1));
    if (!view && scale === from.scale) return; // all of it is in sight
    element.classList.add('dragged');
    move({x: x + (before.x - after.x) / scale, y: y + (before.y - after.y) / scale, scale});
  }

  function release({pointerId}) {
    pointers.delete(pointerId);
    element.classList.toggle('dragged', pointers.size > 0 && element.classList.contains('dragged'));
  }

  // Shows the picture of a figure with what is drawn over it; another of the same size at the same view.
  function show(figure) {
    const shown = copied(figure);
    const img = shown.querySelector('img');
    const [width, height] = ['width', 'height'].map((side) => Number(img.getAttribute(side)));
    if (width !== size.width || height !== size.height) setView(null);
    Object.assign(size, {width, height});
    picture?.remove();
    picture = shown;
    element.append(picture);
    const {full} = figure.querySelector('.picture img').dataset;
    if (full) bringOriginal(img, full);
    measure();
  }

  // The thumbnail is seen until the original is decoded.
  function bringOriginal(thumbnail, src) {
    const original = Object.assign(thumbnail.cloneNode(), {src});
    original.decode().then(() => {
      original.toggleAttribute('data-enlarged', thumbnail.hasAttribute('data-enlarged'));
      thumbnail.replaceWith(original);
      drawSoon();
    }, () => thumbnail.dispatchEvent(new Event('error')));
  }

  function clear() {
    picture?.remove();
    picture = null;
  }

  // Takes the view of another stage: the same pixels where both pictures have the same size, else the same part
  // of the picture, as large.
  function follow(other) {
    if (other.isWhole) return setView(null);
    const {x, y, scale} = other.view;
    const {width, height} = other.size;
    if (width === size.width && height === size.height) return setView(other.view);
    return setView({x: (x / width) * size.width, y: (y / height) * size.height, scale: (scale / other.fill) * fill()});
  }

  // The place of the picture, in its pixels, at a place of the window; null beside the picture.
  function at(event) {
    const point = fromMiddle(event);
    const x = (point.x + frame.width / 2 - corner.x) / current().scale;
    const y = (point.y + frame.height / 2 - corner.y) / current().scale;
    return picture && x >= 0 && y >= 0 && x < size.width && y < size.height ? {x, y} : null;
  }

  function measure() {
    const box = element.getBoundingClientRect();
    frame.width = Math.round(box.width * devicePixelRatio);
    frame.height = Math.round(box.height * devicePixelRatio);
    draw();
  }

  element.classList.add('stage');
  new ResizeObserver(measure).observe(element);
  element.addEventListener('wheel', turnWheel, {passive: false});
  element.addEventListener('pointerdown', press);
  element.addEventListener('pointermove', drag);
  for (const end of ['pointerup', 'pointercancel']) element.addEventListener(end, release);
  element.addEventListener('dblclick', (event) => picture && toggleFit(fromMiddle(event)));
  element.addEventListener('keydown', pressKey);
  return {
    show, clear, setView, goTo, zoomTo, zoomBy, pressKey, follow, at, measure,
    get view() { return current(); },
    get isWhole() { return view === null; },
    get fill() { return fill(); },
    get size() { return {...size}; },
    get picture() { return picture; },
  };
}
