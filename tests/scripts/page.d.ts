// What the scripts take for granted of a page. Which element a selector finds is known to the templates alone, so
// elements and what events happen at may have any property; names, arguments and values of our own are checked.
interface EventTarget {
  [name: string]: any;
}

interface ParentNode {
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string | string[]): NodeListOf<any>;
}

interface Window {
  /** What data scripts hand over their values to, and the settings of the page. */
  runlog: {receive: (name: string, value: unknown) => void; settings: object};
}

interface Element {
  setAttribute(name: string, value: string | number | boolean): void;
}
