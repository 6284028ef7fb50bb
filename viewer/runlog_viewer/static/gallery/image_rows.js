// The images of a key as rows of a table: which columns there are, and what stands in each. Knows of no page.

// Fields may have the names of columns that all images have.
const own = ['image', 'id', 'step', 'index', 'caption', 'grouping'];

function uniqueName(name, taken) {
  let free = name;
  while (taken.includes(free)) free += ' (field)';
  return free;
}

// `groups` are those of `data/images-….js`, of one key, in the order to show. Gives {columns, rows, images, isSmall}: of each
// column {name, type, isField}, of each image its cells and {step, index, id, picture, file, width, height}.
export function imageTable(groups) {
  const fields = [...new Set(groups.flatMap((group) => group.fields))];
  const layers = [...new Set(groups.flatMap((group) => group.boxes))];
  const images = [];
  const all = [];
  for (const {step, fields: names, boxes, images: found} of groups) {
    const [placesOfFields, placesOfLayers] = [fields.map((name) => names.indexOf(name)), layers.map((name) => boxes.indexOf(name))];
    for (const [index, id, caption, grouping, file, thumbnail, width, height, values, counts] of found) {
      images.push({step, index, id, picture: thumbnail ?? file, file, width, height});
      all.push([{words: caption ?? ''}, id, step, index, caption, grouping, ...placesOfFields.map((at) => values[at] ?? null), ...placesOfLayers.map((at) => counts[at] ?? null)]);
    }
  }
  const names = [...own];
  for (const name of fields) names.push(uniqueName(name, names));
  for (const name of layers) names.push(uniqueName(`${name} boxes`, names));
  const isShown = names.map((name, at) => !['id', 'caption', 'grouping'].includes(name) || at >= own.length || all.some((row) => row[at] !== null));
  const columns = names.flatMap((name, at) => (isShown[at] ? [{name, type: at ? typeOf(all, at) : 'image', isField: at > 0 && !['id', 'index', 'caption'].includes(name)}] : []));
  const rows = all.map((row) => row.filter((_, at) => isShown[at]));
  return {columns, rows, images, isSmall: images.every(({height}) => height <= 64)};
}

// As the types of the columns of logged tables: what stands in all cells that have anything.
function typeOf(rows, at) {
  const types = new Set(rows.map((row) => row[at]).filter((cell) => cell !== null).map((cell) => typeof cell));
  if (types.size !== 1) return types.size ? 'any' : 'none';
  return types.has('string') ? 'text' : types.has('boolean') ? 'bool' : 'number';
}
