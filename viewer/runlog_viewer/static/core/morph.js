// Makes the children of one element those of another while keeping every node that can stay: decoded pictures,
// open <details>, focus and scroll position survive.

// What belongs to the reader or to a script, not to the new content.
const kept = new Set(['open', 'data-enlarged', 'data-loaded']);

const naming = ['id', 'data-key', 'data-index', 'data-layer', 'data-kind'];

function key(node) {
  if (node.nodeType !== Node.ELEMENT_NODE || !node.hasAttributes()) return '';
  const part = node.nodeName === 'DETAILS' || node.nodeName === 'SECTION' ? node.className : '';
  const name = naming.map((attribute) => node.getAttribute(attribute) ?? '').join('\0') + part;
  return name.length > naming.length - 1 ? `${node.nodeName} ${name}` : '';
}

// What is drawn over a picture, and holds none itself, is taken whole: to make its shapes those of another one by one takes
// longer than all else of a step.
const isDrawing = (node) => node.localName === 'svg' && node.parentNode.classList?.contains('picture') && !node.querySelector('image');

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
  if (isDrawing(to)) {
    from.replaceWith(to);
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
