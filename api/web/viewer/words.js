// The words of the page over its image, invisible: to select, to copy, to find.

import { make } from "../frame/dom.js";

const pen = document.createElement("canvas").getContext("2d");

/** layer: an element of the sheet's size. */
export function createWords(layer) {
  let words = []; // {text, box, line}
  let soughtTerms = []; // lower case

  layer.addEventListener("copy", (event) => {
    const text = selected();
    if (!text) return;
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  });

  function draw(pageWords, ratio) {
    words = pageWords;
    pen.font = "100px sans-serif"; // as in viewer.css
    layer.replaceChildren(...words.flatMap((word, i) => [element(word, ratio), i + 1 < words.length ? " " : ""]));
    find(soughtTerms);
  }

  /** Show where these words stand; the number of places. */
  function find(terms) {
    soughtTerms = terms.map((term) => term.toLocaleLowerCase()).filter((term) => term.length > 1 || /\d|\p{L}/u.test(term));
    let n = 0;
    [...layer.children].forEach((span, i) => {
      const text = words[i].text.toLocaleLowerCase();
      const isSought = soughtTerms.some((term) => text.includes(term));
      span.classList.toggle("sought", isSought);
      n += isSought;
    });
    return n;
  }

  /** The words of the browser's selection in this layer, in reading order. */
  function selected() {
    const selection = getSelection();
    if (selection.isCollapsed || !selection.rangeCount) return "";
    return joined([...layer.children].flatMap((span, i) => (selection.containsNode(span, true) ? [words[i]] : [])));
  }

  /** The words whose middle lies in one of the boxes. */
  function inside(boxes) {
    return joined(words.filter(({ box: [x0, y0, x1, y1] }) => {
      const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
      return boxes.some((box) => x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]);
    }), " ");
  }

  return { draw, find, selected, inside, clear: () => draw([], 1) };
}

function joined(words, lineEnd = "\n") {
  return words.reduce((text, word, i) => {
    if (i === 0) return word.text;
    return text + (word.line === words[i - 1].line ? " " : lineEnd) + word.text;
  }, "");
}

/** A span that is as high and as wide as the word on the page, at every zoom. */
function element({ text, box: [x0, y0, x1, y1] }, ratio) {
  const span = make("span", { className: "word" }, text);
  const height = Math.max(y1 - y0, 0.001);
  const natural = (pen.measureText(text).width / 100) * height || 1; // in heights of the page
  span.style.left = `${x0 * 100}%`;
  span.style.top = `${y0 * 100}%`;
  span.style.fontSize = `${height * 100}cqh`;
  span.style.transform = `scaleX(${((x1 - x0) * ratio) / natural})`;
  return span;
}
