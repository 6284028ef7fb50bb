// What one pane of the page that compares is to show, from the data of its run.

import {figureOfImage, identityOf} from '../../core/identity.js';
import {stepPage} from '../../data/site_names.js';
import {readFigures} from '../../gallery/figures.js';

const longestWait = 400; // ms

const layersIn = (figure) => [...figure.querySelectorAll('.picture [data-kind]')];
const layerNames = (figure) => [...new Set(layersIn(figure).map((layer) => layer.dataset.layer))];

function withLayers(figure, layers) {
  for (const layer of layers ? layersIn(figure) : []) if (!layers.includes(layer.dataset.layer)) layer.remove();
  return figure;
}

// Gives {figures, run, prepare, step, href, gallery} of the latest images at or before a step (`place` in words), or a {message} in words.
/** @returns {Promise<any>} */
export async function readPane({data, problem}, {layers}, {key, step, place: asked}) {
  if (problem) return {message: problem};
  if (data.revision < 0) return {message: 'Reading …'};
  if (key === null) return {message: data.keysAt().length ? 'Reading …' : 'No images so far.'};
  if (!data.stepsOf(key).length) return {message: `No images of ${key} in this run.`};
  const at = data.latest(key, step);
  if (at === undefined) return {message: `No images of ${key} at ${asked} or before.`};
  const place = {step: at, href: `${data.viewer}${stepPage(at)}`};
  try {
    const {figures, gallery} = await readFigures(data, at, key);
    return {...place, figures, run: data, prepare: (of) => withLayers(of, layers), gallery};
  } catch {
    return {...place, message: 'This step cannot be loaded.'};
  }
}

// Which image all panes show: one that was chosen by its place is from then on the one with the id that the first pane has there.
export function imageOf(read, chosen) {
  const found = read.map(({figures}) => figures && figureOfImage(figures, chosen)).find(Boolean);
  return found ? identityOf(found) : {id: chosen.id, index: chosen.index};
}

// What a pane that was read shows of an image: with {figure, names} of it, or a {message} in words.
export function pick(pane, image) {
  if (!pane.figures) return pane;
  const figure = figureOfImage(pane.figures, image);
  const count = pane.figures.length;
  if (!figure) return {...pane, figures: null, message: `No image ${image.id ?? image.index} at this step: it has ${count === 1 ? 'one' : count}.`};
  const names = layerNames(figure);
  return {...pane, figure, names, figures: pane.figures.map(pane.prepare)};
}

// The image some places away in the longest list that has the one shown, undefined where there is none.
export function imageAway(panes, by) {
  const [{figures, figure} = {figures: []}] = panes.filter((pane) => pane.figure).sort((a, b) => b.figures.length - a.figures.length);
  const next = figures[figures.indexOf(figure) + by];
  return next && identityOf(next);
}

// Resolves when the pictures of figures are there to be seen, or have taken too long.
export async function decoded(figures) {
  const links = figures.flatMap((figure) => [...figure.querySelectorAll('img, image.mask')].map((of) => of.getAttribute('src') ?? of.getAttribute('href')));
  const decoding = [...new Set(links)].map((src) => Object.assign(new Image(), {src}).decode());
  await Promise.race([Promise.allSettled(decoding), new Promise((resolve) => setTimeout(resolve, longestWait))]);
}
