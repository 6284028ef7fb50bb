// The page of all runs, as runs come and go on.

import * as address from '../../core/address.js';
import * as content from '../../core/content.js';
import {byId} from '../../core/dom.js';
import * as keys from '../../core/keys.js';
import {morph} from '../../core/morph.js';
import * as settings from '../../core/settings.js';
import * as live from '../../data/live.js';
import * as filters from '../../overlays/filters.js';
import * as columns from './columns.js';
import * as picks from './picks.js';
import * as rowBlocks from './row_blocks.js';
import * as sweep from './sweep.js';
import * as table from './table.js';

export function openOverview() {
  const {body} = document;
  let timer = 0;

  async function changeOverview({revision}) {
    if (body.dataset.revision !== revision) {
      const overview = await live.load('overview', 'data/overview.js', revision);
      await columns.load(revision);
      filters.addAll(overview.filters);
      const rows = [];
      for await (const block of rowBlocks.newestFirst(overview.rows)) rows.push(...block);
      morph(byId('broken'), content.parsed(overview.broken));
      columns.takeHeads(overview.heads);
      body.dataset.revision = revision;
      table.take(rows);
    }
  }

  // A block at a time, so that the page answers in between.
  async function loadOlder() {
    const {revision} = body.dataset;
    const overview = await live.load('overview', 'data/overview.js', revision);
    for await (const block of rowBlocks.newestFirst(overview.rows)) {
      if (body.dataset.revision !== revision) return; // all have come anew meanwhile
      table.add(block);
      await new Promise((resolve) => { setTimeout(resolve); });
    }
    if (body.dataset.revision === revision) table.arrange();
  }

  async function showColumns() {
    await columns.load(body.dataset.revision);
    table.arrange();
  }

  async function readAddress() {
    columns.readAddress();
    showRows();
    table.readAddress();
    picks.readAddress();
    await showColumns();
  }

  // Browsers allow a page only so many changes of its address at a time.
  function filter() {
    table.restart();
    clearTimeout(timer);
    timer = setTimeout(() => address.set({q: byId('filter').value || null}), 250);
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
  const isLarge = () => (address.get('rows') ?? settings.get('rows')) === 'large';
  const showRows = () => {
    document.documentElement.classList.toggle('large-rows', isLarge());
    byId('large').checked = isLarge();
  };
  byId('large').addEventListener('change', ({target}) => {
    settings.set('rows', target.checked ? 'large' : null);
    address.set({rows: target.checked ? 'large' : null});
    showRows();
  });
  showRows();
  byId('collapse').checked = !settings.get('flat');
  byId('collapse').addEventListener('change', ({target}) => {
    settings.set('flat', !target.checked);
    table.arrange();
  });
  columns.start(showColumns);
  picks.start((folder) => !table.hasAll() || table.has(folder));
  sweep.start(() => table.arrange());
  table.start(() => {
    picks.show();
    sweep.show(table.matching(), table.count(), table);
    content.changed();
  });
  showColumns();
  if (!table.hasAll()) loadOlder();
  address.onChange(readAddress);
  return changeOverview;
}
