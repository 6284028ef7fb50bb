// The scale of an axis: where a value is, in 0 … 1, and the round numbers along it, with their labels.
'use strict';

runlog.axes = (() => {
  const seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
  const digitsOf = (size) => Math.floor(Math.log10(size) + 1e-9);

  function roundStep(least) {
    const power = 10 ** Math.floor(Math.log10(least));
    return [1, 2, 5, 10, 20].find((factor) => factor * power >= least * (1 - 1e-9)) * power;
  }

  // A number with as many digits as tell it from the next one, `step` away.
  function label(value, step) {
    const size = Math.abs(value);
    if (size < step / 2) return '0';
    if (size >= 1e6 || size < 1e-4) return runlog.exponential(value, Math.min(15, Math.max(0, digitsOf(size) - digitsOf(step))));
    return value.toFixed(Math.min(100, Math.max(0, -digitsOf(step))));
  }

  function multiples(low, high, step) {
    const found = [];
    for (let n = Math.ceil(low / step - 1e-9); n <= high / step + 1e-9; n += 1) found.push(n * step);
    return found;
  }

  function linear(low, high, most) {
    const span = high - low;
    const at = (value) => (span > 0 || !Number.isFinite(value) ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5);
    const back = (part) => low + part * span;
    if (!(span > 0 && span < Infinity)) return {at, back, ticks: Number.isFinite(low) && !span ? [[low, runlog.number(low)]] : []};
    const fits = (step) => multiples(low, high, step).length > 1;
    const step = [span / most, span / most / 2].map(roundStep).find(fits) ?? span;
    return {at, back, ticks: multiples(low, high, step).map((value) => [value, label(value, step)])};
  }

  // Steps are whole: 2k for 2,000.
  function steps(low, high, most) {
    const step = Math.max(1, roundStep((high - low || 1) / most));
    const [size, unit] = [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']].find(([least]) => step >= least) ?? [1, ''];
    const text = (value) => (value ? `${Number((value / size).toPrecision(12))}${unit}` : '0');
    return {...linear(low, high, most), ticks: multiples(low, high, step).map((value) => [value, text(value)])};
  }

  function duration(time) {
    const units = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
    const parts = [];
    let left = time < 10 ? Math.round(time * 100) / 100 : Math.round(time);
    for (const [size, unit] of units) {
      if (left < size && size > 1) continue;
      const count = size > 1 ? Math.floor(left / size) : Number(left.toFixed(2));
      if (count) parts.push(`${count} ${unit}`);
      left -= count * size;
    }
    return parts.slice(0, 2).join(' ') || '0';
  }

  function times(low, high, most) {
    const least = (high - low || 1) / most;
    const step = seconds.find((one) => one >= least) ?? roundStep(least / 86400) * 86400;
    const isShort = high - low < 2;
    return {...linear(low, high, most), ticks: multiples(low, high, isShort ? roundStep(least) : step).map((value) => [value, duration(value)])};
  }

  // For numbers above 0; those that are not have no place.
  function logarithmic(low, high, most) {
    const {at, back} = linear(Math.log10(low), Math.log10(high), most);
    const decades = Math.log10(high) - Math.log10(low);
    const every = Math.max(1, Math.ceil(decades / most));
    const factors = decades < 2 ? [1, 2, 5] : [1];
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += every) {
      for (const factor of factors) ticks.push([factor * 10 ** power, runlog.number(factor * 10 ** power, 1)]);
    }
    const inside = ticks.filter(([value]) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
    return {
      at: (value) => (value > 0 ? at(Math.log10(value)) : NaN),
      back: (part) => 10 ** back(part),
      ticks: inside.length ? inside : linear(low, high, most).ticks.slice(0, 1),
    };
  }

  return {linear, steps, times, logarithmic, duration};
})();
