// Makes the children of one element those of another while keeping every node that can stay: decoded pictures,
// open <details>, focus and scroll position survive.

// What belongs to the reader or to a script, not to the new content.
const kept = new Set(['open', 'data-enlarged', 'data-loaded']);

function key(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return '';
  const {key = '', index = '', layer = '', kind = ''} = node.dataset;
  const part = ['DETAILS', 'SECTION'].includes(node.nodeName) ? node.className : '';
  const name = [node.id, key, index, layer, kind, part].join('\0');
  return name.length > 5 ? `${node.nodeName} ${name}` : '';
}

// An original that a thumbnail gave way to stays.
function isOriginal(name, from, to) {
  const {full} = from.dataset;
  return name === 'src' && full && full === to.dataset.full && full === from.getAttribute('src');
}

function setAttributes(from, to) {
  for (const {name} of [...from.attributes]) {
    if (!kept.has(name) && !to.hasAttribute(name)) from.removeAttribute(name);
  }
  for (const {name, value} of to.attributes) {
    if (kept.has(name) || isOriginal(name, from, to) || from.getAttribute(name) === value) continue;
    from.setAttribute(name, value);
  }
}

function update(from, to) {
  if (from.isEqualNode(to)) return;
  if (from.nodeType !== Node.ELEMENT_NODE) {
    from.nodeValue = to.nodeValue;
    return;
  }
  setAttributes(from, to);
  morph(from, to);
}

function removed(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

// The children of `from` become those of `to`.
export function morph(from, to) {
  const byKey = new Map([...from.children].map((child) => [key(child), child]));
  let at = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const name = key(wanted);
    while (at && at.nodeType !== Node.ELEMENT_NODE && wanted.nodeType === Node.ELEMENT_NODE) at = removed(at);
    const match = name ? byKey.get(name) : at;
    if (!match || match.nodeName !== wanted.nodeName || (!name && key(match))) {
      from.insertBefore(wanted, at);
      continue;
    }
    byKey.delete(name);
    if (match === at) at = at.nextSibling;
    else from.insertBefore(match, at);
    update(match, wanted);
  }
  while (at) at = removed(at);
}
