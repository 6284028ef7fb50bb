// Search in the keys, the captions, the ids, the names of what is drawn, and the texts of a run: but for keys they come in a data script for
// each block of steps, the last first, and what is found shows at once.

import * as address from '../core/address.js';
import {byId, make} from '../core/dom.js';
import * as keys from '../core/keys.js';
import {number} from '../core/numbers.js';
import {viewer} from '../core/viewer.js';
import * as live from '../data/live.js';
import {openRun} from '../data/run_data.js';
import {captionsScript, stepPage} from '../data/site_names.js';

const name = 'Search keys, captions, classes, boxes and texts';
const page = 200; // results drawn at first, and each time more are asked for
const maxDrawn = 6; // names of what is drawn that show of an image
const mostKeys = 5; // that are drawn, and as many charts
const maxLength = 400; // characters of a caption or text that show
let run = null;
const blocks = new Map(); // number → {tag, captions: [{step, key, index, id, caption, drawn, picture, isPart, text}], hasParts}, a text with null for its index
let charts = {revision: -1, all: []}; // of each key with numbers, {key, last}
const counted = (many, noun) => `${many.toLocaleString('en')} ${noun}${many === 1 ? '' : 's'}`;
const lists = new Intl.ListFormat('en');
// As it is compared: whatever its capitals, and however its accents are written (names of files on macOS have them apart).
const folded = (text) => text.normalize('NFC').toLowerCase();
let dialog = null;
let ticket = 0;
let timer = 0;
let found = [];
let limit = page;

async function captionsOf(number) {
  const tag = Math.max(...run.blocks[number].map(run.revisionOf));
  const known = blocks.get(number);
  if (known?.tag === tag) return known.captions;
  const rows = await live.load(`captions-${number}`, captionsScript(number), tag);
  const captions = rows.map(([step, key, index, caption, more, drawn = [], id = null]) => {
    const text = [key, id, caption, ...drawn].join('\n');
    return {step, key, index, id, caption: caption ?? '', drawn, text: folded(text), ...(index === null ? {isPart: more} : {picture: more})};
  });
  blocks.set(number, {tag, captions, hasParts: captions.some(({isPart}) => isPart)});
  return captions;
}

async function loadCharts() {
  const {revision} = run;
  if (charts.revision === revision) return;
  const all = await live.load('charts', 'data/charts.js', revision);
  charts = {revision, all: all.map(([key, , , , , , , , last]) => ({key, last}))};
}

// Captions with all words as whole words come first, of these the newest.
const inOrder = (a, b) => b.isWhole - a.isWhole || b.step - a.step || (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index);

function wholeWords(words) {
  const patterns = words.map((word) => {
    const written = word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    return new RegExp(`(?<![\\p{L}\\p{N}])${written}(?![\\p{L}\\p{N}])`, 'u');
  });
  return (text) => patterns.every((pattern) => pattern.test(text));
}

const wanted = () => folded(dialog.input.value).split(/\s+/).filter(Boolean);

async function search() {
  ticket += 1;
  const mine = ticket;
  const words = wanted();
  found = [];
  limit = page;
  show(words);
  dialog.status.textContent = '';
  if (words.length) await searchBlocks(mine, words);
  if (mine === ticket) dialog.list.setAttribute('aria-busy', 'false');
}

async function searchBlocks(mine, words) {
  await run.read(Date.now());
  await loadCharts();
  if (mine === ticket) show(words);
  const numbers = [...run.blocks.keys()].filter((number) => run.blocks[number].length).reverse();
  const isWhole = wholeWords(words);
  for (const [done, number] of numbers.entries()) {
    const captions = await captionsOf(number);
    if (mine !== ticket) return; // another question has been asked
    const more = captions
      .filter(({text}) => words.every((word) => text.includes(word)))
      .map((caption) => ({...caption, isWhole: isWhole(caption.text)}))
      .sort(inOrder);
    if (more.length) {
      const before = found.length;
      found = found.concat(more).sort(inOrder);
      if (before < limit || inOrder(more[0], found[limit - 1]) <= 0) show(words);
    }
    showStatus(words, (done + 1) / numbers.length);
  }
  if (!numbers.length) showStatus(words, 1);
}

