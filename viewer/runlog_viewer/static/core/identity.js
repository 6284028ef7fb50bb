// Which image of a list is the same as one of another step or run: the one with its id; where it has none, the one at its place
// in the list.

export const identityOf = ({dataset: {id, index}}) => ({id: id ?? null, index: Number(index)});
export const nameOf = ({id, index}) => id ?? `#${index}`;

// The figure of an image, undefined where there is none.
export const figureOfImage = (figures, {id, index}) => figures.find(({dataset}) => (id === null ? Number(dataset.index) === index : dataset.id === id));

export const isSameImage = (one, other) => (one.id === null ? one.index === other.index : one.id === other.id);

// What an address says of an image, and the image that one says.
export const write = ({id, index}) => ({id, index: id === null ? index : null});

export function read(get) {
  const [id, index] = [get('id'), get('index')];
  if (id === null && !/^\d+$/.test(index ?? '')) return null;
  return {id, index: id === null ? Number(index) : 0};
}
