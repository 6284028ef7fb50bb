// What is written at the boxes of a picture on screen: which of them, and where. As in pages/box_tags.py, where it is
// told; pages have other sizes, and hide boxes.

export const height = 15; // px
const mostCovered = 0.1;

/** @typedef {{width: number, left: number, edge: number, isLow: boolean}} Spot */

// Where the upper left corner of a tag is, in px, whatever else is written.
/** @param {Spot} spot */
export function place({width, left, edge, isLow}, across, down) {
  const at = edge * down;
  const isOutside = isLow ? at + height <= down : at >= height;
  const y = isOutside === isLow ? at : at - height;
  return {x: Math.max(0, Math.min(left * across, across - width)), y: Math.max(0, Math.min(y, down - height))};
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
