// A run as its data scripts tell it: which steps have values of which kinds and keys, and what each step shows.

import * as live from './live.js';
import {unpacked} from './packed.js';
import * as scoreRanges from './score_ranges.js';
import {blockScript, earlierScript} from './site_names.js';
import {countUpTo, joinedStops} from './steps.js';

// `viewer` is the address of the run's viewer folder.
export const openRun = (viewer) => {
  const maxLoaded = 16; // blocks, of some 200 kB
  const loaded = new Map();
  const earlier = []; // of blocks that are in the index no more, what it said of them, and its tag
  const places = new Map();
  let kinds = ['image']; // the names of the kinds of values, as the index has them
  let byKind = [new Map()]; // of each, by key, its steps
  let galleryPlaces = new Map(); // of each key with images, where its gallery stands among others
  let words = {}; // by key, what the search finds it by besides its name
  const run = {
    viewer, id: '', revision: -1, steps: [], blocks: [], metrics: {},
    read, has, revisionOf, keysAt, stepsOf, allKeys, allStepsOf, wordsOf, galleryPlace, latest, entry,
  };

  async function read(revision) {
    const index = await live.load('index', 'data/index.js', revision, viewer);
    const indices = [...await Promise.all(index.earlier.map(earlierIndex)), index];
    places.clear();
    run.id = index.run;
    run.revision = index.revision;
    run.metrics = joinedStops(indices.map(({stops}) => stops));
    scoreRanges.take(index.scores);
    run.blocks = indices.flatMap(({blocks}) => blocks).map((triples, number) => {
      const steps = [];
      for (let n = 0; n < triples.length; n += 3) {
        steps.push(triples[n]);
        places.set(triples[n], {number, revision: triples[n + 1], keys: index.key_sets[triples[n + 2]]});
      }
      return steps.sort((a, b) => a - b);
    });
    run.steps = run.blocks.flat().sort((a, b) => a - b);
    ({kinds, words} = index);
    galleryPlaces = new Map(index.image_keys.map((key, place) => [key, place]));
    byKind = kinds.map((_, kind) => stepsByKey(kind));
  }

  async function earlierIndex(tag, number) {
    if (earlier[number]?.tag !== tag) {
      const said = await live.load(`earlier-${number}`, earlierScript(number), tag, viewer);
      earlier[number] = {tag, said};
    }
    return earlier[number].said;
  }

  // By key, in order, the steps that have a value of a kind, in theirs.
  function stepsByKey(kind) {
    const found = new Map();
    for (const step of run.steps) {
      for (const key of places.get(step).keys[kind]) {
        if (!found.has(key)) found.set(key, []);
        found.get(key).push(step);
      }
    }
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  function has(step) {
    return places.has(step);
  }

  function revisionOf(step) {
    return places.get(step)?.revision;
  }

  // The keys that have images at a step; without a step, all of them.
  function keysAt(step) {
    return step === undefined ? [...byKind[0].keys()] : places.get(step)?.keys[0] ?? [];
  }

  // The steps at which a key has values of a kind, ascending.
  function stepsOf(key, kind = 'image') {
    return byKind[kinds.indexOf(kind)]?.get(key) ?? [];
  }

  // The keys that have more than numbers at any step, in order.
  function allKeys() {
    return [...new Set(byKind.flatMap((ofKind) => [...ofKind.keys()]))].sort();
  }

  function galleryPlace(key) {
    return galleryPlaces.get(key) ?? galleryPlaces.size;
  }

  function wordsOf(key) {
    return Object.hasOwn(words, key) ? words[key] : [];
  }

  // The steps at which a key has more than numbers, ascending: most keys have values of one kind.
  function allStepsOf(key) {
    const found = byKind.flatMap((ofKind) => (ofKind.has(key) ? [ofKind.get(key)] : []));
    return found.length > 1 ? [...new Set(found.flat())].sort((a, b) => a - b) : found[0] ?? [];
  }

  // The last step at or before a step at which a key has images.
  function latest(key, step) {
    const steps = stepsOf(key);
    return steps[countUpTo(steps, step) - 1];
  }

  // What a step shows: {revision, html, logged, filters}; links in it are as from a page in viewer/steps/.
  async function entry(step) {
    const {number, revision} = places.get(step);
    let block = await (loaded.get(number) ?? load(number, revision));
    if (!(block.steps[step]?.[0] >= revision)) block = await load(number, revision);
    const [shown, gallery, logged] = block.steps[step];
    return {revision: shown, html: await unpacked(gallery, block.sample), logged, filters: block.filters};
  }

  // Two steps of a block asked for at once load it once.
  function load(number, revision) {
    const loading = live.load(`block-${number}`, blockScript(number), revision, viewer);
    loading.catch(() => loaded.get(number) === loading && loaded.delete(number));
    loaded.delete(number);
    loaded.set(number, loading);
    if (loaded.size > maxLoaded) loaded.delete(loaded.keys().next().value);
    return loading;
  }

  return run;
};
