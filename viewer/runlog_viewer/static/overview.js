// The page of all runs, as runs come and go on.
'use strict';

runlog.pages.overview = () => {
  const {address, columns, content, keys, live, picks, settings, table} = runlog;
  const {body} = document;
  const byId = (id) => document.getElementById(id);
  let timer = 0;

  async function changeOverview({revision}) {
    if (body.dataset.revision !== revision) {
      const overview = await live.load('overview', 'data/overview.js', revision);
      await columns.load(revision);
      runlog.filters.addAll(overview.filters);
      runlog.morph(byId('broken'), content.parsed(overview.broken));
      table.take(overview.rows);
      body.dataset.revision = revision;
    }
  }

  async function showColumns() {
    await columns.load(body.dataset.revision);
    table.arrange();
  }

  async function readAddress() {
    columns.readAddress();
    table.readAddress();
    picks.readAddress();
    await showColumns();
  }

  // Browsers allow a page only so many changes of its address at a time.
  function filter() {
    table.restart();
    clearTimeout(timer);
    timer = setTimeout(() => address.set({q: byId('filter').value || null}), 250);
    if (runlog.rowFilter.hasValues(byId('filter').value)) showColumns();
  }

  const links = () => table.visible().map((tr) => tr.querySelector('th a, th button'));

  function move(by) {
    const all = links();
    const at = all.indexOf(document.activeElement?.closest('tr')?.querySelector('th a, th button'));
    all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]?.focus();
  }

  keys.add({
    '/': () => byId('filter').select(),
    j: () => move(1),
    k: () => move(-1),
    x: () => document.activeElement?.closest('tr')?.querySelector('.pick input')?.click(),
  });
  byId('filter').addEventListener('input', filter);
  byId('filter').addEventListener('keydown', ({key}) => {
    if (key === 'Enter') links()[0]?.click();
    if (key === 'Escape' && !byId('filter').value) byId('filter').blur();
  });
  byId('collapse').checked = !settings.get('flat');
  byId('collapse').addEventListener('change', ({target}) => {
    settings.set('flat', !target.checked);
    table.arrange();
  });
  columns.start(showColumns);
  picks.start();
  table.start(() => {
    picks.show();
    content.changed();
  });
  showColumns();
  address.onChange(readAddress);
  return changeOverview;
};
