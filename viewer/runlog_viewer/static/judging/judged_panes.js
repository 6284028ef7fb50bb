// Judged images on the page that compares: what is said of those of each pane side by side, and the order to go through them.

import {fillSelect, make} from '../core/dom.js';
import * as identity from '../core/identity.js';
import {verdictWords} from '../core/judged_words.js';
import {morph} from '../core/morph.js';
import {number} from '../core/numbers.js';
import * as settings from '../core/settings.js';
import {inOrder} from '../gallery/order.js';
import {dataOf, leastOf, panelOf} from './judged_data.js';
import {countsOf, imageAmong, judge, mistakes, mistakesOf, shareOf} from './judging_model.js';
import * as mistakesOrder from './mistakes_order.js';
import {ofVerdict, sign, verdictList} from './verdict_list.js';
import {judgedOf, markBoxes} from './verdicts.js';

const mostRows = 50; // of images, until all are asked for
const share = (value) => (Number.isNaN(value) ? '–' : number(value));
const hasBoxes = (data) => Object.values(data.images).some(({truth}) => truth);

// What is said of all images of a pane together, as texts.
function totalsOf(data) {
  const counts = countsOf(judgedOf(data).values());
  const {true_positive: found, false_positive: wrong, missed} = counts;
  return [...Object.values(counts).map(String), share(shareOf(found, wrong, missed)), share(shareOf(found, missed, wrong))];
}

function totalsTable(panes) {
  const names = ['images', ...Object.keys(verdictWords), 'precision', 'recall'];
  const heads = names.map((name) => (name in verdictWords ? ofVerdict('th', name, sign(), verdictWords[name]) : make('th', {textContent: name})));
  for (const head of heads) head.scope = 'col';
  const rows = panes.map(({title, data}) => {
    const cells = [String(Object.keys(data.images).length), ...totalsOf(data)];
    return make('tr', {}, make('th', {scope: 'row'}, make('bdi', {textContent: title})), ...cells.map((textContent) => make('td', {textContent})));
  });
  return make('table', {className: 'judged-totals'}, make('thead', {}, make('tr', {}, make('td'), ...heads)), make('tbody', {}, ...rows));
}

// The same pictures of all panes: {image, of}, `of` with what each pane says of it, undefined where that is nothing.
function imagesOf(panes) {
  const found = new Map();
  for (const {data} of panes) {
    for (const [index, said] of Object.entries(data.images)) {
      const image = {id: said.id ?? null, index: Number(index)};
      const name = JSON.stringify(image.id ?? image.index);
      if (!found.has(name)) found.set(name, {image, of: panes.map((pane) => imageAmong(pane.data.images, image, index))});
    }
  }
  return [...found.values()];
}

// How many more mistakes of an image the last pane has than the first.
function moreOf(panes, {of}) {
  const [first, last] = [0, panes.length - 1];
  return of[last] ? mistakes('worse', of[last], of[first], leastOf(panes[last].data), leastOf(panes[first].data)) : NaN;
}

function valuesOf(panes, row, name) {
  if (name.startsWith('worse')) return [moreOf(panes, row)];
  return row.of.map((said, n) => (said ? mistakes(name, said, null, leastOf(panes[n].data)) : NaN));
}

const signed = (value, isBoxes) => (Number.isNaN(value) ? '' : `${value > 0 ? '+' : ''}${isBoxes ? value : number(value)}`.replace('-', '−'));

function cellsOf(said, data, isBoxes) {
  if (!said) return isBoxes ? ['', '', ''] : [''];
  if (!isBoxes) return [number(mistakesOf(said, leastOf(data)).errors)];
  return Object.values(countsOf([judge(said, leastOf(data))])).map(String);
}