function showStatus(words, share) {
  const texts = found.filter(({index}) => index === null).length;
  const images = found.length - texts;
  const ofCharts = chartsOf(words).length;
  const counts = [ofCharts && counted(ofCharts, 'chart'), images && counted(images, 'image'), texts && counted(texts, 'text')].filter(Boolean);
  const hasParts = [...blocks.values()].some(({hasParts}) => hasParts);
  const limits = [ofCharts > mostKeys && `the first ${mostKeys} charts shown`, share < 1 && `${Math.round(100 * share)} % searched`, hasParts && 'very long texts searched in their beginning only'].filter(Boolean);
  const ofKeys = keysOf(words).length;
  dialog.status.textContent = [`${lists.format(counts) || (ofKeys ? counted(ofKeys, 'key') : 'nothing')} found`, ...limits].join(', ');
}

// The parts of a text, with the words in it marked.
function marked(text, words) {
  const lower = folded(text);
  if (lower.length !== text.length) return [text]; // places would not be the same
  const parts = [];
  let at = 0;
  while (at < text.length) {
    const next = words.map((word) => [lower.indexOf(word, at), word.length]).filter(([place]) => place >= 0);
    if (!next.length) break;
    const [start, length] = next.reduce((a, b) => (b[0] < a[0] || (b[0] === a[0] && b[1] > a[1]) ? b : a));
    parts.push(text.slice(at, start), make('mark', {textContent: text.slice(start, start + length)}));
    at = start + length;
  }
  return [...parts, text.slice(at)];
}

// Of a long caption the part around the first word found.
function excerpt(caption, words) {
  if (caption.length <= maxLength) return caption;
  const lower = folded(caption);
  const first = Math.min(...words.map((word) => lower.indexOf(word)).filter((place) => place >= 0), caption.length);
  const start = first === caption.length ? 0 : Math.max(0, first - 60);
  return `${start ? '…' : ''}${caption.slice(start, start + maxLength)}…`;
}

// Of the names of what is drawn those with one of the words, those with most of them first.
function drawnWords(drawn, words) {
  const countIn = (name) => words.filter((word) => folded(name).includes(word)).length;
  const those = drawn.filter(countIn).sort((a, b) => countIn(b) - countIn(a));
  const names = those.slice(0, maxDrawn).flatMap((name) => [make('bdi', {className: 'drawn'}, ...marked(name, words)), ' ']);
  return those.length > maxDrawn ? [...names, `and ${those.length - maxDrawn} more`] : names;
}

function result({step, key, index, id, caption, drawn, picture}, words) {
  const isText = index === null;
  const where = make('span', {className: 'where'}, `step ${step} · `, make('bdi', {}, ...marked(key, words)), ' · ', ...(isText ? ['text'] : id === null ? [`#${index}`] : [make('bdi', {}, ...marked(id, words))]));
  const link = make('a', {}, where, make('bdi', {className: 'words'}, ...marked(excerpt(caption, words), words)));
  if (drawn.length) link.append(make('span', {}, ...drawnWords(drawn, words)));
  if (picture) link.prepend(make('img', {src: new URL(`../${picture}`, viewer()).href, loading: 'lazy', alt: ''}));
  link.href = `${viewer()}${stepPage(step)}${address.link(isText ? {text: key} : {image: `${key}/${index}`})}`;
  return make('li', {}, link);
}

