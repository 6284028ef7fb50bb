// From the page of a step to comparing: this step stays in one pane, the other goes along with the slider.
'use strict';

(() => {
  const {address, content, keys} = runlog;
  const link = document.getElementById('compare');
  content.onChange(() => {
    link.href = `../compare.html${address.link({panes: runlog.panes.write([{run: '.', step: document.body.dataset.step}, {run: '.'}])})}`;
  });
  keys.add({v: () => link.click()});
})();