// `host` is the element for it; `go(image)` is called when the reader wants another image, `changed()` when what is said of boxes
// may be other than before.
export function openJudgedPanes(host, {go, changed}) {
  const [totals, images] = [make('div', {className: 'judged-frame', tabIndex: 0}), make('div', {className: 'judged-frame', tabIndex: 0})];
  const about = make('p', {className: 'quiet'});
  const order = make('select');
  const all = make('button', {type: 'button'});
  const title = make('h2', {textContent: 'Judged images'});
  const choice = make('p', {}, make('label', {className: 'choice'}, 'Images by ', order));
  const section = make('section', {className: 'panel judged-panes'}, title, about, totals, choice, images, all);
  let panes = []; // those that have judged images: {title, data, place}
  let rows = []; // all images, in order
  let current = null;
  let isWhole = false;
  for (const [frame, words] of [[totals, 'Judged images together'], [images, 'Judged images']]) {
    frame.setAttribute('role', 'region');
    frame.setAttribute('aria-label', words);
  }
  host.append(section);

  function orders() {
    const [first] = panes;
    const more = panes.length > 1 ? [['-judged.worse', `worse than ${first.title}`], ['judged.worse', `better than ${first.title}`]] : [];
    const ofBoxes = panes.some(({data}) => hasBoxes(data)) ? [['-judged.fp', mistakesOrder.wordsOf('fp')], ['-judged.fn', mistakesOrder.wordsOf('fn')]] : [];
    return [['', 'their place in the list'], ...more, ['-judged.errors', mistakesOrder.wordsOf('errors')], ...ofBoxes];
  }

  // Which of the orders the setting asks for: since which step images got worse says nothing here.
  function asked() {
    const {name, isDescending} = mistakesOrder.asked() ?? {};
    const value = name ? `${isDescending ? '-' : ''}judged.${name.split('.')[0]}` : '';
    return orders().some(([known]) => known === value) ? value : '';
  }

  function arrange() {
    rows = imagesOf(panes);
    const value = asked();
    const name = value.replace(/^-?judged\./, '');
    if (value) rows = inOrder(rows.map((row) => ({row, values: valuesOf(panes, row, name)})), value.startsWith('-')).map(({row}) => row);
  }

  function imageRow(row, isBoxes) {
    const button = make('button', {type: 'button', className: 'plain', textContent: identity.nameOf(row.image)});
    const cells = row.of.flatMap((said, n) => cellsOf(said, panes[n].data, isBoxes));
    const more = panes.length > 1 ? [make('td', {className: 'more-errors', textContent: signed(moreOf(panes, row), isBoxes)})] : [];
    const tr = make('tr', {}, make('th', {scope: 'row'}, button), ...cells.map((textContent) => make('td', {textContent})), ...more);
    for (const [name, value] of Object.entries(identity.write(row.image))) if (value !== null) tr.dataset[name] = value;
    if (current && identity.isSameImage(row.image, current)) tr.setAttribute('aria-current', 'true');
    return tr;
  }

  function imagesTable() {
    const isBoxes = panes.some(({data}) => hasBoxes(data));
    const names = isBoxes ? Object.keys(verdictWords) : ['wrong pixels'];
    const groups = panes.map((pane) => make('th', {scope: 'colgroup', colSpan: names.length}, make('bdi', {textContent: pane.title})));
    const heads = panes.flatMap(() => names.map((name) => (isBoxes ? ofVerdict('th', name, sign(), verdictWords[name]) : make('th', {textContent: name}))));
    for (const head of heads) head.scope = 'col';
    const more = panes.length > 1 ? [make('th', {scope: 'col', rowSpan: 2, textContent: isBoxes ? 'errors more' : 'wrong more'})] : [];
    const head = make('thead', {}, make('tr', {}, make('th', {scope: 'col', rowSpan: 2, textContent: 'image'}), ...groups, ...more), make('tr', {}, ...heads));
    const shown = isWhole ? rows : rows.slice(0, mostRows);
    return make('table', {className: 'judged-images'}, head, make('tbody', {}, ...shown.map((row) => imageRow(row, isBoxes))));
  }

  function put(frame, table) {
    const fresh = make('div');
    fresh.append(table);
    morph(frame, fresh);
  }

  // Says it all at the threshold.
  function refresh() {
    host.hidden = !panes.length;
    if (!panes.length) return;
    arrange();
    const inAll = rows.filter(({of}) => of.every(Boolean)).length;
    const least = [...new Set(panes.map(({data}) => (hasBoxes(data) ? `${data.score ?? 'score'} ≥ ${number(leastOf(data))}` : 'by pixels')))];
    about.textContent = `${inAll === rows.length ? rows.length : `${inAll} of ${rows.length}`} ${rows.length === 1 ? 'image' : 'images'}${panes.length > 1 ? ' in each pane' : ''}, ${least.join(', ')}`;
    totals.hidden = !panes.some(({data}) => hasBoxes(data));
    if (!totals.hidden) put(totals, totalsTable(panes.filter(({data}) => hasBoxes(data))));
    choice.hidden = images.hidden = rows.length < 2 && !totals.hidden;
    put(images, imagesTable());
    all.hidden = isWhole || rows.length <= mostRows;
    all.textContent = `All ${rows.length.toLocaleString('en')} images`;
    fillSelect(order, orders(), asked());
  }

  // Takes what each pane shows, {title, gallery, key}, where it shows anything, and the image that they show.
  function show(shown, image) {
    panes = shown.flatMap(({title, gallery, key}, place) => {
      const panel = gallery && panelOf(gallery, key);
      return panel ? [{title, place, data: dataOf(panel)}] : [];
    });
    current = image;
    refresh();
  }

  // The image some places away from one in the order that is asked for, null where there is none; undefined where images go by
  // their place.
  function away(image, by) {
    if (!panes.length || !asked()) return undefined;
    const at = rows.findIndex((row) => identity.isSameImage(row.image, image));
    return rows[at + by]?.image ?? null;
  }

  const saidBy = (place, index) => {
    const pane = panes.find((one) => one.place === place);
    return pane && {data: pane.data, said: judgedOf(pane.data).get(String(index))};
  };

  // Says of the boxes of an image of a pane what they are, wherever it stands in `root`.
  function mark(root, place, index) {
    const {data, said} = saidBy(place, index) ?? {};
    if (said) markBoxes(root, data, said);
  }

  // How many of these there are of each verdict, as a list; nothing where they were not judged.
  function countsIn(place, index) {
    const {data, said} = saidBy(place, index) ?? {};
    if (!said || !hasBoxes(data)) return [];
    return [verdictList(said)];
  }

  order.addEventListener('change', () => {
    settings.assign({sort: order.value, pages: {}});
    go(rows[0].image);
  });
  all.addEventListener('click', () => {
    isWhole = true;
    refresh();
    images.focus();
  });
  images.addEventListener('click', ({target}) => {
    const row = target.closest('button') && target.closest('tr');
    if (row) go(identity.read((name) => row.dataset[name] ?? null));
  });
  settings.onChange((names) => {
    if (!names.includes('sort') && !names.includes('minimums')) return;
    refresh();
    changed();
  });
  return {show, away, mark, countsIn};
}
