// What is written at the boxes of a picture, put anew when it is shown at another size, or boxes come and go: those of the
// highest scores that have room. In full view all are there, unless the picture is as small as in a gallery there, too.

import {makeSvg} from '../core/dom.js';
import {ofLayer} from '../core/layer_kinds.js';
import {areHidden, isShown} from './shown_boxes.js';
import * as tagPlaces from './tag_places.js';

const leastForAll = 480; // px, how wide a picture is at the least that has all its labels
const widths = new WeakMap(); // of the picture of each, on screen, in px

function tagsOf(svg) {
  const found = [];
  for (const group of svg.children) {
    const {kind, layer} = group.dataset;
    const boxes = svg.parentNode.querySelector(`.overlay > ${ofLayer(kind, layer)}`);
    if (!boxes) continue; // this layer was left out
    const isLow = Number(boxes.dataset.line) % 2 === 1;
    for (const tag of group.querySelectorAll('text')) found.push({tag, box: boxes.children[tag.dataset.box], isLow, rank: Number(tag.dataset.rank)});
  }
  return found.sort((a, b) => a.rank - b.rank);
}

function spotOf({tag, box, isLow}, size) {
  const [x, y, across, down] = ['x', 'y', 'width', 'height'].map((name) => Number(box.getAttribute(name)));
  const edges = [y / size.height, (y + down) / size.height];
  const [edge, otherEdge] = isLow ? edges.toReversed() : edges;
  return {width: Number(tag.dataset.width), left: x / size.width, right: (x + across) / size.width, edge, otherEdge, isLow};
}

// Of judged boxes those that the reader asks for: in a gallery nothing is written at the others of such a picture.
const picked = 'rect.box[data-picked]';
const arePicked = (svg) => svg.closest('.full-stage') === null && svg.parentNode.querySelector(picked) !== null;

const plateOf = (tag) => (tag.previousElementSibling?.matches('rect') ? tag.previousElementSibling : null);

// What is written stands on a plate in the colour of its box.
function newPlate(tag) {
  const plate = makeSvg('rect', {width: tag.dataset.width, height: tagPlaces.height, rx: 2, fill: tag.getAttribute('stroke')});
  tag.before(plate);
  return plate;
}

function putTag(tag, place, width, height) {
  tag.classList.toggle('cramped', !place);
  if (!place) return plateOf(tag)?.remove();
  const [x, y] = [`${((100 * place.x) / width).toFixed(3)}%`, `${((100 * place.y) / height).toFixed(3)}%`];
  for (const one of [plateOf(tag) ?? newPlate(tag), tag]) {
    one.setAttribute('x', x);
    one.setAttribute('y', y);
  }
  return undefined;
}

function put(svg, width) {
  const img = svg.parentNode.querySelector('img:not(.mask)');
  const size = {width: Number(img.getAttribute('width')), height: Number(img.getAttribute('height'))};
  const height = (width * size.height) / size.width;
  const all = tagsOf(svg);
  const isPicking = arePicked(svg);
  const shown = all.filter(({box}) => isShown(box) && (!isPicking || box.matches(picked)));
  const spots = shown.map((one) => spotOf(one, size));
  const isFull = svg.closest('.full-stage') !== null;
  const places = isFull && width >= leastForAll ? tagPlaces.allPlaces(spots, width, height) : tagPlaces.places(spots, width, height);
  const placeOf = new Map(shown.map((one, n) => [one, places[n]]));
  for (const one of all) putTag(one.tag, placeOf.get(one), width, height);
  svg.dataset.width = isFull ? '' : width;
  svg.toggleAttribute('data-filtered', areHidden() || isPicking);
}

// Puts the tags of a picture that is so wide on screen, in px, unless they are as they have to be.
export function fit(picture, width) {
  for (const svg of width ? picture.querySelectorAll('svg.tags') : []) {
    widths.set(svg, width);
    if (svg.dataset.width !== String(width) || areHidden() || svg.hasAttribute('data-filtered') || arePicked(svg)) put(svg, width);
  }
}

// The same for all pictures, as other boxes are shown now.
export function fitAll() {
  for (const svg of document.querySelectorAll('svg.tags')) if (widths.has(svg)) put(svg, widths.get(svg));
}
