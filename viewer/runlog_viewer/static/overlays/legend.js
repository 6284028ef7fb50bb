// What the legends of a page say of a class; null where none has it.

const inEntry = (id, part, root) => root.querySelector(`.legend > li[data-class="${id}"] ${part}`);

export const labelOf = (id, root = document) => inEntry(id, 'bdi', root)?.textContent ?? null;
export const colourOf = (id) => inEntry(id, 'rect', document)?.getAttribute('fill') ?? null;
