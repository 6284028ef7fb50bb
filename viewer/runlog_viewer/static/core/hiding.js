// Which of several are hidden: those named or, with `only`, those that are not.

export const isOff = (only, named, one) => named.includes(one) !== only;
// Of classes: the background of masks, and what else is shown only where it is named.
export const isOffAtFirst = (id) => id.endsWith('~');
export const isClassOff = ({only, ids}, id) => isOff(only || isOffAtFirst(id), ids, id);
export const toggled = (named, one) => (named.includes(one) ? named.filter((other) => other !== one) : [...named, one]);

// One alone; all again, if it was alone. Gives [only, named].
export function isolated(only, named, one) {
  return only && named.length === 1 && named[0] === one ? [false, []] : [true, [one]];
}
