// The images of a key side by side, each in a column of its own at every step: those of the latest step in the order of its
// list, by their ids; where they have none, by their places.

import {identityOf} from '../../core/identity.js';

const nameOf = ({id, index}) => (id === null ? `#${index}` : `id ${id}`);

export const lineUp = () => {
  const images = [];
  const columns = new Map(); // name → place among them

  // More may come: those that are known keep their columns.
  function add(figures) {
    for (const image of figures.map(identityOf)) {
      if (columns.has(nameOf(image))) continue;
      columns.set(nameOf(image), images.length);
      images.push(image);
    }
  }

  // The figures of a step for up to `most` columns from one on, null where it has none; those that have no column come after the
  // last.
  function place(figures, from, most) {
    const placed = images.slice(from, from + most).map(() => null);
    const others = [];
    for (const figure of figures) {
      const at = columns.get(nameOf(identityOf(figure)));
      if (at === undefined) others.push(figure);
      else if (at >= from && at < from + most) placed[at - from] = figure;
    }
    if (others.length && from + most >= images.length) return [...placed, ...others.slice(0, most)];
    return placed.slice(0, placed.findLastIndex(Boolean) + 1);
  }

  const hasIds = () => images.some(({id}) => id !== null);
  return {images, add, place, hasIds};
};
