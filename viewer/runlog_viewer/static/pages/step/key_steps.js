// The steps of one key: buttons in the header of its section, or of another value, and keys, that go to the previous and
// the next step at which it has any.

import * as content from '../../core/content.js';
import {make} from '../../core/dom.js';
import * as keys from '../../core/keys.js';
import {countUpTo} from '../../data/steps.js';

export const addKeySteps = (run, shownStep, go) => {
  const sections = 'section.key, main .logged';

  function neighbour(key, by) {
    const steps = run.allStepsOf(key);
    const upTo = countUpTo(steps, shownStep());
    const isHere = steps[upTo - 1] === shownStep();
    return steps[by > 0 ? upTo : upTo - (isHere ? 2 : 1)];
  }

  function button(by, sign) {
    const made = make('button', {type: 'button', textContent: sign});
    made.dataset.by = by;
    return made;
  }

  function addButtons(root) {
    for (const heading of root.querySelectorAll('section.key > h2, .logged h2')) {
      const buttons = make('span', {className: 'key-steps'});
      buttons.append(button(-1, '←'), button(1, '→'));
      heading.append(buttons);
    }
  }

  function showNeighbours() {
    for (const one of document.querySelectorAll('.key-steps button')) {
      const {key} = one.closest('[data-key]').dataset;
      const step = neighbour(key, Number(one.dataset.by));
      const which = one.dataset.by < 0 ? 'Previous' : 'Next';
      one.setAttribute('aria-disabled', step === undefined);
      one.setAttribute('aria-label', `${which} step of ${key}`);
      one.title = step === undefined ? `No ${which.toLowerCase()} step of this key` : `${which} step of this key: ${step}`;
    }
  }

  // The section stays where it is on screen, whatever the ones above it have at that step.
  async function goFrom(section, by) {
    const step = section && neighbour(section.dataset.key, by);
    if (step === undefined) return;
    const {top} = section.getBoundingClientRect();
    await go(step);
    if (section.isConnected) scrollBy(0, section.getBoundingClientRect().top - top);
  }

  keys.add({
    '[': () => goFrom(keys.section(sections), -1),
    ']': () => goFrom(keys.section(sections), 1),
  });
  document.addEventListener('click', ({target}) => {
    if (target.matches?.('.key-steps button')) goFrom(target.closest('[data-key]'), Number(target.dataset.by));
  });
  content.onTake(addButtons);
  content.onChange(showNeighbours);
  return {showNeighbours};
};
