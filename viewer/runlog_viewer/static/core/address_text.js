// The end of an address as name=value pairs: percent-encoded, but for what reads better as it is.

const readable = /%(2F|3A|40|2C|2B)/g; // / : @ , + need no escape here
const encoded = (value) => encodeURIComponent(value).replace(readable, decodeURIComponent);

export const read = (hash) => new URLSearchParams(hash.slice(1).replaceAll('+', '%2B'));

// The end of an address that holds these values; those that are null are left out.
export function write(values) {
  const parts = Object.entries(values).filter(([, value]) => value !== null);
  return parts.length ? `#${parts.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&')}` : '';
}

// The same end with other values; null takes one away.
export function changed(hash, values) {
  const parts = read(hash);
  for (const [name, value] of Object.entries(values)) {
    if (value === null) parts.delete(name);
    else parts.set(name, value);
  }
  return write(Object.fromEntries(parts));
}

// Several values under one name, none of them empty; null where there is none.
const escape = (value) => value.replace(/[%,]/g, encodeURIComponent);
const unescape = (value) => value.replace(/%(25|2C)/g, decodeURIComponent);
export const readList = (text) => text?.split(',').filter(Boolean).map(unescape) ?? null;
export const writeList = (values) => (values.length ? values.map(escape).join(',') : null);
