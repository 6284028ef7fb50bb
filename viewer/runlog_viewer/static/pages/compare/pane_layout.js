// Panes in so many columns that their pictures are as large as can be.

export const layOutPanes = (host) => {
  const head = 70; // px, as the next ones
  const others = 330;
  const least = 160;
  const count = host.children.length;
  const pictures = [...host.querySelectorAll('.picture img:not(.mask)')];
  const [width, height] = ['width', 'height'].map((side) => Math.max(1, ...pictures.map((img) => Number(img.getAttribute(side)))));

  function layout(columns) {
    const lines = Math.ceil(count / columns);
    const room = Math.max(260, innerHeight - others) - head * (lines - 1);
    const high = Math.max(least, room / lines);
    return {columns, high, scale: Math.min(host.clientWidth / columns / width, high / height)};
  }

  const layouts = Array.from({length: count}, (_, n) => layout(n + 1));
  const best = layouts.reduce((a, b) => (b.scale >= a.scale ? b : a));
  host.style.setProperty('--columns', best.columns);
  host.style.setProperty('--high', `${Math.floor(best.high)}px`);
};
