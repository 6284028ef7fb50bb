// A view in the words of an address; null: the whole picture.

export const write = (view) => view && [view.x.toFixed(2), view.y.toFixed(2), view.scale.toPrecision(6)].map(Number).join(',');

export function read(text) {
  const [x, y, scale] = (text ?? '').split(',').map(Number);
  return x >= 0 && y >= 0 && scale > 0 && scale < Infinity ? {x, y, scale} : null;
}
