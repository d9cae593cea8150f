// The words around a match, with those of the query in bold.

import { make } from "../../frame/dom.js";

/** matches: [start, stop] in characters, as Python counts them, ascending. */
export function snippetOf({ snippet, matches = [] }) {
  const characters = [...snippet];
  const pieces = [];
  let at = 0;
  for (const [start, stop] of matches) {
    if (start > at) pieces.push(characters.slice(at, start).join(""));
    pieces.push(make("b", {}, characters.slice(start, stop).join("")));
    at = stop;
  }
  pieces.push(characters.slice(at).join(""));
  return make("span", { className: "snippet", dir: "auto" }, ...pieces);
}
