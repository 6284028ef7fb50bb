// The numbers of one chart, in buckets of 8, 64, 512 … points: as the data scripts have them, and as many of them as a view
// has room for. As in pages/pyramid.py.

export const perPart = 1024; // buckets in one script of a level
const factor = 8;
const perPiece = perPart / factor; // buckets that one part of the level below is behind
const roomy = 1.75; // px between buckets, above which finer ones are shown: a line is as wide

// Sign by sign: to go through a text as what can be iterated takes ten times as long.
function floats(text) {
  const signs = atob(text);
  const bytes = new Uint8Array(signs.length);
  for (let n = 0; n < signs.length; n += 1) bytes[n] = signs.charCodeAt(n);
  return new Float64Array(bytes.buffer);
}

// What leads from each integer to the next stands once where it is always the same.
function integers([first, ...steps], count) {
  const found = [];
  for (let [n, value] = [0, first]; n < count; value += steps.length === 1 ? steps[0] : steps[n], n += 1) found.push(value);
  return found;
}

// Reads the buckets of a level, or single points, which have but values; `first` is the place of the first in its level, `total`
// the number of points of the series.
export function read([steps, seconds, places, means, lows = means, highs = means, gaps = null], {level, first, total}) {
  const values = floats(means);
  const [low, high] = lows === means ? [values, values] : [floats(lows), floats(highs)];
  const along = places === null ? null : floats(places);
  const [atSteps, atSeconds] = [integers(steps, values.length), integers(seconds, values.length)];
  const size = factor ** level;
  return Array.from(values, (value, n) => {
    const from = (first + n) * size;
    const count = Math.min(size, total - from);
    const isGap = level === 0 && !Number.isFinite(value);
    return {
      from, count, value, low: low[n], high: high[n], gaps: gaps ? gaps[n] : Number(isGap), step: atSteps[n], seconds: atSeconds[n] / 1000, place: along?.[n],
    };
  });
}

// Takes buckets of the top level down to those that a view has room for, where what is below is here; `part(level, number)`
// gives a full part of a level or null, `view` has `x` (of a bucket), `low`, `high` and `perPixel`.
export function refined({level, top, rest, total}, view, part) {
  const isFull = (at, number) => (number + 1) * perPart * factor ** at <= total;
  const isIn = (x) => x >= view.low && x <= view.high;

  // Between `buckets` from one to another, and around them, some stand apart in the view.
  function isCoarse(buckets, from, end) {
    for (let n = Math.max(1, from); n < Math.min(end + 1, buckets.length); n += 1) {
      const [a, b] = [view.x(buckets[n - 1]), view.x(buckets[n])];
      const isSeen = isIn(a) || isIn(b) || (Math.min(a, b) < view.low && Math.max(a, b) > view.high);
      if (isSeen && Math.abs(b - a) > roomy * view.perPixel) return true;
    }
    return false;
  }

  // The buckets behind a part of a level, or null where they are not here.
  function below(at, number) {
    if (isFull(at, number)) {
      const buckets = part(at, number);
      return buckets && finer(buckets, at, number * factor);
    }
    if (at === 0) return rest;
    const found = [];
    for (let n = number * factor; n < (number + 1) * factor && n * perPart * factor ** (at - 1) < total; n += 1) found.push(below(at - 1, n));
    return found.includes(null) ? null : found.flat();
  }

  function finer(buckets, at, firstPiece) {
    if (at === 0) return buckets;
    const found = [];
    for (let from = 0; from < buckets.length; from += perPiece) {
      const end = Math.min(buckets.length, from + perPiece);
      const inner = isCoarse(buckets, from, end) ? below(at - 1, firstPiece + from / perPiece) : null;
      found.push(inner ?? buckets.slice(from, end));
    }
    return found.flat();
  }

  return finer(top, level, 0);
}

function merged(buckets) {
  if (buckets.length === 1) return buckets[0];
  const finite = buckets.filter(({value}) => Number.isFinite(value));
  const count = buckets.reduce((sum, one) => sum + one.count, 0);
  const weights = finite.map((one) => one.count - one.gaps);
  const weight = weights.reduce((sum, one) => sum + one, 0);
  const [low, high] = [Math.min(...finite.map((one) => one.low)), Math.max(...finite.map((one) => one.high))];
  const mean = finite.reduce((sum, {value}, n) => sum + value * (weights[n] / weight), 0);
  const middle = buckets[buckets.length >> 1];
  return {
    ...middle, count, from: buckets[0].from, gaps: buckets.reduce((sum, one) => sum + one.gaps, 0),
    x: (buckets[0].x + buckets.at(-1).x) / 2,
    ...finite.length ? {value: Math.max(low, Math.min(high, mean)), low, high} : {value: NaN, low: NaN, high: NaN},
  };
}

// Puts buckets, in order of their `x`, together where more than one stand in a pixel from `low` to `high`.
export function columns(buckets, {low, high, perPixel}) {
  const found = [];
  let last = null;
  for (const bucket of buckets) {
    // What stands at the very end is in the last pixel.
    const column = Math.floor((bucket.x - low) / perPixel) - Number(bucket.x === high);
    if (column === last) found.at(-1).push(bucket);
    else found.push([bucket]);
    last = column;
  }
  return found.map(merged);
}
