// Where the files of a run, or of all runs, are, from their viewer folder: as in pages/site_names.py.

const padded = (number, length) => String(number).padStart(length, '0');

export const stepFile = (step) => `${padded(step, 9)}.html`;
export const stepPage = (step) => `steps/${stepFile(step)}`;
export const blockScript = (number) => `data/block-${padded(number, 4)}.js`;
export const earlierScript = (number) => `data/earlier-${padded(number, 4)}.js`;
export const captionsScript = (number) => `data/captions-${padded(number, 4)}.js`;
export const imagesScript = (number) => `data/images-${padded(number, 4)}.js`;
export const histogramsScript = 'data/histograms.js';
export const tableScript = (data, block) => `data/table-${padded(data, 6)}-${padded(block, 4)}.js`;
export const textsScript = (step) => `data/texts-${padded(step, 9)}.js`;
export const rowsScript = (number) => `data/rows-${padded(number, 4)}.js`;
export const linesScript = (number) => `data/lines-${padded(number, 4)}.js`;
