// All collections: what each holds, what is on its way, and how to begin.

import { byId, make, tell } from "../../frame/dom.js";
import { get, may, refreshCollections, subscribe } from "../../frame/store.js";
import { dayName, t } from "../../frame/texts.js";
import { askWhere } from "../../background/drops.js";
import { SAMPLES, samplesOffer } from "../../background/samples.js";
import { askForTitle } from "./dialogs.js";

export function openAll() {
  const listening = new AbortController();
  const listen = (id, name, act) => byId(id).addEventListener(name, act, { signal: listening.signal });
  byId("add-anywhere").hidden = !may("write");
  byId("create").hidden = !(may("write") && get("session").everywhere);
  listen("create", "click", () => askForTitle());
  listen("add-anywhere", "click", () => byId("files-anywhere").click());
  listen("files-anywhere", "change", () => {
    askWhere([...byId("files-anywhere").files]);
    byId("files-anywhere").value = "";
  });
  let isOpen = true;
  const endings = [() => { isOpen = false; }, subscribe("collections", list), subscribe("work", list), () => listening.abort()];

  async function load() {
    await refreshCollections();
    if (get("collections").every(({ name, documents }) => name === SAMPLES || documents === 0)) {
      const offer = await samplesOffer();
      if (isOpen) byId("offer").replaceChildren(offer);
    }
    if (isOpen) tell(byId("all-problem"), null);
  }

  load().catch((error) => isOpen && tell(byId("all-problem"), error));
  return { close: () => endings.forEach((end) => end()) };
}

function list() {
  const collections = get("collections");
  byId("empty").hidden = collections.length > 0;
  byId("collections").replaceChildren(...collections.map(card));
}

function card({ name, title, documents, pages, rejected, created_at }) {
  const facts = [
    t("count.documents", { n: documents }),
    t("count.pages", { n: pages }),
    t("library.since", { day: dayName(created_at) }),
  ];
  const item = make("li", {},
    make("a", { href: `/library/${encodeURIComponent(name)}`, dir: "auto" }, title),
    make("p", { className: "muted" }, facts.join(" · ")));
  const nRunning = get("work").jobs.filter((job) => job.collection === name).length;
  if (nRunning > 0) item.append(make("p", { className: "state" }, t("work.reading", { n: nRunning })));
  if (rejected > 0) item.append(make("p", { className: "state bad" }, t("library.rejected", { n: rejected })));
  return item;
}
