// Boxes on the page, and their numbers in the margin beside it: never on ink.

import { make } from "../frame/dom.js";

const APART_PX = 24; // from the middle of one number to the next
const LINE_PX = 22; // a number stands at the first line of its region

/** boxes: laid over the sheet; margin: beside the desk, which scrolls the sheet. */
export function createMarks({ boxes, margin, desk, sheet }) {
  let numbers = []; // {element, box}

  function draw(marks) {
    boxes.replaceChildren(...marks.map(boxElement));
    const namedMarks = marks.filter((mark, i) => mark.name && marks.findIndex((other) => other.name === mark.name) === i);
    numbers = namedMarks.map((mark) => ({ box: mark.box, element: numberElement(mark) }));
    margin.replaceChildren(...numbers.map(({ element }) => element));
    margin.hidden = numbers.length === 0;
    place();
  }

  /** Move the numbers beside their regions, as the desk is scrolled now. */
  function place() {
    const height = sheet.offsetHeight;
    const top = sheet.offsetTop - desk.scrollTop;
    const inView = [];
    for (const number of numbers) {
      const [, y0, , y1] = number.box;
      const start = top + y0 * height;
      const end = top + y1 * height;
      const isSeen = end > 0 && start < desk.clientHeight;
      number.element.hidden = !isSeen;
      if (isSeen) inView.push({ ...number, middle: Math.max(start, 0) + Math.min(end - start, LINE_PX) / 2 });
    }
    inView.sort((a, b) => a.middle - b.middle);
    const middles = spread(inView.map(({ middle }) => middle), APART_PX, desk.clientHeight);
    inView.forEach(({ element }, i) => (element.style.top = `${middles[i]}px`));
  }

  return { draw, place, first: () => boxes.querySelector(".box.active") ?? boxes.firstElementChild };
}

/** Ascending positions, moved as little as needed so that each is `apart` from the next and inside of `length`. */
export function spread(positions, apart, length) {
  const places = [];
  for (const position of positions) {
    const lowest = places.length ? places[places.length - 1] + apart : apart / 2;
    places.push(Math.max(position, lowest));
  }
  let highest = length - apart / 2;
  for (let i = places.length - 1; i >= 0; i--) {
    places[i] = Math.min(places[i], highest);
    highest = places[i] - apart;
  }
  return places;
}

function boxElement({ box, active, light }) {
  const element = make("div", { className: `box${active ? " active" : ""}${light ? " light" : ""}` });
  const [x0, y0, x1, y1] = box.map((fraction) => fraction * 100);
  element.style.left = `${x0}%`;
  element.style.top = `${y0}%`;
  element.style.width = `${x1 - x0}%`;
  element.style.height = `${y1 - y0}%`;
  return element;
}

function numberElement({ name, active }) {
  return make("span", { className: active ? "chip number active" : "chip number" }, name);
}
