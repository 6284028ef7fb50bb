// What one pane of the page that compares is to show, from the data of its run.

import {stepPage} from '../../data/site_names.js';
import {readFigures} from '../../gallery/figures.js';

const longestWait = 400; // ms

const layersIn = (figure) => [...figure.querySelectorAll('.picture [data-kind]')];
const layerNames = (figure) => [...new Set(layersIn(figure).map((layer) => layer.dataset.layer))];

function withLayers(figure, layers) {
  for (const layer of layers ? layersIn(figure) : []) if (!layers.includes(layer.dataset.layer)) layer.remove();
  return figure;
}

// Gives {figure, figures, run, prepare, step, href, count, gallery, names} of the latest image at or before a step, or a {message} in words.
/** @returns {Promise<any>} */
export async function readPane({data, problem}, {layers}, {key, index, step}) {
  if (problem) return {message: problem};
  if (data.revision < 0) return {message: 'Reading …'};
  if (key === null) return {message: data.keysAt().length ? 'Reading …' : 'No images so far.'};
  if (!data.stepsOf(key).length) return {message: `No images of ${key} in this run.`};
  const at = data.latest(key, step);
  if (at === undefined) return {message: `No images of ${key} at step ${step} or before.`};
  const place = {step: at, href: `${data.viewer}${stepPage(at)}`};
  try {
    const {figures, gallery} = await readFigures(data, at, key);
    const count = figures.length;
    const prepare = (of) => withLayers(of, layers);
    const figure = figures.find((of) => Number(of.dataset.index) === index);
    if (!figure) return {...place, count, message: `No image ${index} at this step: it has ${count === 1 ? 'one' : count}.`};
    const names = layerNames(figure);
    return {...place, count, figure, figures: figures.map(prepare), run: data, prepare, gallery, names};
  } catch {
    return {...place, message: 'This step cannot be loaded.'};
  }
}

// Resolves when the pictures of figures are there to be seen, or have taken too long.
export async function decoded(figures) {
  const links = figures.flatMap((figure) => [...figure.querySelectorAll('img, image.mask')].map((of) => of.getAttribute('src') ?? of.getAttribute('href')));
  const decoding = [...new Set(links)].map((src) => Object.assign(new Image(), {src}).decode());
  await Promise.race([Promise.allSettled(decoding), new Promise((resolve) => setTimeout(resolve, longestWait))]);
}
