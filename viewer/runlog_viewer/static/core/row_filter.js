// What the reader asks of runs: words, and NAME=VALUE or the like of a run's own fields, summary or configuration.

import {valueText} from './numbers.js';

const fields = ['name', 'project', 'group', 'tag', 'state'];
const comparisons = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const number = (value) => (typeof value === 'string' && !value.trim() ? NaN : Number(value));

function isEqual(value, wanted) {
  return valueText(value).toLowerCase() === wanted.toLowerCase() || (typeof value === 'number' && number(wanted) === value);
}

// Whether one of the values is as wanted; any is, as long as nothing is written behind the sign.
function isMet(values, sign, wanted) {
  if (sign === '!=') return !isMet(values, '=', wanted);
  if (!wanted) return values.length > 0;
  if (sign === ':') return values.some((value) => value.toLowerCase().includes(wanted.toLowerCase()));
  if (sign === '=') return values.some((value) => isEqual(value, wanted));
  return values.some((value) => comparisons[sign](number(value), number(wanted)));
}

// Spaces between quotes are part of a term, and those around a sign are not there.
export function termsOf(text) {
  const joined = text.replace(/(\S)\s+(<=|>=|!=|[<>=])\s+(?=\S)/g, '$1$2');
  return (joined.match(/(?:[^\s"]|"[^"]*"|")+/g) ?? []).map((term) => {
    const [, name, sign, wanted] = term.match(/^(.+?)(<=|>=|!=|[<>=])(.*)$/s) ?? term.match(/^([^:]+)(:)(.*)$/s) ?? [];
    const isTerm = sign && (sign !== ':' || fields.includes(name.toLowerCase()));
    return isTerm ? {word: term.toLowerCase(), name, sign, wanted: wanted.replace(/^"(.*)"$/s, '$1')} : {word: term.toLowerCase()};
  });
}

// `run` is {words, fields} with its text in lower case, and the values of each field; `valuesOf` has those of its
// summary and configuration by name.
export function fits({word, name, sign, wanted}, run, valuesOf) {
  if (sign !== '!=' && run.words.includes(word)) return true;
  return sign !== undefined && isMet([...(run.fields[name.toLowerCase()] ?? []), ...(sign === ':' ? [] : valuesOf(name))], sign, wanted);
}
