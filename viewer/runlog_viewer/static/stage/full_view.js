// The full view as it stands in the page: a dialog with a bar, a stage, lines below it and a panel beside it, and
// another with its keys.

import * as content from '../core/content.js';

export const fullView = () => {
  const icon = (path) => `<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="${path}"/></svg>`;
  const back = icon('M10 3 5 8l5 5');
  const on = icon('m6 3 5 5-5 5');
  const [dialog, help] = content.parsed(`
<dialog class="full" aria-labelledby="full-title">
<header>
<h2 id="full-title" aria-live="polite"><bdi class="full-key"></bdi> <small class="full-index"></small></h2>
<div class="full-walk" role="group" aria-label="Images"><span class="quiet">Image</span>
<button type="button" data-do="previous" aria-label="Previous image" title="Previous image (←)">${back}</button>
<output class="full-place"></output>
<button type="button" data-do="next" aria-label="Next image" title="Next image (→)">${on}</button></div>
<div class="full-walk" role="group" aria-label="Steps"><span class="quiet">Step</span>
<button type="button" data-do="earlier" aria-label="Previous step" title="Previous step of this key ([)">${back}</button>
<output class="full-step"></output>
<button type="button" data-do="later" aria-label="Next step" title="Next step of this key (])">${on}</button></div>
<div class="full-walk" role="group" aria-label="Zoom">
<button type="button" data-do="out" aria-label="Zoom out" title="Zoom out (−)">${icon('M3 8h10')}</button>
<span class="full-scale"></span>
<button type="button" data-do="in" aria-label="Zoom in" title="Zoom in (+)">${icon('M3 8h10M8 3v10')}</button>
<button type="button" data-do="fit" title="The whole picture (0)">Fit</button>
<button type="button" data-do="pixels" title="A pixel of the picture on each pixel of the screen (1)">1:1</button></div>
<div class="full-ends">
<button type="button" class="full-lit" data-do="light" title="Light as it was (r)" hidden>Reset light</button>
<button type="button" data-do="details" aria-controls="full-panel" title="Layers, light and facts (i)">${icon('M2 3h12v10H2zM10 3v10')} Details</button>
<button type="button" data-do="close" aria-label="Close" title="Close (Esc)">${icon('m4 4 8 8M12 4l-8 8')}</button></div>
</header>
<div class="full-frame"><div class="full-stage" tabindex="0" role="group" aria-label="Picture"></div>
<p class="full-message" role="status"></p></div>
<footer><div class="full-caption"></div><p class="full-point"></p></footer>
<aside class="full-panel" id="full-panel" aria-label="Details">
<section class="full-overlays"><h3>Layers</h3><div class="overlays full-layers"></div>
<label class="full-opacity">Mask opacity <input type="range" name="opacity" min="0" max="1" step="0.05"></label>
<label class="full-tags"><input type="checkbox" name="tags"> Box labels</label></section>
<section class="full-light"><h3>Light <button type="button" class="plain full-reset" data-do="light">Reset</button></h3>
<label>Brightness <input type="range" name="brightness" min="-3" max="3" step="0.25"><span></span></label>
<label>Contrast <input type="range" name="contrast" min="-3" max="3" step="0.25"><span></span></label>
<label class="full-inverted"><input type="checkbox" name="inverted"> Inverted</label></section>
<section><h3>Picture</h3><div class="full-facts"></div>
<p><a class="full-original" target="_blank" rel="noopener">Open the original file</a></p>
<p><a class="full-over-time">This image over time</a></p>
<p><a class="full-compare">Compare with other steps</a></p>
<p><a class="full-apart">Masks side by side</a></p></section>
<section class="full-lists"></section>
<section><button type="button" class="plain" data-do="keys" title="Shortcuts (?)">Shortcuts</button></section>
</aside>
</dialog>
<dialog class="help full-help" aria-labelledby="full-help-title">
<h2 id="full-help-title">Shortcuts in full view</h2>
<dl>
<dt><kbd>←</kbd> <kbd>→</kbd></dt><dd>previous and next image; move the picture where it is larger than the screen</dd>
<dt><kbd>p</kbd> <kbd>n</kbd></dt><dd>previous and next image, always</dd>
<dt><kbd>[</kbd> <kbd>]</kbd></dt><dd>previous and next step of this key, as <kbd>Page up</kbd> <kbd>Page down</kbd></dd>
<dt><kbd>Shift</kbd> <kbd>←</kbd> <kbd>→</kbd></dt><dd>ten steps of this key</dd>
<dt><kbd>Home</kbd> <kbd>End</kbd></dt><dd>first and last step of this key</dd>
<dt><kbd>+</kbd> <kbd>−</kbd></dt><dd>zoom, as the wheel</dd>
<dt><kbd>0</kbd> <kbd>1</kbd></dt><dd>the whole picture; pixel to pixel, as a double click</dd>
<dt><kbd>,</kbd> <kbd>.</kbd></dt><dd>darker, brighter</dd>
<dt><kbd>&lt;</kbd> <kbd>&gt;</kbd></dt><dd>less, more contrast</dd>
<dt><kbd>v</kbd> <kbd>r</kbd></dt><dd>inverted; light as it was</dd>
<dt><kbd>b</kbd> <kbd>c</kbd></dt><dd>box labels, captions on or off</dd>
<dt><kbd>m</kbd></dt><dd>several masks: all of them, or only where they differ</dd>
<dt><kbd>Shift</kbd> <kbd>1</kbd> … <kbd>9</kbd></dt><dd>layers on or off, in their order</dd>
<dt><kbd>i</kbd></dt><dd>details on or off</dd>
<dt><kbd>Esc</kbd></dt><dd>close</dd>
</dl>
<form method="dialog"><button>Close</button></form>
</dialog>`).querySelectorAll('dialog');
  document.body.append(dialog, help);
  return {
    dialog,
    help,
    part: (name) => dialog.querySelector(`.full-${name}`),
    button: (name) => dialog.querySelector(`[data-do="${name}"]`),
  };
};
