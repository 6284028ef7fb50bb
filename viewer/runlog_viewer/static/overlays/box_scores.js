// The scores of a box, by their names as logged.

/**
 * @param {Element} box
 * @returns {Map<string, number>}
 */
export function scoresOf(box) {
  const scores = box.getAttribute('data-scores');
  return new Map(scores ? Object.entries(JSON.parse(scores)).map(([name, value]) => [name, Number(value)]) : []);
}

// Each in words.
export const scoreWords = (box) => [...scoresOf(box)].map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);

// Whether a box has a score, but not the least that is asked for; so it is where its score is no number.
export function isBelow(box, minimums) {
  const asked = Object.entries(minimums);
  if (!asked.length) return false;
  const scores = scoresOf(box);
  return asked.some(([name, least]) => scores.has(name) && !(scores.get(name) >= least));
}
