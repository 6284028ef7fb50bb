// While one step follows another the outlines of masks are not drawn, which takes longer than all else of a step; they
// come when the steps rest.

const rest = 120; // ms
let timer = 0;

export function moved() {
  const {classList} = document.documentElement;
  classList.add('moving');
  clearTimeout(timer);
  timer = setTimeout(() => classList.remove('moving'), rest);
}
