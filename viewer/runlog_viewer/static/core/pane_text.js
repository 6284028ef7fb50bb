// What the address says of each pane: a run, where in it, and the layers to show.

const encode = (name) => name.replace(/[%,@!]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

export function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % stands for itself
  }
}

// `step` is a number where the pane stays there, `offset` how far it is from the slider.
function readOne(text) {
  const [place, ...layers] = text.split('!');
  const [, run, at] = /^(.*?)(?:@([+-]?\d+))?$/s.exec(place);
  const isOffset = /^[+-]/.test(at ?? '');
  return {
    run: decode(run),
    step: at && !isOffset ? Number(at) : null,
    offset: isOffset ? Number(at) : 0,
    layers: layers.length ? layers.map(decode) : null,
  };
}

function writeOne({run, step = null, offset = 0, layers = null}) {
  const sign = offset > 0 ? '+' : '';
  const at = step === null ? offset && `@${sign}${offset}` : `@${step}`;
  return [encode(run) + (at || ''), ...(layers ?? []).map(encode)].join('!');
}

// The name of a folder next to this one; anything that would lead elsewhere is none.
export const isFolderName = (name) => !/^\.{0,2}$|[/\\\0]/.test(name);

export const read = (text) => text.split(',').filter(Boolean).map(readOne);
export const write = (panes) => panes.map(writeOne).join(',');
