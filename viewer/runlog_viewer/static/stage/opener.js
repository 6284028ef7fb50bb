// Opens the full view, whose script is loaded when a picture is wanted in it, by a click or by the address.

import * as address from '../core/address.js';
import * as content from '../core/content.js';
import {laterScript} from '../data/live.js';

let options = {};
let full = null; // once it is there, it reads the address itself

// Gives {full, linkedStages}.
export const stageScript = laterScript('stage script', 'stage.js');

async function fullView() {
  const script = await stageScript();
  if (!full) {
    ({full} = script);
    full.start(options);
  }
  return full;
}

// As `open` of the full view.
export async function open(figure, other) {
  (await fullView()).open(figure, other);
}

// More may be known of the steps now.
export const refreshSteps = () => full?.refreshSteps();

const linkAt = ({target}) => target.closest?.(':is(figure, td, dd).image a.picture');

// A click that would open a tab or a window is left alone.
function clickPicture(event) {
  const link = linkAt(event);
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  fullView().then((view) => view.openLink(link), () => location.assign(link.href));
}

function readAddress() {
  if (full || options.inAddress === false || address.get('image') === null) return;
  fullView().catch(() => {}); // the page goes on without it
}

// `steps` is {run, go} on a page that goes to the steps of a run itself; `inAddress` says whether the address holds what
// is looked at.
export function start(given = {}) {
  options = given;
  document.addEventListener('click', clickPicture);
  content.onChange(readAddress);
  address.onChange(readAddress);
}
