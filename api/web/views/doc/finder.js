// Finds words in the document that is open: pages in their order, the words marked on them.

import { byId, make, tell } from "../../frame/dom.js";
import { call } from "../../frame/http.js";
import { pageName, t } from "../../frame/texts.js";
import { pageAddress } from "../../viewer/share.js";
import { snippetOf } from "../search/snippet.js";

const MOST = 100; // pages; more than the service gives at once

export function createFinder(viewer) {
  let owner = null;
  let collection = null;
  let latest = 0;

  byId("doc-find").addEventListener("submit", (event) => {
    event.preventDefault();
    find(byId("doc-words").value.trim());
  });
  byId("doc-words").addEventListener("search", (event) => {
    if (!event.target.value) find("");
  });
  byId("doc-results").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    viewer.show(Number(link.dataset.page));
  });

  async function find(words) {
    const turn = ++latest;
    try {
      const hits = words ? await hitsOf(words) : [];
      if (turn !== latest) return;
      tell(byId("doc-problem"), null);
      list(hits, words);
      viewer.find(words ? words.split(/\s+/) : []);
      if (!hits.length) return;
      const marks = hits.map((hit) => ({ pageId: hit.page_id, box: hit.evidence[0]?.box ?? [0, 0, 1, 1], name: "" }));
      viewer.show(hits[0].page_id, { marks, question: words });
    } catch (error) {
      if (turn === latest) tell(byId("doc-problem"), error);
    }
  }

  async function hitsOf(query) {
    const filters = { documents: [owner.id] };
    const body = { query, collections: [collection], filters, versions: "all", mode: "words", k: Math.min(owner.pages, MOST) };
    const { hits } = await call("POST", "/v1/search", body);
    return hits.sort((a, b) => a.page_number - b.page_number);
  }

  function list(hits, words) {
    const count = hits.length ? t("doc.matches", { n: hits.length }) : t("doc.no_match");
    byId("doc-count").textContent = words ? count : "";
    byId("doc-results").replaceChildren(...hits.map(item));
  }

  return {
    about(newOwner, newCollection) {
      owner = newOwner;
      collection = newCollection;
      byId("doc-words").value = "";
      list([], "");
    },
    mark(pageId) {
      for (const link of byId("doc-results").querySelectorAll("a")) {
        if (Number(link.dataset.page) === pageId) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    },
  };
}

function item(hit) {
  const place = make("span", { className: "place" }, pageName(hit));
  const link = make("a", { href: pageAddress(hit) }, place, snippetOf(hit));
  link.dataset.page = hit.page_id;
  return make("li", {}, link);
}
