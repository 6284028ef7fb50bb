// A part of the enlarged chart, from one place to another: by dragging across it, by buttons and keys, and in the address.

import * as address from '../core/address.js';
import {byId, make} from '../core/dom.js';
import * as chart from './chart.js';

// `redraw()` draws the chart anew, with `range()`.
export const chartZoom = (redraw) => {
  const leastDragged = 6; // px

  function range() {
    const places = (address.get('zoom') ?? '').split('..').map(Number);
    return places.length === 2 && places[0] < places[1] ? places : null;
  }

  function reset() {
    address.set({zoom: null});
    redraw();
  }

  // There is nothing to see in a part with less than two points; one that is wider has those of now, and more.
  function show({drawn}, low, high) {
    if (!chart.isRange(drawn.stops, [low, high])) return;
    address.set({zoom: [low, high].map((place) => Number(place.toPrecision(10))).join('..')});
    redraw();
  }

  function zoom(one, factor) {
    const {x, whole} = one.drawn;
    const [low, high] = [x.back(0), x.back(1)];
    const width = (high - low) * factor;
    if (width >= whole[1] - whole[0]) return reset();
    const middle = one.at?.x ?? (low + high) / 2;
    const start = Math.max(whole[0], Math.min(whole[1] - width, middle - (middle - low) * factor));
    return show(one, start, start + width);
  }

  function listenToDrag(one) {
    const {plot} = one;
    const area = make('div', {className: 'selected', hidden: true});
    let from = null;
    let box = null; // of the plot while one drags: to ask again would lay out anew what follows the pointer
    const partAt = ({clientX}) => Math.max(0, Math.min(1, (clientX - box.left) / box.width));
    const ends = (event) => [from, partAt(event)].sort((a, b) => a - b);
    plot.append(area);
    plot.addEventListener('pointerdown', (event) => {
      if (event.button || event.pointerType === 'touch' || !one.drawn) return;
      box = plot.querySelector('.lines').getBoundingClientRect();
      from = partAt(event);
      plot.setPointerCapture(event.pointerId);
    });
    plot.addEventListener('pointermove', (event) => {
      if (from === null) return;
      const [left, right] = ends(event);
      area.hidden = (right - left) * plot.clientWidth < leastDragged;
      Object.assign(area.style, {left: `${left * 100}%`, width: `${(right - left) * 100}%`});
    });
    plot.addEventListener('pointerup', (event) => {
      const isDragged = from !== null && !area.hidden;
      const [left, right] = isDragged ? ends(event) : [];
      from = null;
      area.hidden = true;
      if (isDragged) show(one, one.drawn.x.back(left), one.drawn.x.back(right));
    });
    plot.addEventListener('pointercancel', () => {
      from = null;
      area.hidden = true;
    });
    plot.addEventListener('dblclick', reset);
  }

  // `large()` is the chart that is enlarged.
  function start(large) {
    byId('chart-in').addEventListener('click', () => zoom(large(), 0.5));
    byId('chart-out').addEventListener('click', () => zoom(large(), 2));
    byId('chart-dialog').addEventListener('keydown', (event) => {
      if (event.key === '+' || event.key === '=') zoom(large(), 0.5);
      else if (event.key === '-') zoom(large(), 2);
      else if (event.key === 'Escape' && range()) reset();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  return {start, range, listenToDrag};
};
