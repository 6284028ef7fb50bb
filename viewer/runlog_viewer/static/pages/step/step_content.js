// What the page of a step shows: the images of the step and, of each key that has none there, its latest earlier
// ones, in a section of their own that says from which step they are.

import * as content from '../../core/content.js';
import * as settings from '../../core/settings.js';
import {stepFile} from '../../data/site_names.js';
import {mergeControls} from '../../gallery/merge_controls.js';
import * as classCounts from '../../overlays/class_counts.js';

export const stepContent = (run) => {
  const maxEarlier = 24; // keys; a run that names its keys by step would otherwise show all its images at each
  const maxParsed = 24;
  const parsed = new Map();

  // The keys without images at a step that had some before, with the step they are from, those of the latest step
  // first; the rest of very many are left out.
  function earlier(step) {
    if (!settings.get('earlier')) return [];
    const here = new Set(run.keysAt(step));
    const found = run.keysAt().filter((key) => !here.has(key)).map((key) => ({key, step: run.latest(key, step)}));
    return found.filter((one) => one.step !== undefined).sort((a, b) => b.step - a.step).slice(0, maxEarlier);
  }

  // What has to be the same for the same to be shown.
  function signature(step) {
    if (!run.has(step)) return '';
    return JSON.stringify([run.revisionOf(step), ...earlier(step).map((one) => [one.key, one.step, run.revisionOf(one.step)])]);
  }

  // The galleries of earlier steps are shown again and again while the steps change.
  function galleryOf({revision, html}, step) {
    const name = `${step} ${revision}`;
    const gallery = parsed.get(name) ?? content.parsed(html);
    parsed.delete(name);
    parsed.set(name, gallery);
    if (parsed.size > maxParsed) parsed.delete(parsed.keys().next().value);
    return gallery;
  }

  const sectionOf = (root, key) => root.querySelector(`section.key[data-key="${CSS.escape(key)}"]`);

  function addSection(gallery, section, step) {
    const link = Object.assign(document.createElement('a'), {className: 'from', textContent: `from step ${step}`});
    link.setAttribute('href', stepFile(step));
    section.dataset.from = step;
    section.querySelector('h2 .all-steps').before(link, ' · ');
    const next = [...gallery.querySelectorAll('section.key')].find(({dataset}) => dataset.key > section.dataset.key);
    if (next) next.before(section);
    else gallery.append(section);
  }

  async function load(step) {
    const own = await run.entry(step);
    const sources = earlier(step);
    const entries = new Map();
    await Promise.all(sources.map(async (one) => entries.set(one.step, await run.entry(one.step))));

    function make() {
      const fragment = content.parsed(own.html);
      const gallery = fragment.querySelector('.gallery');
      for (const one of sources) {
        const from = galleryOf(entries.get(one.step), one.step);
        const section = document.importNode(sectionOf(from, one.key), true);
        mergeControls(gallery, from, section, classCounts.add);
        addSection(gallery, section, one.step);
      }
      return fragment;
    }

    const filters = Object.assign({}, own.filters, ...[...entries.values()].map((entry) => entry.filters));
    return {make, filters, revision: own.revision, logged: own.logged};
  }

  return {load, signature};
};
