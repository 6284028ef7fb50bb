// The image that is looked at in full view, {key, step, index}: where one can go from it, and what an address says of it.

import {countUpTo} from '../data/steps.js';

// Whether a place is the wanted one, as far as that says.
export const isSame = (place, wanted) => Object.entries(wanted).every(([name, value]) => value === undefined || place[name] === value);

// The one of a key's steps some of them away, at most the first or last; undefined if there is none in that direction.
export function stepAway(steps, step, by) {
  const upTo = countUpTo(steps, step);
  const from = by < 0 && steps[upTo - 1] !== step ? upTo : upTo - 1;
  const to = steps[Math.max(0, Math.min(steps.length - 1, from + by))];
  return by < 0 === to < step && to !== step ? to : undefined;
}

// Where in a list the image before or after a place is, which is at `at` of it, or -1 where there is no such image.
export function imageAway(images, at, {key, index}, by) {
  if (at >= 0) return at + by;
  const before = images.findLastIndex((one) => one.key === key && one.index < index);
  return by < 0 ? before : before + 1;
}

// A page with steps of its own has the step in its address by itself.
export function read(get, hasSteps) {
  const [image, step] = [get('image'), get('step')];
  if (image === null) return null;
  const cut = image.lastIndexOf('/');
  const wanted = {key: image.slice(0, cut), index: Number(image.slice(cut + 1))};
  return hasSteps || step === null ? wanted : {...wanted, step: Number(step)};
}

export const write = ({key, index, step}, hasSteps) => ({image: `${key}/${index}`, ...(hasSteps ? {} : {step})});
