// Layers in a page, of whatever kind: every element of one says its kind and its name, and so does its switch.

// What picks the elements of a layer, and its switch.
export const ofLayer = (kind, layer) => `[data-kind="${CSS.escape(kind)}"][data-layer="${CSS.escape(layer)}"]`;

// The kinds in the order of their switches, each with the word for one thing of it: [['boxes', 'box'], …].
export const layerKinds = () => document.body.dataset.layerKinds.split(' ').map((pair) => pair.split(':'));
