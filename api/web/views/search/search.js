// The view `search`: /search?q=&c=NAME&mode=&document=&pages=&tag=#hit=3, pages as images with the places that match.

import { byId, make, tell } from "../../frame/dom.js";
import { call } from "../../frame/http.js";
import { currentAddress, navigate } from "../../frame/router.js";
import { get, onChange, subscribe } from "../../frame/store.js";
import { language, t } from "../../frame/texts.js";
import { createViewer } from "../../viewer/viewer.js";
import { askAddress } from "../ask/scope.js";
import { addressOf, createForm, searchOf } from "./form.js";
import { coverItem, hitItem, marksOf } from "./hits.js";
import { createImageQuery } from "./image.js";

const PART = 12; // pages that are shown at a time
const MOST = 96;
const COVERS = 24; // documents to look into before anything is searched

export function open(root) {
  let search = null;
  let answeredKey = ""; // address and length of the list that is shown
  let hits = [];
  let k = PART;
  let latest = 0; // counts the searches
  let shows = 0; // counts the addresses: the last one says which page stands beside
  let viewer = null;

  const form = createForm(go, (documents) => {
    byId("search-covers").replaceChildren(...documents.slice(0, COVERS).map(coverItem));
  });
  const picture = createImageQuery(() => run(true), (error) => tell(byId("search-problem"), error));
  byId("search-more").addEventListener("click", () => {
    k += PART;
    run();
  });
  byId("search-hits").addEventListener("click", (event) => {
    const link = event.target.closest("a.hit");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const rank = hits.findIndex((hit) => hit.page_id === Number(link.dataset.page)) + 1;
    navigate(`${addressOf(search)}#hit=${rank}`);
  });
  const stopListening = subscribe("collections", () => show(currentAddress()));
  const endChanges = onChange("documents", () => {
    form.forget();
    form.show(search);
    run(true);
  });

  function go(newSearch) {
    k = PART;
    return navigate(addressOf(newSearch));
  }

  async function show({ query, hash }) {
    const own = ++shows;
    const newSearch = searchOf(query);
    if (search !== null && addressOf(newSearch) !== addressOf(search)) k = PART;
    search = newSearch;
    form.show(search);
    if (own === 1 && !search.q && !matchMedia("(pointer: coarse)").matches) byId("search-q").focus();
    await run();
    if (own === shows) showHit(Number.parseInt(hash.get("hit") ?? "", 10));
  }

  async function run(isAnew = false) {
    const key = `${addressOf(search)} ${k}`;
    if (key === answeredKey && !isAnew) return;
    const turn = ++latest;
    const isAsked = search.q !== "" || picture.data() !== null;
    const isEmpty = get("collections").every((collection) => collection.pages === 0);
    byId("search-start").hidden = isAsked && !isEmpty;
    byId("search-covers").hidden = isAsked || isEmpty;
    byId("search-how").textContent = t(isEmpty ? "search.empty" : "search.start");
    byId("search-library").hidden = !isEmpty;
    byId("search-form").hidden = isEmpty;
    tell(byId("search-problem"), null);
    if (!isAsked || isEmpty) return draw(null, key);
    byId("search-hits").setAttribute("aria-busy", "true");
    byId("search-count").textContent = t("search.waiting");
    try {
      const result = await call("POST", "/v1/search", bodyOf());
      if (turn === latest) draw(result, key);
    } catch (error) {
      if (turn !== latest) return;
      draw(null, "");
      tell(byId("search-problem"), error);
    }
  }

  function bodyOf() {
    const filters = { documents: search.document ? [search.document] : [], pages: search.pages || null, tags: search.tags };
    const body = { query: search.q, collections: search.collections, k, filters };
    if (search.mode !== "both") body.mode = search.mode;
    return picture.data() === null ? body : { ...body, image: picture.data() };
  }

  function draw(result, key) {
    answeredKey = key;
    hits = result?.hits ?? [];
    byId("search-hits").setAttribute("aria-busy", "false");
    byId("search-hits").replaceChildren(...hits.map(hitItem));
    byId("search-count").replaceChildren(...(result ? summary(result) : []));
    byId("search-more").hidden = hits.length < k || k >= MOST;
    byId("search-ask").hidden = hits.length === 0;
    byId("search-ask").href = askAddress(search.collections, { page_ids: hits.map((hit) => hit.page_id) }, search.q);
    const nLost = result?.missing_pages?.n_pages ?? 0;
    byId("search-degraded").hidden = nLost === 0;
    byId("search-degraded").textContent = nLost ? t("search.degraded", { n: nLost }) : "";
  }

  function summary({ timing_ms: times }) {
    if (!hits.length) return [t(search.mode === "words" ? "search.nothing_words" : "search.nothing")];
    const seconds = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 }).format(times.total / 1000);
    const pages = get("collections").filter(({ name }) => search.collections.includes(name));
    const n = pages.reduce((sum, collection) => sum + collection.pages, 0);
    return [make("b", {}, t("search.hits", { n: hits.length })), ` · ${t("search.time", { seconds, n })}`];
  }

  /** Show the hit of that rank in the pane; without one the pane is away. */
  function showHit(rank) {
    const hit = hits[rank - 1];
    root.classList.toggle("with-viewer", Boolean(hit));
    byId("search-viewer").hidden = !hit;
    mark(hit?.page_id);
    if (!hit) {
      viewer?.dismiss();
      return;
    }
    viewer ??= createViewer(byId("search-viewer"), { isClosable: true, onShow: ({ page_id: id }) => mark(id), onClose: leave });
    viewer.show(hit.page_id, { marks: marksOf(hits), question: search.q, byHand: true });
  }

  function leave() {
    if (location.hash) navigate(addressOf(search));
  }

  function mark(pageId) {
    for (const link of byId("search-hits").querySelectorAll("a.hit")) {
      if (Number(link.dataset.page) === pageId) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  return {
    show,
    close() {
      latest += 1;
      shows += 1;
      stopListening();
      endChanges();
      viewer?.close();
    },
  };
}
