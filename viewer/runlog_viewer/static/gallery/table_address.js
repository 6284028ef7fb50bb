// What an address says of the tables of keys: how they are sorted and filtered.

import {readList, writeList} from '../core/address_text.js';

// The column by its name, null for the rows' own order.
export const nothing = {filter: '', column: null, direction: 1};

// A key ends at the first colon.
const pair = (key, text) => `${key.replace(/[%:]/g, encodeURIComponent)}:${text}`;

function pairs(text) {
  return (readList(text) ?? []).map((one) => {
    const colon = one.indexOf(':');
    return [one.slice(0, colon).replace(/%(25|3A)/g, decodeURIComponent), one.slice(colon + 1)];
  });
}

// What is asked of each key, of `get` that gives the value of a name in an address, or null.
export function read(get) {
  const asked = new Map();
  for (const [key, text] of pairs(get('table-sort'))) {
    const [direction, name] = text.startsWith('-') ? [-1, text.slice(1)] : [1, text.slice(1)];
    asked.set(key, {...nothing, direction, column: text.length > 1 ? name : null});
  }
  for (const [key, filter] of pairs(get('table-filter'))) asked.set(key, {...nothing, ...asked.get(key), filter});
  return asked;
}

// What the address has to say of that: `+` before a column is from its least up.
export function written(asked) {
  const all = [...asked];
  const sorted = all.filter(([, {column, direction}]) => column !== null || direction < 0);
  const filtered = all.filter(([, {filter}]) => filter.trim());
  return {
    'table-sort': writeList(sorted.map(([key, {column, direction}]) => pair(key, `${direction < 0 ? '-' : '+'}${column ?? ''}`))),
    'table-filter': writeList(filtered.map(([key, {filter}]) => pair(key, filter))),
  };
}