// A key has its name, and some have other words: those of them that were found stand beside it.
function keyResult(key, words) {
  const others = run.wordsOf(key).filter((other) => words.some((word) => folded(other).includes(word)));
  const beside = others.length ? [make('span', {className: 'quiet'}, ' with ', make('bdi', {}, ...marked(others.join(', '), words)))] : [];
  const link = make('a', {}, make('span', {className: 'where'}, 'all steps of'), make('bdi', {className: 'words'}, ...marked(key, words), ...beside));
  link.href = `${viewer()}key.html${address.link({key})}`;
  link.dataset.key = key;
  return make('li', {}, link);
}

// A key with numbers leads to its chart, on the page of the run.
function chartResult({key, last}, words) {
  const value = make('span', {className: 'quiet'}, ` last ${number(last)}`);
  const link = make('a', {}, make('span', {className: 'where'}, 'chart of'), make('bdi', {className: 'words'}, ...marked(key, words), value));
  link.href = new URL(`../index.html${address.link({chart: key})}`, viewer()).href;
  return make('li', {}, link);
}

const haveAll = (texts, words) => words.length > 0 && words.every((word) => texts.some((text) => folded(text).includes(word)));
const shortestFirst = (a, b) => a.length - b.length; // what is called so, and no more, before what has it in its name

// The first keys that have all words, in their name or beside it.
const keysOf = (words) => run.allKeys().filter((key) => haveAll([key, ...run.wordsOf(key)], words)).sort(shortestFirst).slice(0, mostKeys);

const chartsOf = (words) => charts.all.filter(({key}) => haveAll([key], words)).sort((a, b) => shortestFirst(a.key, b.key));

function show(words) {
  const ofKeys = keysOf(words).map((key) => keyResult(key, words));
  const ofCharts = chartsOf(words).slice(0, mostKeys).map((one) => chartResult(one, words));
  dialog.results.replaceChildren(...ofKeys, ...ofCharts, ...found.slice(0, limit).map((one) => result(one, words)));
  dialog.more.hidden = found.length <= limit;
}

function showMore() {
  limit += page;
  show(wanted());
}

// From the field to the results and back; among the results, up and down.
function pressKey(event) {
  const links = [...dialog.results.querySelectorAll('a')];
  const at = links.indexOf(document.activeElement);
  if (event.key === 'ArrowDown') (links[at + 1] ?? links.at(-1))?.focus();
  else if (event.key === 'ArrowUp') (at > 0 ? links[at - 1] : dialog.input).focus();
  else if (event.key === 'Enter' && event.target === dialog.input) links[0]?.click();
  else if (event.key === 'Escape') dialog.element.close(); // Firefox and WebKit would empty the field first
  else return;
  event.preventDefault();
}

function makeDialog() {
  const element = make('dialog', {className: 'search'});
  const input = make('input', {type: 'search', placeholder: name, autocomplete: 'off', spellcheck: false});
  const close = make('button', {type: 'button', textContent: 'Close'});
  const status = make('p', {className: 'quiet'});
  const results = make('ol');
  const more = make('button', {type: 'button', textContent: 'More', hidden: true});
  element.setAttribute('aria-label', name);
  input.setAttribute('aria-label', name);
  status.setAttribute('role', 'status');
  const list = make('div', {className: 'results'}, results, more);
  element.append(make('div', {className: 'field'}, input, close), status, list);
  document.body.append(element);
  close.addEventListener('click', () => element.close());
  more.addEventListener('click', showMore);
  element.addEventListener('keydown', pressKey);
  results.addEventListener('click', ({target}) => target.closest('a') && element.close());
  input.addEventListener('input', () => {
    list.setAttribute('aria-busy', 'true');
    clearTimeout(timer);
    timer = setTimeout(() => search().catch(fail), 120);
  });
  return {element, input, status, list, results, more};
}

function fail() {
  dialog.status.textContent = 'What is searched cannot be loaded; try again';
  dialog.list.setAttribute('aria-busy', 'false');
}

function open() {
  dialog ??= makeDialog();
  dialog.element.showModal();
  dialog.input.select();
}

export function start() {
  run = openRun(viewer());
  keys.add({'/': open});
  byId('search').addEventListener('click', open);
}
