// Whether two images are the same: a difference that is black everywhere does not say so by itself.

const fileOf = (link) => link.split('/').at(-1);

// What is drawn over a picture; masks of two runs have the same ids where the files made of these have the same name.
function drawn(figure) {
  return [...figure.querySelectorAll('.picture :is(.layer, .mask)')].map((layer) => {
    const shapes = [...layer.children].map((shape) => [...shape.attributes].map(({name, value}) => [name, value]));
    return [layer.dataset.kind, layer.dataset.layer, layer.dataset.ids && fileOf(layer.dataset.ids), layer.dataset.filter, shapes];
  });
}

// In words; nothing where the pictures are not known to be the same.
export function sameness(first, second) {
  const [one, other] = [first, second].map((figure) => figure.querySelector('.picture img').dataset.pixels);
  if (one !== other) return '';
  const layers = [drawn(first), drawn(second)];
  if (JSON.stringify(layers[0]) !== JSON.stringify(layers[1])) return 'The pictures are identical, but not what is drawn over them.';
  return layers[0].length ? 'Identical, and so is what is drawn over the pictures.' : 'Identical: the same pixels.';
}
