// The images of a key side by side, each in a column of its own at every step: those of the latest step in the order of its
// list, by their ids; where they have none, by their places.

import {identityOf} from '../../core/identity.js';

const nameOf = ({id, index}) => (id === null ? `#${index}` : `id ${id}`);

export const lineUp = () => {
  const images = [];
  const columns = new Set(); // the names of those

  // More may come: those that are known keep their columns.
  function add(figures) {
    for (const image of figures.map(identityOf)) {
      if (columns.has(nameOf(image))) continue;
      columns.add(nameOf(image));
      images.push(image);
    }
  }

  // The figures of a step for up to `most` of the images that are shown, all or some of these in some order, from one on, null where
  // it has none; those that have no column come after the last of all.
  function place(figures, from, most, shown = images) {
    const wanted = shown.slice(from, from + most);
    const placeOf = new Map(wanted.map((image, n) => [nameOf(image), n]));
    const placed = wanted.map(() => null);
    const others = [];
    for (const figure of figures) {
      const name = nameOf(identityOf(figure));
      if (!columns.has(name)) others.push(figure);
      else if (placeOf.has(name)) placed[placeOf.get(name)] = figure;
    }
    if (others.length && shown.length === images.length && from + most >= images.length) return [...placed, ...others.slice(0, most)];
    return placed.slice(0, placed.findLastIndex(Boolean) + 1);
  }

  const hasIds = () => images.some(({id}) => id !== null);
  return {images, add, place, hasIds};
};
