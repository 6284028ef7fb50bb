// What an address says of the tables of keys: how they are sorted, filtered, grouped and coloured.

import {readList, writeList} from '../core/address_text.js';

// Columns by their names; null for the rows' own order, and nothing for no groups and no colours.
export const nothing = {filter: '', column: null, direction: 1, group: '', colour: ''};
const plain = ['filter', 'group', 'colour'];

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
  for (const name of plain) for (const [key, text] of pairs(get(`table-${name}`))) asked.set(key, {...nothing, ...asked.get(key), [name]: text});
  return asked;
}

// What the address has to say of that: `+` before a column is from its least up.
export function written(asked) {
  const all = [...asked];
  const sorted = all.filter(([, {column, direction}]) => column !== null || direction < 0);
  const said = (name) => writeList(all.filter(([, wish]) => wish[name].trim()).map(([key, wish]) => pair(key, wish[name])));
  return {
    'table-sort': writeList(sorted.map(([key, {column, direction}]) => pair(key, `${direction < 0 ? '-' : '+'}${column ?? ''}`))),
    ...Object.fromEntries(plain.map((name) => [`table-${name}`, said(name)])),
  };
}
