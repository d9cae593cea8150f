// The words around a match, with those of the query in bold.

import { make } from "../../frame/dom.js";

const BEFORE = 60; // characters in front of the first match; more are left out, so that it is seen

/** matches: [start, stop] in characters, as Python counts them, ascending. */
export function snippetOf({ snippet, matches = [] }) {
  const characters = [...snippet];
  const text = (start, stop) => characters.slice(start, stop).join("");
  let at = beginning(characters, matches[0]?.[0] ?? 0);
  const pieces = at > 0 ? ["… "] : [];
  for (const [start, stop] of matches) {
    if (start > at) pieces.push(text(at, start));
    pieces.push(make("b", {}, text(start, stop)));
    at = stop;
  }
  pieces.push(text(at));
  return make("span", { className: "snippet", dir: "auto" }, ...pieces);
}

function beginning(characters, firstMatch) {
  if (firstMatch <= BEFORE) return 0;
  let at = firstMatch - BEFORE / 2;
  while (at < firstMatch && characters[at - 1] !== " ") at += 1;
  return at;
}
