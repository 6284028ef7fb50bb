// Times in the reader's own time zone, to the minute; what the page says, to the second in UTC, stays in the title.

import * as content from './content.js';

export const showTimes = () => {
  const two = (number) => String(number).padStart(2, '0');
  for (const time of document.querySelectorAll('time')) {
    time.dateTime ||= time.textContent;
    const at = new Date(time.dateTime.replace(' ', 'T'));
    const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
    const shown = `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
    if (Number.isNaN(at.getTime()) || time.textContent === shown) continue;
    time.textContent = shown;
    time.title = `${time.dateTime.replace('Z', '')} UTC`;
  }
};

export function start() {
  content.onChange(showTimes);
}
