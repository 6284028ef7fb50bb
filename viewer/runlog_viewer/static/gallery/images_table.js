// The images of a key as a table, a row an image of any step: what a row says comes in a data script for each block of steps,
// a picture as its row comes into sight.

import {byId, make} from '../core/dom.js';
import * as live from '../data/live.js';
import {imagesScript} from '../data/site_names.js';
import {figureOf} from './cell_pictures.js';
import {readFigures} from './figures.js';
import {imageTable} from './image_rows.js';
import {tableModel} from './table_model.js';
import * as tables from './tables.js';

const mostGroups = 100; // different values of a column to group by
const link = (path, viewer) => new URL(`../${path}`, viewer).href;

// `host` is the element for the table, `run` from `openRun`; `read(gallery, figure)` is called when all of an image has been
// read, with the gallery that it is from.
export const openImagesTable = (host, run, read) => {
  const blocks = new Map(); // number → {tag, groups} of the key
  let key = null;
  let shown = ''; // what is in the table
  let section = null;

  async function groupsOf(number) {
    const tag = Math.max(...run.blocks[number].map(run.revisionOf));
    if (blocks.get(number)?.tag !== tag) {
      const wanted = key;
      const all = await live.load(`images-${number}`, imagesScript(number), tag);
      if (wanted !== key) return [];
      blocks.set(number, {tag, groups: all.filter((group) => group.key === key)});
    }
    return blocks.get(number).groups;
  }

  // The latest step first, as on the page of a key.
  async function readGroups() {
    const steps = new Set(run.stepsOf(key));
    const numbers = [...run.blocks.keys()].filter((number) => run.blocks[number].some((step) => steps.has(step)));
    const found = await Promise.all(numbers.map(groupsOf));
    return found.flat().sort((a, b) => b.step - a.step);
  }

  const nameOf = ({step, index}) => `${key}, step ${step}, ${index}`; // as that of a picture of the gallery without a caption

  function picture({picture: small, file, width, height}, words) {
    const img = make('img', {src: link(small, run.viewer), width, height, alt: words, decoding: 'async'});
    img.style.setProperty('--enlarged', `${height * Math.max(1, Math.floor(28 / height))}px`); // a whole number of times
    if (small !== file) img.dataset.full = link(file, run.viewer);
    return make('a', {className: 'picture', href: link(file, run.viewer)}, img);
  }

  // What is drawn over an image and all that is known of it stand in the gallery of its step, of which the last is kept:
  // one who walks through images often stays at a step.
  let kept = {step: null, figures: null};
  async function whole({dataset}) {
    const [step, index] = [Number(dataset.step), Number(dataset.index)];
    if (kept.step !== step) {
      const reading = kept = {step, figures: readFigures(run, step, key, (gallery) => gallery)};
      reading.figures.catch(() => { if (kept === reading) kept = {step: null, figures: null}; }); // asked for again, it may be there
    }
    const {figures, gallery} = await kept.figures;
    const found = figures.find((one) => Number(one.dataset.index) === index) ?? null;
    if (found) read(gallery, found);
    return found;
  }

  function sourceOf({columns, rows, images}) {
    const model = tableModel(columns.map(({name}) => name), rows.length);
    for (const [place, row] of rows.entries()) row[0].picture = () => picture(images[place], row[0].words || nameOf(images[place]));
    model.put(0, rows);
    const figureOfRow = (place, names, cells, column) => {
      const {step, index, id} = images[place];
      return figureOf({key, step, index, ...(id === null ? {} : {id})}, names, cells, column);
    };
    return {model, filters: {}, need: async () => {}, figureOf: figureOfRow, about: {run, whole}, isOf: () => true};
  }

  function fillChoice(select, names) {
    select.replaceChildren(new Option('none', ''), ...names.map((name) => new Option(name, name)));
  }

  function put(table) {
    const source = sourceOf(table);
    const {columns, rows, isSmall} = table;
    section.dataset.rows = rows.length;
    section.querySelector('.table-size').textContent = `${rows.length.toLocaleString('en')} ${rows.length === 1 ? 'image' : 'images'}`;
    section.querySelector('.table-identity').textContent = columns.some(({name}) => name === 'id') ? '' : 'without ids: told by their place in the list';
    section.classList.toggle('small', isSmall);
    section.querySelector('table').setAttribute('aria-rowcount', rows.length + 1);
    const heads = columns.map(({name, type}) => {
      const th = make('th', {scope: 'col', className: ['number', 'bool'].includes(type) ? 'right' : ''}, make('bdi', {textContent: name}));
      th.dataset.type = type;
      return th;
    });
    section.querySelector('thead tr').replaceChildren(section.querySelector('thead .row-number'), ...heads);
    const fields = columns.flatMap(({name, isField}, at) => (isField ? [{name, at}] : []));
    fillChoice(section.querySelector('[name=colour]'), fields.map(({name}) => name));
    fillChoice(section.querySelector('[name=group]'), fields.filter(({at}) => source.model.distinct(at).length <= mostGroups).map(({name}) => name));
    tables.bring(section, source);
  }

  // Shows the images of a key as the data has them by now.
  async function show(wanted) {
    if (wanted !== key) {
      [key, shown, kept] = [wanted, '', {step: null, figures: null}];
      blocks.clear();
      section = byId('images-table').content.firstElementChild.cloneNode(true);
      section.dataset.key = section.querySelector('.table-frame').ariaLabel = key;
      host.replaceChildren(section);
    }
    const now = JSON.stringify([key, run.stepsOf(key).map((step) => [step, run.revisionOf(step)])]);
    if (now === shown) return;
    const groups = await readGroups();
    if (wanted !== key) return;
    [shown, kept] = [now, {step: null, figures: null}];
    put(imageTable(groups));
  }

  return {show};
};
