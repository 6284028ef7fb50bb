// The values of charts at the place that is looked at, by pointer or keyboard: it is the same place on all of them.

import {number} from '../core/numbers.js';
import * as series from '../data/series.js';
import * as chart from './chart.js';

// A chart is {key, element, plot, lines, drawn, isNear, at}, with its last stop looked at or null; `all()` gives them, of which
// `isBehind(chart)` says whether another lies over it, `isKept(chart)` whether it keeps what was read, `enter(chart)` is called where the reader wants more of one, and
// `onRead(chart)` where another of its stops is looked at.
export const chartReading = ({all, isBehind, isKept, enter, onRead}) => {
  const {placeWords} = series;

  const outputs = (one) => [...one.element.querySelectorAll('.line-key .value')];
  const isNamed = ({lines}) => lines[0].title !== undefined;
  const place = ({drawn}, stop) => placeWords(stop, drawn.kind, drawn.name);

  function words(one, n) {
    const {drawn, lines} = one;
    const points = chart.readings(drawn, n);
    if (!isNamed(one)) return series.words(points[0], drawn.kind, drawn.name);
    const values = lines.map(({title}, at) => `${title} ${points[at] ? series.valueWords(points[at], 6) : 'none'}`);
    return `${place(one, drawn.stops[n])}: ${values.join(', ')}`;
  }

  function show(one, n) {
    const {drawn, element, lines, plot} = one;
    const points = chart.readings(drawn, n);
    const output = element.querySelector('h3 output');
    one.at = drawn.stops[n];
    chart.mark(plot, drawn, n, lines);
    output.dataset.at = place(one, one.at);
    output.textContent = isNamed(one) ? '' : series.valueWords(points[0], points[0].count > 1 ? 4 : 6);
    output.title = describe(one, n);
    outputs(one).forEach((of, at) => { of.textContent = points[at] ? series.valueWords(points[at]) : '–'; });
    onRead(one);
  }

  function showLast(one) {
    const {drawn, element, lines, plot} = one;
    const output = element.querySelector('h3 output');
    const last = lines.map((line) => number(line.series.last));
    one.at = null;
    chart.mark(plot, drawn, null);
    output.textContent = isNamed(one) ? '' : last[0];
    output.title = '';
    delete output.dataset.at;
    outputs(one).forEach((of, at) => { of.textContent = last[at]; });
    describe(one, drawn.stops.length - 1);
  }

  // What was looked at before is shown again on a chart that was drawn anew.
  function showAgain(one) {
    if (one.at === null) showLast(one);
    else show(one, series.nearestStep(one.drawn.stops, one.at.step));
  }

  function describe(one, n) {
    const {plot, drawn, key} = one;
    plot.tabIndex = 0;
    plot.setAttribute('role', 'slider');
    plot.setAttribute('aria-label', key);
    plot.setAttribute('aria-valuemin', 0);
    plot.setAttribute('aria-valuemax', drawn.stops.length - 1);
    plot.setAttribute('aria-valuenow', n);
    const text = words(one, n);
    plot.setAttribute('aria-valuetext', text);
    return text;
  }

  function isInSight(one) {
    if (!one.drawn || !one.isNear || isBehind(one)) return false;
    const {top, bottom} = one.element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  }

  // Shows a stop of one chart on all that are in sight: of each the one nearest to it, by its place where both are drawn over the
  // same, else by its step.
  function lookAt(one, n) {
    const {kind, name, stops} = one.drawn;
    for (const other of all().filter(isInSight)) {
      const {drawn} = other;
      const isAlike = drawn.kind === kind && drawn.name === name;
      const nearest = isAlike ? series.nearest(drawn.stops, stops[n].x) : series.nearestStep(drawn.stops, stops[n].step);
      show(other, other === one ? n : nearest);
    }
  }

  function lookAway() {
    for (const one of all()) if (one.drawn && one.at !== null && !isKept(one)) showLast(one);
  }

  function lookAtStop(one, n) {
    lookAt(one, Math.max(0, Math.min(one.drawn.stops.length - 1, n)));
  }

  function pressKey(event, one) {
    if (!one.drawn) return;
    const {stops} = one.drawn;
    const last = stops.length - 1;
    const at = one.at === null ? last : stops.indexOf(one.at);
    const far = event.shiftKey ? 10 : 1;
    const moves = {ArrowLeft: at - far, ArrowRight: at + far, ArrowDown: at - far, ArrowUp: at + far, Home: 0, End: last};
    if (event.key in moves) lookAtStop(one, moves[event.key]);
    else if (event.key === 'Enter') enter(one);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function listen(one) {
    const {plot} = one;
    const follow = ({clientX}) => {
      if (!one.drawn) return;
      const {left, width} = plot.querySelector('.lines').getBoundingClientRect();
      const x = one.drawn.x.back(Math.max(0, Math.min(1, (clientX - left) / width)));
      lookAt(one, series.nearest(one.drawn.stops, x));
    };
    plot.addEventListener('pointermove', follow);
    plot.addEventListener('pointerdown', follow);
    plot.addEventListener('pointerleave', () => plot !== document.activeElement && lookAway());
    plot.addEventListener('focus', () => one.drawn && one.at === null && plot.matches(':focus-visible') && lookAtStop(one, Infinity));
    plot.addEventListener('blur', lookAway);
    plot.addEventListener('keydown', (event) => pressKey(event, one));
    plot.addEventListener('click', (event) => {
      if (isKept(one)) return;
      follow(event);
      enter(one);
    });
  }

  return {listen, show, showAgain};
};
