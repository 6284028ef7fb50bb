// What is written at the boxes of a picture on screen: which of them, and where. As in pages/box_tags.py, where it is
// told; pages have other sizes, and hide boxes.

export const height = 15; // px
const mostCovered = 0.1;

/** @typedef {{width: number, left: number, edge: number, isLow: boolean}} Spot */
/** @typedef {Spot & {right: number, otherEdge: number}} SpotOfBox */

// Where the upper left corner of a tag is, in px, whatever else is written.
/** @param {Spot} spot */
export function place({width, left, edge, isLow}, across, down) {
  const at = edge * down;
  const isOutside = isLow ? at + height <= down : at >= height;
  const y = isOutside === isLow ? at : at - height;
  return {x: Math.max(0, Math.min(left * across, across - width)), y: Math.max(0, Math.min(y, down - height))};
}

const mostMoved = 200; // tags: among more of them no place is free anyway

// Where else a tag may be: at the other end of the edge of its box, within the box, at the edge across.
/** @param {SpotOfBox} spot */
function otherPlaces({width, left, right, edge, otherEdge, isLow}, across, down) {
  const found = [];
  /** @type {[number, boolean][]} */
  const edges = [[edge, true], [edge, false], [otherEdge, true], [otherEdge, false]];
  for (const [at, isOutside] of edges) {
    const isAbove = (at === edge) === (isLow !== isOutside);
    const y = at * down - (isAbove ? height : 0);
    if (y < 0 || y + height > down) continue;
    for (const x of [left * across, right * across - width]) if (x >= 0 && x + width <= across) found.push({x, y});
  }
  return found;
}

// The same of each, by falling score, for all of them: beside each other as far as there is room around their boxes.
/** @param {SpotOfBox[]} spots */
export function allPlaces(spots, across, down) {
  const taken = [];
  const isFree = ({x, y}, {width}) => !taken.some((other) => x < other.right && other.x < x + width && Math.abs(y - other.y) < height);
  return spots.map((spot) => {
    const usual = place(spot, across, down);
    const stays = spots.length > mostMoved || isFree(usual, spot);
    const found = stays ? usual : otherPlaces(spot, across, down).find((at) => isFree(at, spot)) ?? usual;
    taken.push({...found, right: found.x + spot.width});
    return found;
  });
}

// The same of each, by falling score, in a picture of so many px; null where one is left out.
/** @param {Spot[]} spots */
export function places(spots, across, down) {
  let free = mostCovered * across * down;
  const taken = [];
  return spots.map((spot) => {
    const {x, y} = place(spot, across, down);
    const [right, area] = [x + spot.width, spot.width * height];
    if (area > free || spot.width > across || height > down) return null;
    if (taken.some((other) => x < other.right && other.x < right && Math.abs(y - other.y) < height)) return null;
    free -= area;
    taken.push({x, y, right});
    return {x, y};
  });
}
