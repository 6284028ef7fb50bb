// What is looked at, kept at the end of the address as name=value pairs, so that a link shows the same elsewhere,
// also in a copy of the folder, and on file://.

import * as addressText from './address_text.js';

const most = 40; // changes at once; browsers take offence at more than some six a second
const rest = 250; // ms
let pending = null; // an address that is about to be written
let [allowed, since, timer] = [most, 0, 0];

let entered = null; // the address that the way back leads to

const hash = () => pending?.hash ?? location.hash;
const path = () => pending?.path ?? location.pathname;

export const link = addressText.write;
export const parts = () => addressText.read(hash());
export const get = (name) => parts().get(name);
export const list = (name) => addressText.readList(get(name));
export const setList = (name, values) => set({[name]: addressText.writeList(values)});

// Sets values, and leaves out those that are null; `page` is the path of the page they are for.
export function set(values, page = path()) {
  const wanted = addressText.changed(hash(), values);
  if (wanted === hash() && page === path()) return;
  pending = {path: page, hash: wanted};
  if (!timer) write();
}

// What is set from here on, the browser's way back undoes at once.
export function enter() {
  if (pending) history.replaceState(null, '', pending.path + pending.hash);
  pending = null;
  entered = location.pathname + location.hash;
  history.pushState(null, '', entered);
}

// Sets values, by the way back where that leads to the same address.
export function leave(values) {
  const isBack = entered === path() + addressText.changed(hash(), values);
  const isThere = entered === location.pathname + location.hash;
  entered = null;
  if (isBack && !isThere) history.back();
  else set(values);
}

function write() {
  timer = 0;
  if (!pending) return;
  const now = performance.now();
  allowed = Math.min(most, allowed + (now - since) / rest);
  since = now;
  if (allowed < 1) {
    timer = setTimeout(write, rest);
    return;
  }
  allowed -= 1;
  history.replaceState(null, '', pending.path + pending.hash);
  pending = null;
}

export const onChange = (listener) => addEventListener('popstate', listener);

export function start() {
  addEventListener('popstate', () => { pending = null; });
}
