// Numbers as the pages write them, also those that Python writes (wording.number): short, and by name where they are none.

// With a power of ten of a sign and two digits: 5.0e-05.
export const exponential = (value, decimals) => value.toExponential(decimals).replace(/(?<=e[+-])\d$/, '0$&');

export const number = (value, digits = 4) => {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const [mantissa, exponent] = exponential(value, digits - 1).split('e');
  if (exponent >= -4 && exponent < digits) return String(Number(value.toPrecision(digits)));
  return `${Number(mantissa)}e${exponent}`;
};

// A value in words, which may be missing.
export const valueText = (value) => (typeof value === 'number' ? number(value) : value ?? '');

const units = [{size: 86400, unit: 'd'}, {size: 3600, unit: 'h'}, {size: 60, unit: 'min'}, {size: 1, unit: 's'}];

// Seconds in their two largest units, or more of them.
export function duration(time, most = 2) {
  const parts = [];
  let left = time < 10 ? Math.round(time * 100) / 100 : Math.round(time);
  for (const {size, unit} of units) {
    if (left < size && size > 1) continue;
    const count = size > 1 ? Math.floor(left / size) : Number(left.toFixed(2));
    if (count) parts.push(`${count} ${unit}`);
    left -= count * size;
  }
  return parts.slice(0, most).join(' ') || '0';
}
