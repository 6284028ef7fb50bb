// What the table knows of a run besides its values: what it is sorted, grouped and found by.

const cell = (tr, column) => tr.querySelector(`:scope > [data-column="${column}"]`);
const number = (td) => (td.dataset.value === undefined ? null : Number(td.dataset.value));

// The facts of a row that the page came with; those of others come with their markup.
export const factsOf = (tr) => ({
  name: cell(tr, 'run').querySelector('a').textContent,
  project: tr.dataset.project ?? null,
  group: tr.dataset.group ?? null,
  tags: [...tr.querySelectorAll('.tag')].map((tag) => tag.textContent),
  state: cell(tr, 'state').textContent.trim(),
  steps: number(cell(tr, 'steps')),
  images: number(cell(tr, 'images')),
  started: number(cell(tr, 'started')),
  took: number(cell(tr, 'took')),
  duration: cell(tr, 'took').textContent.trim(),
  picture: tr.querySelector('.thumb') !== null,
});

// A run of a folder, as the table holds it.
export function known(folder, facts) {
  const {name, project, group, tags, state, steps, images} = facts;
  return {
    folder, facts,
    words: [name, ...tags, project ?? '', group ?? '', folder, state].join('\n').toLowerCase(),
    fields: {name: [name], project: [project].filter(Boolean), group: [group].filter(Boolean), tag: tags, state: [state], steps: [steps], images: [images]},
    group: group === null ? null : JSON.stringify([project ?? '', group]),
  };
}
