// The keys and the buttons of the full view, which do the same.

// `actions` are by the names that buttons have in data-do; `stage` is asked first.
export const fullKeys = (dialog, stage, actions) => {
  const names = {
    ArrowLeft: 'previous',
    ArrowRight: 'next',
    p: 'previous',
    n: 'next',
    '[': 'earlier',
    ']': 'later',
    PageUp: 'earlier',
    PageDown: 'later',
    'Shift+ArrowLeft': 'tenEarlier',
    'Shift+ArrowRight': 'tenLater',
    Home: 'first',
    End: 'last',
    ',': 'darker',
    '.': 'brighter',
    '<': 'lessContrast',
    '>': 'moreContrast',
    v: 'invert',
    r: 'light',
    b: 'tags',
    c: 'captions',
    m: 'differing',
    i: 'details',
    '?': 'keys',
  };

  // Shift makes another character of a digit, which depends on the keyboard.
  function actionOf({key, code, shiftKey}) {
    const digit = shiftKey && /^Digit([1-9])$/.exec(code);
    if (digit) return () => actions.layer(Number(digit[1]));
    return actions[(shiftKey && names[`Shift+${key}`]) || names[key]];
  }

  function pressKey(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches('input[type=range]') && /^(Arrow|Page|Home|End)/.test(event.key)) return;
    if (stage.pressKey(event)) return;
    const action = actionOf(event);
    if (!action) return;
    event.preventDefault();
    action();
  }

  dialog.addEventListener('keydown', pressKey);
  dialog.addEventListener('click', ({target}) => actions[target.closest('[data-do]')?.dataset.do]?.());
};
