// Numbers as the pages write them, also those that Python writes (text.number): short, and by name where they are none.
'use strict';

// With a power of ten of a sign and two digits: 5.0e-05.
runlog.exponential = (value, decimals) => value.toExponential(decimals).replace(/(?<=e[+-])\d$/, '0$&');

runlog.number = (value, digits = 4) => {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const [mantissa, exponent] = runlog.exponential(value, digits - 1).split('e');
  if (exponent >= -4 && exponent < digits) return String(Number(value.toPrecision(digits)));
  return `${Number(mantissa)}e${exponent}`;
};
