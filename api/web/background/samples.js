// The first minute: six documents in one click, and a question about each.

import { make, tell } from "../frame/dom.js";
import { call } from "../frame/http.js";
import { navigate } from "../frame/router.js";
import { announce, get, may, refreshCollections } from "../frame/store.js";
import { t } from "../frame/texts.js";
import { lookNow } from "./jobs.js";

export const SAMPLES = "samples"; // the collection that the service puts them into

/** The offer as an element: for a library without documents, and beside the sample documents. */
export async function samplesOffer() {
  const samples = await call("GET", "/v1/samples");
  const problem = make("p", { className: "problem", hidden: true });
  problem.setAttribute("role", "alert");
  const offer = make("section", { className: "samples", label: t("samples.title") });
  if (!samples.is_added && may("write") && get("session").everywhere) offer.append(button(samples, problem));
  if (offer.childElementCount || samples.is_added) offer.append(questions(samples));
  return offer;
}

function button(samples, problem) {
  const n = samples.documents.length;
  const start = make("button", { className: "primary large", type: "button" }, t("samples.try"));
  start.addEventListener("click", async () => {
    start.disabled = true;
    try {
      await call("POST", "/v1/samples");
      await refreshCollections();
      announce("documents");
      lookNow();
      navigate(`/library/${samples.collection}`);
    } catch (error) {
      start.disabled = false;
      tell(problem, error);
    }
  });
  return make("div", { className: "start" }, start, make("p", { className: "muted" }, t("samples.what", { n })), problem);
}

/** Each leads to its answer; while no sample can be asked they say what could be. */
function questions({ collection, questions: examples }) {
  const isReady = get("collections").some(({ name, pages }) => name === collection && pages > 0);
  const items = examples.map(({ question, document }) => {
    const address = `/ask?${new URLSearchParams({ q: question, c: collection })}`;
    const text = isReady ? make("a", { href: address }, question) : make("span", {}, question);
    return make("li", { dir: "auto" }, text, make("small", {}, document));
  });
  return make("div", { className: isReady ? "examples" : "examples later" },
    make("h2", {}, t(isReady ? "samples.ask" : "samples.could_ask")),
    make("ul", {}, ...items));
}
