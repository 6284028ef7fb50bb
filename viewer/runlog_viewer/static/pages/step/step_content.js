// What the page of a step shows: the images of the step and, of each key that has none there, its latest earlier
// ones, in a section of their own that says from which step they are; and of keys with other values where they have some.

import * as content from '../../core/content.js';
import {make as element} from '../../core/dom.js';
import * as settings from '../../core/settings.js';
import {stepFile} from '../../data/site_names.js';
import {countUpTo} from '../../data/steps.js';
import {mergeControls} from '../../gallery/merge_controls.js';
import * as classCounts from '../../overlays/class_counts.js';

export const stepContent = (run) => {
  const maxEarlier = 24; // keys; a run that names its keys by step would otherwise show all its images at each
  const maxElsewhere = 12; // keys, as well
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

  // The keys that have values at other steps and none of any kind here, each with the nearest of these.
  function elsewhere(step) {
    if (!settings.get('earlier')) return [];
    const images = new Set(run.keysAt());
    return run.allKeys().filter((key) => !images.has(key)).flatMap((key) => {
      const steps = run.allStepsOf(key);
      const upTo = countUpTo(steps, step);
      return steps[upTo - 1] === step ? [] : [{key, steps: [steps[upTo - 1], steps[upTo]].filter((one) => one !== undefined)}];
    });
  }

  function elsewhereLine(found) {
    const link = (step) => {
      const made = element('a', {className: 'from', textContent: `step ${step}`});
      made.setAttribute('href', stepFile(step));
      return made;
    };
    const items = found.slice(0, maxElsewhere).map(({key, steps}) => element('li', {}, element('bdi', {textContent: key}), ' at ', ...steps.flatMap((step, n) => (n ? [' and ', link(step)] : [link(step)]))));
    const more = found.length - items.length;
    if (more) items.push(element('li', {textContent: `${more} more`}));
    return element('div', {className: 'elsewhere-keys quiet'}, element('p', {textContent: 'Not at this step:'}), element('ul', {}, ...items));
  }

  // What has to be the same for the same to be shown.
  function signature(step) {
    if (!run.has(step)) return '';
    return JSON.stringify([run.revisionOf(step), ...elsewhere(step), ...earlier(step).map((one) => [one.key, one.step, run.revisionOf(one.step)])]);
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
    const place = run.galleryPlace(section.dataset.key);
    const next = [...gallery.querySelectorAll('section.key')].find(({dataset}) => run.galleryPlace(dataset.key) > place);
    if (next) next.before(section);
    else gallery.append(section);
  }

  async function load(step) {
    const own = await run.entry(step);
    const [sources, others] = [earlier(step), elsewhere(step)];
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
      if (others.length) gallery.append(elsewhereLine(others));
      return fragment;
    }

    const filters = Object.assign({}, own.filters, ...[...entries.values()].map((entry) => entry.filters));
    return {make, filters, revision: own.revision, logged: own.logged};
  }

  return {load, signature};
};
