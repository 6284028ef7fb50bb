// Where the files of this page's site are: data scripts and the other pages are found from there.

let folder = '';

// Has to be called while the script that is next to them runs.
export function start() {
  folder = new URL('.', document.currentScript.src).href;
}

// The address of the viewer folder, with a slash at its end.
export const viewer = () => folder;
