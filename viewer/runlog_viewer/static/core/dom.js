// Elements, found by their id and made.

export const byId = (id) => document.getElementById(id);

// An element with these properties and children, which may be texts.
export function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

// Gives a select its options, as [value, text], and chooses one; what stays as it is can be open meanwhile.
export function fillSelect(select, options, value) {
  const wanted = options.map(([name, text]) => new Option(text, name));
  const isSame = wanted.length === select.options.length && wanted.every((option, n) => option.value === select.options[n].value && option.text === select.options[n].text);
  if (!isSame) select.replaceChildren(...wanted);
  select.value = value;
}

export function makeSvg(name, attributes = {}, text = '') {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}
