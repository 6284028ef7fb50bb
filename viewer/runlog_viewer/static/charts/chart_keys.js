// Which keys a filter means, and which belong in one chart.

const heldOut = ['val', 'valid', 'validation', 'eval', 'evaluation', 'test', 'testing']; // as in pages/headline.py

const isExpression = (text) => text.length > 2 && text.startsWith('/') && text.endsWith('/');

// Gives whether a key has all words of a filter, or matches /a regular expression/; null where that is none.
export function keyFilter(text) {
  const wanted = text.trim();
  if (!isExpression(wanted)) {
    const words = wanted.toLowerCase().split(/\s+/);
    return (key) => words.every((word) => key.toLowerCase().includes(word));
  }
  try {
    const expression = new RegExp(wanted.slice(1, -1), 'i');
    return (key) => expression.test(key);
  } catch {
    return null;
  }
}

// The keys that are drawn with one by themselves: val/x and the like with train/x.
export function together(key, isKey) {
  const [first, ...rest] = key.split('/');
  if (first !== 'train' || !rest.length) return [];
  return heldOut.map((name) => [name, ...rest].join('/')).filter(isKey);
}
