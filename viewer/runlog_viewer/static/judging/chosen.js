// Which judged images the reader asks for: those of a key with boxes of some verdicts, {key, verdicts}, or those behind a cell
// of a confusion, {key, unit, cell}; a cell is "TRUE PREDICTED", each a class, none or other.

import * as settings from '../core/settings.js';

export const get = (key) => {
  const wanted = settings.get('judged');
  return wanted?.key === key ? wanted : null;
};

export function toggleVerdict(key, verdict) {
  const verdicts = get(key)?.verdicts ?? [];
  const left = verdicts.includes(verdict) ? verdicts.filter((one) => one !== verdict) : [...verdicts, verdict];
  settings.assign({judged: left.length ? {key, verdicts: left} : null, pages: {}});
}

export function toggleCell(key, unit, cell) {
  const is = get(key);
  settings.assign({judged: is?.unit === unit && is.cell === cell ? null : {key, unit, cell}, pages: {}});
}

export const clear = () => settings.assign({judged: null, pages: {}});

// Whether a judged box is one of those.
export function isBox(wanted, {verdict, cell}, cellOf) {
  if (wanted.verdicts) return wanted.verdicts.includes(verdict);
  return wanted.unit === 'boxes' && cell !== null && cellOf(cell) === wanted.cell;
}
