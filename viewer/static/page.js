// What the pages do beyond being read: settings, keys, moving between steps, and taking in what is new.
'use strict';

(() => {
  const {settings, live, morph} = runlog;
  const body = document.body;
  const byId = (id) => document.getElementById(id);
  const content = byId('content');
  const stepFile = (step) => `${String(step).padStart(9, '0')}.html`;

  // ---- content

  function parsed(html) {
    const template = document.createElement('template');
    template.innerHTML = html;
    return template.content;
  }

  function addFilters(filters) {
    for (const [id, markup] of Object.entries(filters)) {
      if (!byId(id)) document.querySelector('svg.filters > defs').append(parsed(`<svg>${markup}</svg>`).firstChild.firstChild);
    }
  }

  function take(html, filters) {
    addFilters(filters);
    morph(content, parsed(html));
    showSettings();
    watchSizes();
  }

  // A picture larger than it is shows its pixels, a smaller one is smoothed; a class label shows where its box
  // has room for it. The observer tells the size of each picture it starts to watch, and each change, whatever
  // made it: the slider, the window, or a file that has arrived.
  const sizes = new ResizeObserver((changes) => {
    for (const {target, contentRect} of changes) fit(target, contentRect.width);
  });

  function fit(img, width) {
    img.toggleAttribute('data-enlarged', width * devicePixelRatio > img.getAttribute('width'));
    for (const tag of img.parentNode.querySelectorAll('text[data-from]')) {
      tag.classList.toggle('cramped', width < Number(tag.dataset.from));
    }
  }

  function watchSizes() {
    sizes.disconnect();
    for (const img of document.querySelectorAll('.picture > img')) sizes.observe(img);
  }

  // ---- settings

  function showSettings() {
    for (const id of ['size', 'opacity']) if (byId(id)) byId(id).value = settings.get(id);
    for (const id of ['natural', 'captions', 'tags']) if (byId(id)) byId(id).checked = settings.get(id);
    for (const box of layerBoxes()) box.checked = !settings.isHidden(box.dataset.kind, box.dataset.layer);
  }

  const layerBoxes = () => [...document.querySelectorAll('input[data-kind]')];

  function changeSetting({target}) {
    if (['size', 'opacity'].includes(target.id)) settings.set(target.id, Number(target.value));
    else if (['natural', 'captions', 'tags'].includes(target.id)) settings.set(target.id, target.checked);
    else if (target.dataset.kind) settings.setHidden(target.dataset.kind, target.dataset.layer, !target.checked);
    else return;
    if (target.id === 'size') settings.set('natural', false);
    showSettings();
  }

  // ---- keys

  const keys = {
    c: () => byId('captions')?.click(),
    b: () => byId('tags')?.click(),
    '?': () => document.querySelector('dialog.help').showModal(),
  };
  for (let n = 1; n <= 9; n += 1) keys[n] = () => layerBoxes()[n - 1]?.click();

  const sliderKeys = /^(Arrow(Left|Right|Up|Down)|Home|End|Page(Up|Down))$/;

  // A slider takes the keys that move it, a text field takes all.
  function takesKey(element, key) {
    if (element.matches?.('input[type=range]')) return sliderKeys.test(key);
    return element.matches?.('input:not([type=checkbox]), textarea, select');
  }

  function pressKey(event) {
    if (takesKey(event.target, event.key)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    const action = Object.hasOwn(keys, event.key) && keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  // ---- steps

  const index = {steps: [], revisions: new Map(), blocks: []};

  async function readIndex(revision) {
    const {blocks} = await live.load('index', 'data/index.js', revision);
    index.revisions = new Map();
    index.blocks = blocks.map((pairs, number) => {
      const steps = [];
      for (let n = 0; n < pairs.length; n += 2) {
        steps.push(pairs[n]);
        index.revisions.set(pairs[n], {number, revision: pairs[n + 1]});
      }
      return steps.sort((a, b) => a - b);
    });
    index.steps = index.blocks.flat().sort((a, b) => a - b);
  }

  function stepPage() {
    const ownFile = Number(body.dataset.step);
    const loaded = new Map();
    const maxLoaded = 4;
    let shown = ownFile;
    let isFollowing = false;
    let known = null;
    let ticket = 0;

    async function entry(step) {
      const {number, revision} = index.revisions.get(step);
      const block = loaded.get(number);
      if (block?.steps[step]?.[0] >= revision) return block;
      const fresh = await live.load(`block-${number}`, `data/block-${String(number).padStart(4, '0')}.js`, revision);
      loaded.delete(number);
      loaded.set(number, fresh);
      if (loaded.size > maxLoaded) loaded.delete(loaded.keys().next().value);
      return fresh;
    }

    async function show(step) {
      ticket += 1;
      const mine = ticket;
      shown = step;
      showPlace();
      if (!index.revisions.has(step)) return take('<div class="gallery"><p class="nothing">No images at this step.</p></div>', {});
      const {steps, filters} = await entry(step);
      if (mine !== ticket) return undefined; // the reader has moved on
      const [revision, html, logged] = steps[step];
      take(html, filters);
      body.dataset.step = step;
      body.dataset.revision = revision;
      byId('step').textContent = step;
      byId('logged').textContent = `Logged ${logged}`;
      document.title = document.title.replace(/^Step \d+/, `Step ${step}`);
      return undefined;
    }

    // file:// lets a page change nothing but the end of its address
    function showAddress() {
      const isFile = location.protocol === 'file:';
      const parts = [isFile && shown !== ownFile && `step=${shown}`, isFollowing && 'follow'].filter(Boolean);
      const hash = parts.length ? `#${parts.join('&')}` : '';
      history.replaceState(null, '', (isFile ? location.pathname : stepFile(shown)) + hash);
    }

    function go(step) {
      if (step === undefined || step === shown) return;
      show(step).catch(() => location.assign(stepFile(step)));
      showAddress();
    }

    function goByHand(step) {
      if (step !== undefined && isFollowing) follow(false);
      go(step);
    }

    function follow(wanted) {
      isFollowing = wanted;
      byId('follow').setAttribute('aria-pressed', wanted);
      if (wanted) go(index.steps.at(-1));
      showAddress();
      showPlace();
    }

    function neighbour(by) {
      const at = index.steps.findIndex((step) => step >= shown);
      const isHere = index.steps[at] === shown;
      if (at < 0) return by < 0 ? index.steps.at(-1) : undefined;
      return index.steps[by > 0 && !isHere ? at : at + by];
    }

    function showLink(link, step) {
      if (step === undefined) link.removeAttribute('href');
      else link.setAttribute('href', stepFile(step));
    }

    function showPlace() {
      const place = index.steps.indexOf(shown);
      const latest = index.steps.at(-1);
      showLink(byId('previous'), neighbour(-1));
      showLink(byId('next'), neighbour(1));
      byId('slider').max = Math.max(0, index.steps.length - 1);
      byId('slider').value = place;
      byId('slider').setAttribute('aria-valuetext', `step ${shown}`);
      byId('place').textContent = `${place + 1} of ${index.steps.length}`;
      if (latest === shown) known = latest;
      byId('newest').hidden = isFollowing || known === null || !(latest > known);
      byId('newest').textContent = `step ${latest} is new`;
      byId('newest').href = stepFile(latest ?? shown);
    }

    function readAddress() {
      const parts = new URLSearchParams(location.hash.slice(1));
      const step = Number(parts.get('step') ?? ownFile);
      if (parts.has('follow')) follow(true);
      else if (index.revisions.has(step)) go(step);
    }

    async function change({revision, state}) {
      const isFirst = known === null;
      await readIndex(revision);
      if (isFirst) {
        known = index.steps.at(-1) ?? shown;
        readAddress();
      }
      const latest = index.steps.at(-1);
      if (isFollowing && latest !== undefined && latest !== shown) go(latest);
      else if ((index.revisions.get(shown)?.revision ?? Infinity) > Number(body.dataset.revision)) await show(shown);
      byId('follow').hidden = state !== 'running' && !isFollowing;
      showPlace();
    }

    Object.assign(keys, {
      ArrowLeft: () => goByHand(neighbour(-1)),
      ArrowRight: () => goByHand(neighbour(1)),
      Home: () => goByHand(index.steps[0]),
      End: () => goByHand(index.steps.at(-1)),
      f: () => follow(!isFollowing),
    });
    byId('follow').addEventListener('click', () => follow(!isFollowing));
    byId('slider').addEventListener('input', ({target}) => goByHand(index.steps[target.value]));
    for (const link of [byId('previous'), byId('next'), byId('newest')]) {
      link.addEventListener('click', (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || !link.hasAttribute('href')) return;
        event.preventDefault();
        goByHand(parseInt(link.getAttribute('href'), 10));
      });
    }
    addEventListener('hashchange', readAddress);
    return change;
  }

  // ---- the other pages

  function showStepBlock(steps, number) {
    const blocks = byId('step-blocks');
    let block = blocks.querySelector(`[data-block="${number}"]`);
    if (block?.querySelectorAll('a').length === steps.length || !steps.length) return;
    if (!block) {
      block = parsed('<details class="step-block"><summary></summary><p></p></details>').firstChild;
      block.dataset.block = number;
      blocks.append(block);
    }
    const range = steps.length > 1 ? `${steps[0]} – ${steps.at(-1)}` : `${steps[0]}`;
    block.querySelector('summary').replaceChildren(`${range} `, Object.assign(document.createElement('small'), {textContent: steps.length}));
    block.querySelector('p').replaceChildren(...steps.flatMap((step) => {
      return [Object.assign(document.createElement('a'), {href: `viewer/steps/${stepFile(step)}`, textContent: step}), ' '];
    }));
  }

  async function changeRunPage({revision, state}) {
    if (Number(body.dataset.revision) === revision && body.dataset.state === state) return;
    const run = await live.load('run', 'data/run.js', `${revision}-${state}`);
    take(run.html, run.filters);
    document.title = run.title;
    await readIndex(revision);
    index.blocks.forEach(showStepBlock);
    byId('step-count').textContent = index.steps.length;
    byId('steps').hidden = !index.steps.length;
    Object.assign(body.dataset, {step: run.step, revision, state});
  }

  async function changeOverview({revision}) {
    if (body.dataset.revision === revision) return;
    const overview = await live.load('overview', 'overview.js', revision);
    take(overview.html, overview.filters);
    body.dataset.revision = revision;
  }

  // ---- start

  document.addEventListener('input', changeSetting);
  document.addEventListener('keydown', pressKey);
  document.addEventListener('click', ({target}) => target.id === 'help' && keys['?']());
  addEventListener('resize', watchSizes); // which also follows a change of the device's pixels
  showSettings();
  watchSizes();
  const pages = {step: stepPage, run: () => changeRunPage, overview: () => changeOverview};
  live.start(pages[body.dataset.page]());
})();
