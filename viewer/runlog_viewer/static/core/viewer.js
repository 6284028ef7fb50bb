// Where the files of this page's site are: data scripts and the other pages are found from there; and its scripts, which
// several runs may share.

let folder = '';
let scriptFolder = '';

// Has to be called while the script that says it runs.
export function start() {
  const {src, dataset} = document.currentScript;
  folder = new URL(dataset.viewer || '.', location.href).href;
  scriptFolder = new URL('.', src).href;
}

// The address of the viewer folder, with a slash at its end.
export const viewer = () => folder;
export const scripts = () => scriptFolder;
