// Which of several are hidden: those named or, with `only`, those that are not.

export const isOff = (only, named, one) => named.includes(one) !== only;
export const toggled = (named, one) => (named.includes(one) ? named.filter((other) => other !== one) : [...named, one]);

// One alone; all again, if it was alone. Gives [only, named].
export function isolated(only, named, one) {
  return only && named.length === 1 && named[0] === one ? [false, []] : [true, [one]];
}
