// What the viewer knows of pages and documents: each is asked for once.

import { call, callAll } from "../frame/http.js";

/** A store of answers: `page(id)`, `document(id)`, `pages(documentId)`, `text(pageId)`, all promises. */
export function createPageData() {
  const answers = new Map(); // path -> promise

  function once(path, ask) {
    if (!answers.has(path)) {
      const answer = ask(path);
      answer.catch(() => answers.delete(path)); // what failed is asked for again
      answers.set(path, answer);
    }
    return answers.get(path);
  }

  return {
    page: (id) => once(`/v1/pages/${id}`, (path) => call("GET", path)),
    document: (id) => once(`/v1/documents/${encodeURIComponent(id)}`, (path) => call("GET", path)),
    pages: (id) => once(`/v1/documents/${encodeURIComponent(id)}/pages?limit=1000`, (path) => callAll(path, "pages")),
    text: (id) => once(`/v1/pages/${id}/text`, (path) => call("GET", path)),
    heat: (id, question, token) => once(heatPath(id, question, token), (path) => call("GET", path)),
    forget: () => answers.clear(),
  };
}

function heatPath(id, question, token) {
  const which = token === null ? "" : `&token=${token}`;
  return `/v1/pages/${id}/heatmap?format=json&query=${encodeURIComponent(question)}${which}`;
}
