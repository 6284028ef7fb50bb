// What is written at the boxes of a picture: of those that show, for the size that it is shown at, those of the highest
// scores that have room. In full view all are there, unless the picture is as small as in a gallery there, too.

import {byId, make, makeSvg} from '../core/dom.js';
import {scoresOf} from './box_scores.js';
import {areHidden, isShown} from './shown_boxes.js';
import * as tagPlaces from './tag_places.js';
import {scoreOf, textOf} from './tag_text.js';

const leastForAll = 480; // px, how wide a picture is at the least that has all its labels
const margins = 6; // px, how much wider a label is than its text
const mostMeasured = 5000;
const measured = new Map(); // by text, how wide a label is, in px
const widths = new WeakMap(); // of each picture on screen, in px
const written = new WeakMap(); // what is drawn over a picture → {width, tags}: what is written for that, where all boxes may show
let pen = null;

function widthOf(text) {
  if (!pen) {
    pen = make('canvas').getContext('2d');
    pen.font = `600 11px ${getComputedStyle(document.body).fontFamily}`;
  }
  if (measured.size > mostMeasured) measured.clear();
  if (!measured.has(text)) measured.set(text, Math.ceil(pen.measureText(text).width) + margins);
  return measured.get(text);
}

// Of judged boxes those that the reader asks for: in a gallery nothing is written at the others of such a picture.
const picked = 'rect.box[data-picked]';

function tagOf(box, place, size, isLow) {
  const {tag, caption, label, class: id} = box.dataset;
  const scores = scoresOf(box);
  const text = textOf({tag, caption, label, id, scores});
  if (!text) return null;
  const [x, y, across, down] = ['x', 'y', 'width', 'height'].map((name) => Number(box.getAttribute(name)));
  const edges = [y / size.height, (y + down) / size.height];
  const [edge, otherEdge] = isLow ? edges.toReversed() : edges;
  const spot = {width: widthOf(text), left: x / size.width, right: (x + across) / size.width, edge, otherEdge, isLow};
  return {box, place, text, score: scoreOf(scores), spot};
}

// By falling score; the order of what has the same is that of the page.
function tagsOf(layers, size, isWritten) {
  const found = layers.flatMap((layer) => {
    const isLow = Number(layer.dataset.line) % 2 === 1;
    return [...layer.children].map((box, place) => isWritten(box) && tagOf(box, place, size, isLow)).filter(Boolean);
  });
  return found.sort((a, b) => (a.score === b.score ? 0 : b.score - a.score));
}

const percent = (part, whole) => `${Number(((100 * part) / whole).toFixed(3))}%`;

// A label stands on a plate in the colour of its box.
function elementsOf({box, place, text, spot}, at, width, height) {
  const corner = {x: percent(at.x, width), y: percent(at.y, height)};
  const of = {...corner, 'data-verdict': box.dataset.verdict};
  const plate = makeSvg('rect', {...of, width: spot.width, fill: box.getAttribute('stroke')});
  const isDark = box.classList.contains('dark');
  return [plate, makeSvg('text', {...of, 'data-box': place, class: isDark ? 'dark' : undefined}, text)];
}

// Null where nothing is written.
function madeFor(overlay, width) {
  const layers = [...overlay.querySelectorAll('.layer[data-kind=boxes]')];
  if (!layers.length) return null;
  const picture = overlay.parentNode;
  const img = picture.querySelector('img:not(.mask)');
  const size = {width: Number(img.getAttribute('width')), height: Number(img.getAttribute('height'))};
  const height = (width * size.height) / size.width;
  const isFull = picture.closest('.full-stage') !== null;
  const isPicking = !isFull && picture.querySelector(picked) !== null;
  const tags = tagsOf(layers, size, (box) => isShown(box) && (!isPicking || box.matches(picked)));
  const places = (isFull && width >= leastForAll ? tagPlaces.allPlaces : tagPlaces.places)(tags.map(({spot}) => spot), width, height);
  const svg = makeSvg('svg', {class: 'tags', 'data-width': width, 'aria-hidden': 'true'});
  for (const layer of layers) {
    const {kind, layer: name} = layer.dataset;
    // Where they lie over each other, in full view, that of the highest score is on top.
    const elements = tags.flatMap((tag, n) => (places[n] && tag.box.parentNode === layer ? [elementsOf(tag, places[n], width, height)] : [])).reverse().flat();
    if (elements.length) svg.append(makeSvg('g', {class: 'tag-layer', 'data-kind': kind, 'data-layer': name}));
    svg.lastChild?.append(...elements);
  }
  return svg.hasChildNodes() ? svg : null;
}

// Two pictures that lie over each other have what is written at each beside it.
function write(picture, width) {
  for (const overlay of picture.querySelectorAll('.overlay[preserveAspectRatio=none]')) {
    const there = overlay.parentNode.querySelector('svg.tags');
    const isWhole = !areHidden() && !overlay.querySelector(picked);
    const before = isWhole ? written.get(overlay) : null;
    if (before?.width === width && before.tags === there) continue;
    const made = madeFor(overlay, width);
    const isSame = made && there?.isEqualNode(made);
    if (!isSame) there?.remove();
    if (made && !isSame) overlay.after(made);
    written.set(overlay, isWhole ? {width, tags: isSame ? there : made} : null);
  }
}

// Writes at the boxes of a picture that is so wide on screen, in px.
export function fit(picture, width) {
  if (!width) return;
  widths.set(picture, width);
  write(picture, width);
}

// The same for all pictures, as other boxes are shown now.
export function fitAll() {
  for (const picture of document.querySelectorAll('.picture')) if (widths.has(picture)) write(picture, widths.get(picture));
}

const placeOf = (figure) => JSON.stringify([figure.dataset.key, figure.dataset.index]);
const sizeOf = (picture) => ['width', 'height'].map((name) => picture.querySelector('img').getAttribute(name)).join();

// The same for pictures that come: what comes in the place of one of the same size will be as wide.
export function fitComing(root) {
  const pictures = (element) => [...element.querySelectorAll('figure.image > .picture')];
  const there = new Map(pictures(byId('content')).map((picture) => [placeOf(picture.parentNode), picture]));
  for (const picture of pictures(root)) {
    const before = there.get(placeOf(picture.parentNode));
    const width = before && sizeOf(before) === sizeOf(picture) && widths.get(before);
    if (width) write(picture, width);
  }
}
