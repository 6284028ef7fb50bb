// The order of images by a number of each: what a setting asks for, and how numbers compare.

// The setting is what to sort by, KIND or KIND.NAME, after a minus sign from the largest down.
export function parsed(sort) {
  const by = sort.replace(/^-/, '');
  const [kind, name] = by.split(/\.(.*)/s);
  return {by, kind, name, isDescending: sort !== by};
}

function compare(a, b, isDescending) {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return isDescending ? b - a : a - b;
}

// Units in order, each by the one of its `values` that comes first. NaN comes last, and what is equal stays as it was.
export function inOrder(units, isDescending) {
  const first = (values) => values.reduce((one, other) => (compare(other, one, isDescending) < 0 ? other : one), NaN);
  const placed = units.map((unit) => ({unit, value: first(unit.values)}));
  return placed.sort((a, b) => compare(a.value, b.value, isDescending) || 0).map(({unit}) => unit); // ∞ - ∞ is no number
}
