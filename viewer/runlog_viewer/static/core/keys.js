// Keys: each script adds its own; the help of the page lists them. An action that gives false leaves the key to the browser.

const actions = new Map();
let bringHelp = null;

export function add(more) {
  for (const [key, action] of Object.entries(more)) actions.set(key, action);
}

const sliderKeys = /^(Arrow(Left|Right|Up|Down)|Home|End|Page(Up|Down))$/;

// Whether a region of its own, such as the frame of a table, is larger than it shows in the direction of a key.
function scrollsBy(element, key) {
  const isAcross = key === 'ArrowLeft' || key === 'ArrowRight';
  return isAcross ? element.scrollWidth > element.clientWidth : element.scrollHeight > element.clientHeight;
}

// A slider takes the keys that move it, a region that scrolls those that scroll it, a text field takes all.
function takesKey(element, {key, shiftKey}) {
  if (element.matches?.('input[type=range]')) return sliderKeys.test(key) && !shiftKey;
  if (element.matches?.('[role=region][tabindex]') && sliderKeys.test(key) && !shiftKey && scrollsBy(element, key)) return true;
  if (key === ' ' && element.matches?.('button, a, summary, input')) return true;
  return element.matches?.('input:not([type=checkbox]), textarea, select');
}

const isInSight = (element) => element.getBoundingClientRect().bottom > innerHeight / 3;

// The section that a key is meant for: the one in focus, under the pointer, or first in sight.
export function section(selector) {
  const all = [...document.querySelectorAll(selector)];
  const hovered = all.find((one) => one.matches(':hover'));
  return all.find((one) => one.contains(document.activeElement)) ?? hovered ?? all.find(isInSight);
}

function pressKey(event) {
  if (takesKey(event.target, event)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  const action = (event.shiftKey && actions.get(`Shift+${event.key}`)) || actions.get(event.key);
  if (action && action() !== false) event.preventDefault();
}

const helpDialog = () => document.querySelector('dialog.help:not(.full-help)');

async function help() {
  if (!helpDialog()) await bringHelp();
  if (!helpDialog().open) helpDialog().showModal();
}

// What brings the help of a page that has none in itself.
export function helpBy(bring) {
  bringHelp = bring;
}

export function start() {
  add({'?': help});
  document.addEventListener('keydown', pressKey);
  document.addEventListener('click', ({target}) => target.id === 'help' && help());
  // The end of the address holds what is looked at: this link must leave it.
  document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    document.querySelector('main').focus();
  });
}
