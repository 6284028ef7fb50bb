// The settings that decide what is seen stand at the end of the address, where they are not the usual ones: a link
// shows the same elsewhere. What a link says goes before what the tab remembers.

import * as address from './address.js';
import {readList, writeList} from './address_text.js';
import {isOffAtFirst} from './hiding.js';
import {orderWords, verdictWords} from './judged_words.js';
import * as settings from './settings.js';

const linked = ['hidden', 'classes', 'minimums', 'sort', 'pages', 'earlier', 'folded', 'openTexts', 'differing', 'judged'];
const names = ['hide', 'on', 'only', 'min', 'sort', 'page', 'earlier', 'fold', 'open', 'texts', 'masks', 'judged'];
const judgedOrder = new RegExp(`^-?judged\\.(${Object.keys(orderWords).join('|')}|worse\\.\\d{1,19})$`);
const units = ['boxes', 'pixels'];
const isOfCell = /^(-?\d+|none|other)$/;
const isClass = (text) => /^\d+~?$/.test(text);

// Names are told from what they are given by the last colon.
const pairs = (values) => writeList(Object.entries(values).map(([name, value]) => `${name}:${value}`));

function readPairs(text, isValid) {
  const found = (readList(text) ?? []).map((pair) => {
    const colon = pair.lastIndexOf(':');
    return [pair.slice(0, colon), Number(pair.slice(colon + 1))];
  });
  return found.filter(([given, value]) => given && isValid(value));
}

function readLayer(text) {
  const [, kind, layer] = text.match(/^([a-z]+):(.*)$/s) ?? [];
  return kind && [kind, layer];
}

// Of the judged images of a key those with boxes of some verdicts, KEY:missed.false_positive, or those of a cell of a confusion,
// KEY:boxes.3.none.
function readJudged(text) {
  const [, key, asked] = text?.match(/^(.+):([\w.-]+)$/s) ?? [];
  const parts = asked?.split('.') ?? [];
  if (parts.length && parts.every((one) => Object.hasOwn(verdictWords, one))) return {key, verdicts: parts};
  const [unit, ...cell] = parts;
  return units.includes(unit) && cell.length === 2 && cell.every((one) => isOfCell.test(one)) ? {key, unit, cell: cell.join(' ')} : null;
}

// An order of judged images that there is none of is the usual order.
const readSort = (text) => (!/^-?judged(\.|$)/.test(text) || judgedOrder.test(text) ? text : '');

const writeJudged = ({key, verdicts, unit, cell}) => `${key}:${verdicts ? verdicts.join('.') : `${unit}.${cell.replace(' ', '.')}`}`;

// What the parts of an address say of the settings, the usual for the rest; null where they say nothing.
export function read(parts) {
  const [hide, on, only, open, fold] = ['hide', 'on', 'only', 'open', 'fold'].map((name) => readList(parts.get(name)));
  if (names.every((name) => parts.get(name) === null)) return null;
  return {
    hidden: (hide ?? []).map(readLayer).filter(Boolean),
    classes: {only: only !== null, ids: (only ?? [...hide ?? [], ...on ?? []]).filter(isClass)},
    minimums: Object.fromEntries(readPairs(parts.get('min'), Number.isFinite)),
    sort: readSort(parts.get('sort') ?? ''),
    pages: Object.fromEntries(readPairs(parts.get('page'), (page) => Number.isInteger(page) && page > 0).map(([key, page]) => [key, page - 1])),
    earlier: parts.get('earlier') !== 'no',
    folded: {only: open !== null, keys: open ?? fold ?? []},
    openTexts: parts.get('texts') === 'open',
    differing: parts.get('masks') === 'differing',
    judged: readJudged(parts.get('judged')),
  };
}

// What an address has to say of settings; null for what is usual.
export function written({hidden, classes: {only, ids}, minimums, sort, pages, earlier, folded, openTexts, differing, judged}) {
  const layers = hidden.map(([kind, layer]) => `${kind}:${layer}`);
  const turned = Object.entries(pages).filter(([, page]) => page > 0).map(([key, page]) => [key, page + 1]);
  return {
    hide: writeList(only ? layers : [...layers, ...ids.filter((id) => !isOffAtFirst(id))]),
    on: only ? null : writeList(ids.filter(isOffAtFirst)),
    only: only ? writeList(ids.length ? ids : ['none']) : null,
    min: pairs(minimums),
    page: pairs(Object.fromEntries(turned)),
    fold: folded.only ? null : writeList(folded.keys),
    open: folded.only ? writeList(folded.keys) ?? '' : null,
    sort: sort || null,
    earlier: earlier ? null : 'no',
    texts: openTexts ? 'open' : null,
    masks: differing ? 'differing' : null,
    judged: judged && writeJudged(judged),
  };
}

/** @returns {any} */
const ofPage = () => Object.fromEntries(linked.map((name) => [name, settings.get(name)]));

function write() {
  address.set(written(ofPage()));
}

function take() {
  const wanted = read(address.parts());
  if (wanted && JSON.stringify(wanted) !== JSON.stringify(ofPage())) settings.assign(wanted);
  else write();
}

export function start() {
  take();
  settings.onChange((changed) => changed.some((name) => linked.includes(name)) && write());
  address.onChange(take);
}
