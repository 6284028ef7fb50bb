// Stages whose pictures all show the same place, as large: where one is moved, the others follow. What they show is
// written down as that of the first picture there is.

import {makeStage} from './stage.js';

// `moved()` is called when what they show has changed.
export const linkedStages = (moved) => {
  const stages = [];
  let view = null; // of the first picture; null: all of it
  let size = null; // of that picture
  let aligned = new Set(); // the stages that follow, and are left alone where nothing has come

  const shown = () => stages.filter((stage) => stage.picture && stage.fill);

  function add(frame, onDraw) {
    const stage = makeStage(frame, {onDraw, onMove: () => followed(stage)});
    stages.push(stage);
    return stage;
  }

  function remove(stage) {
    stages.splice(stages.indexOf(stage), 1);
  }

  function followed(stage) {
    const [leading] = shown();
    for (const other of shown()) if (other !== stage) other.follow(stage);
    view = leading.isWhole ? null : leading.view;
    size = leading.size;
    moved();
  }

  function align(those) {
    const [leading] = shown();
    if (those.includes(leading)) leading.setView(view);
    for (const stage of those) if (stage !== leading) stage.follow(leading);
  }

  // Shows the place again where pictures have come; pixels of a picture of another size would be another place.
  function restore() {
    for (const stage of stages) stage.measure();
    const all = shown();
    if (all.length) keepToSize(all[0].size);
    align(all.filter((stage) => !aligned.has(stage) || stage.isWhole !== (view === null)));
    aligned = new Set(all);
  }

  function keepToSize({width, height}) {
    const isOther = size && (size.width !== width || size.height !== height);
    size = {width, height};
    if (!isOther || !view) return;
    view = null;
    moved();
  }

  function take(wanted) {
    view = wanted;
    size = null;
    aligned.clear();
    align(shown());
  }

  return {add, remove, restore, take, zoomBy: (direction) => shown()[0]?.zoomBy(direction), get view() { return view; }};
};
