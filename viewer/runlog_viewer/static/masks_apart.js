// Masks of one picture have the colours of their classes, whichever layer they are of: lying over each other they cannot
// be told apart. Where an image has several, a link next to the switches of the layers leads to them side by side.
'use strict';

// The address of the masks of an image side by side; null where there are not several.
runlog.masksApart = (figure) => {
  const most = 4;
  const layers = [...new Set([...figure.querySelectorAll('.mask')].map((mask) => mask.dataset.layer))].slice(0, most);
  if (layers.length < 2) return null;
  const {key, step, index} = figure.dataset;
  const panes = runlog.panes.write(layers.map((layer) => ({run: '.', layers: [layer]})));
  return `${runlog.viewer}compare.html${runlog.address.link({panes, key, index, step})}`;
};

(() => {
  const {content, masksApart} = runlog;

  function firstOf(root) {
    for (const figure of root.querySelectorAll('figure.image')) {
      const address = masksApart(figure);
      if (address) return address;
    }
    return null;
  }

  function offer(root) {
    for (const overlays of root.querySelectorAll('.overlays')) {
      const hasSeveral = overlays.querySelectorAll('input[data-kind=masks]').length > 1;
      const address = hasSeveral ? firstOf(root) : null;
      let link = overlays.querySelector('.apart');
      if (!address) link?.remove();
      else if (!link) {
        link = Object.assign(document.createElement('a'), {className: 'apart', textContent: 'Masks side by side'});
        overlays.querySelector('.layers').after(link);
      }
      if (address && link.getAttribute('href') !== address) link.setAttribute('href', address);
    }
  }

  content.onTake(offer);
  content.onChange(() => offer(document.getElementById('content')));
})();
