// The settings that decide what is seen stand at the end of the address, where they are not the usual ones: a link
// shows the same elsewhere. What a link says goes before what the tab remembers.
'use strict';

(() => {
  const {settings, address} = runlog;
  const linked = ['hidden', 'classes', 'minimums', 'sort', 'pages', 'earlier', 'folded', 'openTexts'];
  const names = ['hide', 'only', 'min', 'sort', 'page', 'earlier', 'fold', 'open', 'texts'];
  const isClass = (text) => /^\d+$/.test(text);

  // Names are told from what they are given by the last colon.
  const written = (pairs) => pairs.map(([name, value]) => `${name}:${value}`);

  function read(name, isValid) {
    const pairs = (address.list(name) ?? []).map((text) => {
      const colon = text.lastIndexOf(':');
      return [text.slice(0, colon), Number(text.slice(colon + 1))];
    });
    return pairs.filter(([given, value]) => given && isValid(value));
  }

  function readLayer(text) {
    const [, kind, layer] = text.match(/^(boxes|masks):(.*)$/s) ?? [];
    return kind && [kind, layer];
  }

  // What the address says of the settings, the usual for the rest; null where it says nothing.
  function fromAddress() {
    if (names.every((name) => address.get(name) === null)) return null;
    const hide = address.list('hide') ?? [];
    const only = address.list('only');
    const open = address.list('open');
    return {
      hidden: hide.map(readLayer).filter(Boolean),
      classes: {only: only !== null, ids: (only ?? hide).filter(isClass)},
      minimums: Object.fromEntries(read('min', Number.isFinite)),
      sort: address.get('sort') ?? '',
      pages: Object.fromEntries(read('page', (page) => Number.isInteger(page) && page > 0).map(([key, page]) => [key, page - 1])),
      earlier: address.get('earlier') !== 'no',
      folded: {only: open !== null, keys: open ?? address.list('fold') ?? []},
      openTexts: address.get('texts') === 'open',
    };
  }

  function write() {
    const {only, ids} = settings.get('classes');
    const pages = Object.entries(settings.get('pages')).filter(([, page]) => page > 0);
    const folded = settings.get('folded');
    const layers = settings.get('hidden').map(([kind, layer]) => `${kind}:${layer}`);
    address.setList('hide', only ? layers : [...layers, ...ids]);
    address.setList('only', only ? (ids.length ? ids : ['none']) : []);
    address.setList('min', written(Object.entries(settings.get('minimums'))));
    address.setList('page', written(pages.map(([key, page]) => [key, page + 1])));
    address.setList('fold', folded.only ? [] : folded.keys);
    address.setList('open', folded.only ? folded.keys : []);
    if (folded.only && !folded.keys.length) address.set({open: ''});
    address.set({sort: settings.get('sort') || null, earlier: settings.get('earlier') ? null : 'no', texts: settings.get('openTexts') ? 'open' : null});
  }

  function take() {
    const wanted = fromAddress();
    const now = Object.fromEntries(linked.map((name) => [name, settings.get(name)]));
    if (wanted && JSON.stringify(wanted) !== JSON.stringify(now)) settings.assign(wanted);
    else write();
  }

  take();
  settings.onChange((changed) => changed.some((name) => linked.includes(name)) && write());
  address.onChange(take);
})();
