// Where on the page the question looks: a canvas over the image, under the boxes.

import { make } from "../frame/dom.js";
import { t } from "../frame/texts.js";

const COLD = [86, 60, 200];
const HOT = [214, 0, 72];
const GAMMA = 2; // medium heat stays transparent: most of a page is about as similar to any question

/** parts: {canvas, row, chips, opacity, button}; data: what createPageData returns. */
export function createHeat({ canvas, row, chips, opacity, button }, data, onError) {
  let isOn = false;
  let question = "";
  let pageId = null;
  let chosenTokens = null; // tokens of the chosen word; null: all
  let latest = 0; // only the last request may draw

  button.addEventListener("click", () => turn(!isOn));
  opacity.addEventListener("input", () => (canvas.style.opacity = opacity.value));

  function turn(on) {
    isOn = on;
    chosenTokens = null;
    refresh();
  }

  /** Another page or question: the heat is drawn anew where it is on. */
  function about(page, newQuestion) {
    if (newQuestion !== question) chosenTokens = null;
    pageId = page;
    question = newQuestion;
    button.hidden = !question;
    if (!question) isOn = false;
    refresh();
  }

  async function refresh() {
    const turnNumber = ++latest;
    button.setAttribute("aria-pressed", String(isOn));
    row.hidden = canvas.hidden = !isOn;
    if (!isOn || pageId === null) return;
    canvas.classList.add("waiting");
    try {
      const whole = await data.heat(pageId, question, null);
      const maps = chosenTokens ? await Promise.all(chosenTokens.map((n) => data.heat(pageId, question, n))) : [whole];
      if (turnNumber !== latest) return;
      list(wordsOf(whole));
      paint(canvas, maps);
    } catch (error) {
      if (turnNumber !== latest) return;
      turn(false);
      onError(error);
    }
  }

  function list(words) {
    const all = chip(t("viewer.all_words"), null);
    chips.replaceChildren(all, ...words.map(({ text, tokens }) => chip(text, tokens)));
  }

  function chip(text, tokens) {
    const element = make("button", { type: "button", className: "heat-word", dir: "auto" }, text);
    element.setAttribute("aria-pressed", String(String(tokens) === String(chosenTokens)));
    element.addEventListener("click", () => {
      chosenTokens = tokens;
      refresh();
      for (const other of chips.children) other.setAttribute("aria-pressed", String(other === element));
    });
    return element;
  }

  return { about, turn, isOn: () => isOn };
}

/** The words of the question with their tokens: an encoder may read one word in several pieces. */
export function wordsOf({ query, tokens }) {
  const words = [];
  const lower = query.toLowerCase();
  let at = 0;
  for (const { n, text, content } of tokens) {
    if (!content || !text.trim()) continue;
    const start = lower.indexOf(text.toLowerCase(), at);
    const isPiece = words.length > 0 && start === at && start > 0 && !/\s/.test(query[start - 1]);
    if (start >= 0) at = start + text.length;
    const last = words[words.length - 1];
    if (isPiece && last) {
      last.text += query.slice(start, at);
      last.tokens.push(n);
    } else {
      words.push({ text: start >= 0 ? query.slice(start, at) : text, tokens: [n] });
    }
  }
  return words;
}

function paint(canvas, maps) {
  const { rows, columns } = maps[0];
  const low = Math.min(...maps.map((map) => map.low ?? 0));
  const high = Math.max(...maps.map((map) => map.high ?? 0));
  const span = high - low || 1;
  canvas.width = columns;
  canvas.height = rows;
  const image = new ImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) {
    const cells = maps.map((map) => map.grid[Math.floor(i / columns)][i % columns]).filter((cell) => cell !== null);
    const warmth = cells.length ? (Math.max(...cells) - low) / span : 0;
    for (let c = 0; c < 3; c++) image.data[i * 4 + c] = COLD[c] + (HOT[c] - COLD[c]) * warmth;
    image.data[i * 4 + 3] = 255 * warmth ** GAMMA;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.classList.remove("waiting");
}
