// How the rows of tables are ordered by what stands in a column.

const collator = new Intl.Collator('en', {numeric: true});
const rank = (value) => (value === undefined || value === '' || Number.isNaN(value) ? 2 : typeof value === 'number' ? 0 : 1);

// Numbers before text, and what is missing or not a number last, whichever way.
export function compare(a, b, direction) {
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (rank(a) === 2) return 0;
  return direction * (typeof a === 'number' ? a - b || 0 : collator.compare(a, b));
}
