// Each page knows what to do when something is new; here it begins.
'use strict';

{
  const change = runlog.pages[document.body.dataset.page]();
  runlog.content.begin();
  runlog.live.start(change);
}
