// The documents of a collection as a table: searched and sorted by the service, a part at a time.

import { byId, make, tell } from "../../frame/dom.js";
import { call } from "../../frame/http.js";
import { navigate } from "../../frame/router.js";
import { get, onChange, subscribe } from "../../frame/store.js";
import { t } from "../../frame/texts.js";
import { isDoomed } from "../../background/deletions.js";
import { documentRow } from "./document_row.js";

const PART = 100; // rows of one request
const MOST = 1000; // that the service gives at once
const PAUSE_MS = 200; // after the last letter of a search
const COLUMNS = ["name", "pages", "bytes", "created_at"]; // as the service calls what it sorts by
const FIRST_DOWN = ["pages", "bytes", "created_at"]; // the largest and newest first

/** Fill the table; what is searched and how it is sorted stand in the address. */
export function openDocuments(collection, address) {
  const rows = new Map(); // id of a document -> its row and what it shows
  const listening = new AbortController();
  let wish = wishOf(address);
  let cursor = null;
  let turn = 0; // counts the loads: the answer of an older one is dropped
  let pause = null;

  byId("find").value = wish.search;
  byId("find").addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => go({ ...wish, search: byId("find").value.trim() }), PAUSE_MS);
  }, { signal: listening.signal });
  byId("only-refused").addEventListener("click", () => go({ ...wish, isRefused: !wish.isRefused }), { signal: listening.signal });
  byId("more").addEventListener("click", () => load({ isMore: true }), { signal: listening.signal });
  byId("documents").replaceChildren();

  function go({ search, sort, isRefused }) {
    const query = new URLSearchParams();
    if (search) query.set("search", search);
    if (sort !== "name") query.set("sort", sort);
    if (isRefused) query.set("refused", "true");
    navigate(`/library/${encodeURIComponent(collection)}${query.size ? `?${query}` : ""}`, { replace: true });
  }

  async function load({ isMore = false } = {}) {
    const own = ++turn;
    const limit = isMore ? PART : Math.min(Math.max(PART, rows.size), MOST);
    const query = new URLSearchParams({ limit, sort: wish.sort });
    if (wish.search) query.set("search", wish.search);
    if (wish.isRefused) query.set("refused", "true");
    if (isMore && cursor) query.set("cursor", cursor);
    try {
      const path = `/v1/collections/${encodeURIComponent(collection)}/documents?${query}`;
      const body = await call("GET", path);
      if (own !== turn) return;
      cursor = body.next_cursor;
      if (isMore) body.documents.forEach(add);
      else replaceAll(body.documents);
    } catch (error) {
      if (own === turn && error.status !== 404) tell(byId("one-problem"), error);
    }
    if (own === turn) showState();
  }

  /** Rows that still show what is true stay as they are, and so does the focus inside them. */
  function replaceAll(documents) {
    const ids = new Set(documents.map(({ id }) => id));
    for (const [id, { row }] of rows) if (!ids.has(id)) take(id, row);
    documents.forEach(add);
    byId("documents").append(...documents.map(({ id }) => rows.get(id).row).filter(isMoved));
  }

  function isMoved(row, place) {
    return byId("documents").children[place] !== row;
  }

  function add(document) {
    const facts = JSON.stringify(document);
    const entry = rows.get(document.id);
    const isUndoShown = entry?.row.querySelector(".undo") !== null;
    if (entry?.facts === facts && isUndoShown === isDoomed(`/v1/documents/${document.id}`)) return;
    const row = documentRow(document, collection);
    if (entry) entry.row.replaceWith(row);
    else byId("documents").append(row);
    rows.set(document.id, { row, facts });
  }

  function take(id, row) {
    const hadFocus = row.contains(globalThis.document.activeElement);
    row.remove();
    rows.delete(id);
    if (hadFocus) byId("title").focus();
  }

  function showState() {
    const isEmpty = rows.size === 0;
    const isBusy = get("uploads").some((entry) => entry.collection === collection)
      || get("work").running + get("work").queued > 0;
    byId("table").hidden = isEmpty;
    byId("tools").hidden = isEmpty && !wish.search && !wish.isRefused;
    byId("only-refused").ariaPressed = String(wish.isRefused);
    byId("more").hidden = cursor === null;
    byId("one-empty").hidden = !isEmpty || byId("table").classList.contains("gone");
    byId("one-empty-text").textContent = t(
      wish.search || wish.isRefused ? "library.no_match" : isBusy ? "library.soon_here" : "library.nothing_here",
    );
    byId("count").textContent = wish.search || wish.isRefused || cursor ? t("library.shown", { n: rows.size }) : "";
  }

  function showHeads() {
    const heads = COLUMNS.map((column) => {
      const isDown = wish.sort === `-${column}`;
      const isSorted = isDown || wish.sort === column;
      const isDownNext = isSorted ? !isDown : FIRST_DOWN.includes(column);
      const button = make("button", { type: "button", className: "quiet" }, t(`library.head.${column}`));
      button.addEventListener("click", () => go({ ...wish, sort: (isDownNext ? "-" : "") + column }));
      const head = make("th", { scope: "col", className: column }, button);
      if (isSorted) head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
      return head;
    });
    byId("heads").replaceChildren(...heads, make("th", { scope: "col" }, make("span", { className: "unseen" }, t("library.head.acts"))));
  }

  const endings = [onChange("documents", () => load()), subscribe("uploads", showState), () => listening.abort(), () => clearTimeout(pause)];
  showHeads();
  load();
  return {
    update(newAddress) {
      const focusedColumn = globalThis.document.activeElement?.closest("th")?.className;
      wish = wishOf(newAddress);
      if (byId("find") !== globalThis.document.activeElement) byId("find").value = wish.search;
      showHeads();
      if (focusedColumn) byId("heads").querySelector(`.${focusedColumn} button`).focus();
      rows.clear();
      byId("documents").replaceChildren();
      load();
    },
    close() {
      turn += 1;
      endings.forEach((end) => end());
    },
  };
}

function wishOf({ query }) {
  const sort = query.get("sort") ?? "name";
  const isKnown = COLUMNS.includes(sort.replace(/^-/, ""));
  return { search: query.get("search") ?? "", sort: isKnown ? sort : "name", isRefused: query.get("refused") === "true" };
}
