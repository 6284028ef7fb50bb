// What is looked at, kept at the end of the address as name=value pairs, so that a link shows the same elsewhere,
// also in a copy of the folder, and on file://.
'use strict';

runlog.address = (() => {
  const most = 40; // changes at once; browsers take offence at more than some six a second
  const rest = 250; // ms
  let pending = null; // an address that is about to be written
  let [allowed, since, timer] = [most, 0, 0];

  let entered = null; // the address that the way back leads to

  const read = () => new URLSearchParams((pending?.hash ?? location.hash).slice(1).replaceAll('+', '%2B'));
  const readable = /%(2F|3A|40|2C|2B)/g; // / : @ , + need no escape here
  const encoded = (value) => encodeURIComponent(value).replace(readable, decodeURIComponent);

  // The end of an address that holds these values; those that are null are left out.
  function link(values) {
    const parts = Object.entries(values).filter(([, value]) => value !== null);
    return parts.length ? `#${parts.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&')}` : '';
  }

  function linkWith(values) {
    const parts = read();
    for (const [name, value] of Object.entries(values)) {
      if (value === null) parts.delete(name);
      else parts.set(name, value);
    }
    return link(Object.fromEntries(parts));
  }

  // Sets values, and leaves out those that are null; `path` is the page they are for.
  function set(values, path = pending?.path ?? location.pathname) {
    const hash = linkWith(values);
    const [oldPath, oldHash] = pending ? [pending.path, pending.hash] : [location.pathname, location.hash];
    if (hash === oldHash && path === oldPath) return;
    pending = {path, hash};
    if (!timer) write();
  }

  // What is set from here on, the browser's way back undoes at once.
  function enter() {
    if (pending) history.replaceState(null, '', pending.path + pending.hash);
    pending = null;
    entered = location.pathname + location.hash;
    history.pushState(null, '', entered);
  }

  // Sets values, by the way back where that leads to the same address.
  function leave(values) {
    const isBack = entered === (pending?.path ?? location.pathname) + linkWith(values);
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

  // Several values under one name, none of them empty; null where there is none.
  const escape = (value) => value.replace(/[%,]/g, encodeURIComponent);
  const unescape = (value) => value.replace(/%(25|2C)/g, decodeURIComponent);
  const list = (name) => read().get(name)?.split(',').filter(Boolean).map(unescape) ?? null;
  const setList = (name, values) => set({[name]: values.length ? values.map(escape).join(',') : null});

  addEventListener('popstate', () => { pending = null; });
  return {
    get: (name) => read().get(name),
    set,
    enter,
    leave,
    link,
    list,
    setList,
    onChange: (listener) => addEventListener('popstate', listener),
  };
})();
