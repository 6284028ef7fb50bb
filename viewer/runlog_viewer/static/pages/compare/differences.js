// How runs differ: their configuration and the numbers of their summaries side by side, where they are not the same, or all.

import {lineSample} from '../../charts/line_sample.js';
import * as address from '../../core/address.js';
import {byId, make} from '../../core/dom.js';
import {morph} from '../../core/morph.js';

const host = () => byId('differences');
const isWhole = () => address.get('rows') === 'all';

const text = (value) => make('bdi', {textContent: value});

function lines(runs, name) {
  const values = runs.map(({about}) => new Map(about[name]));
  const names = [...new Set(values.flatMap((of) => [...of.keys()]))];
  return names.map((of) => [of, values.map((value) => value.get(of))]);
}

const differ = ([, values]) => new Set(values).size > 1;
const isNumber = ([, values]) => values.some((value) => value !== undefined && (value === 'NaN' || !Number.isNaN(Number(value))));

function rowOf(found) {
  const [name, values] = found;
  const cells = values.map((value) => make('td', {}, value === undefined ? '–' : text(value)));
  return make('tr', {className: isWhole() && differ(found) ? 'differs' : ''}, make('th', {scope: 'row'}, text(name)), ...cells);
}

function group(title, found, count) {
  const head = make('tr', {className: 'part-head'}, make('th', {scope: 'rowgroup', colSpan: count + 1, textContent: title}));
  return make('tbody', {}, head, ...found.map(rowOf));
}

function groups(runs) {
  const [config, summary] = [lines(runs, 'config'), lines(runs, 'summary').filter(isNumber)];
  const found = config.filter(differ);
  const title = found.length ? 'Configuration that differs' : 'The same configuration';
  const first = isWhole() ? group('Configuration', config, runs.length) : group(title, found, runs.length);
  return summary.length ? [first, group('Summary', isWhole() ? summary : summary.filter(differ), runs.length)] : [first];
}

function table(runs) {
  const names = runs.map(({title, line}) => make('th', {scope: 'col'}, ...(line === null ? [] : [lineSample(line), ' ']), text(title)));
  return make('table', {className: 'of-runs'}, make('thead', {}, make('tr', {}, make('td'), ...names)), ...groups(runs));
}

// Shows {title, about, line}, of two runs or more; `line` is the place of a run that has lines in charts, or null.
export function show(runs) {
  const fresh = make('div');
  if (runs.length > 1) {
    const box = make('input', {type: 'checkbox', id: 'all-values', checked: isWhole()});
    const head = make('div', {className: 'of-runs-head'}, make('h2', {textContent: 'The runs'}), make('label', {className: 'check'}, box, ' All values'));
    const frame = make('div', {className: 'of-runs-frame', tabIndex: 0}, table(runs));
    frame.setAttribute('role', 'region');
    frame.setAttribute('aria-label', 'The runs');
    fresh.append(make('section', {className: 'panel'}, head, frame));
  }
  morph(host(), fresh);
}

// `changed()` is called when the reader wants other rows.
export function start(changed) {
  host().addEventListener('change', ({target}) => {
    address.set({rows: target.checked ? 'all' : null});
    changed();
  });
}
