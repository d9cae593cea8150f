// The view `doc`: /doc/ID#page=89&box=x0,y0,x1,y1, a whole document with its pages.

import { byId, tell } from "../../frame/dom.js";
import { call } from "../../frame/http.js";
import { navigate } from "../../frame/router.js";
import { onChange } from "../../frame/store.js";
import { pageAddress } from "../../viewer/share.js";
import { createViewer } from "../../viewer/viewer.js";
import { showFacts } from "./facts.js";
import { createFinder } from "./finder.js";

export function open() {
  let documentId = null;
  let firstPageId = null;
  let writtenHash = null; // the hash that this view has written itself
  let latest = 0;

  const viewer = createViewer(byId("doc-viewer"), { asSheet: false, onShow: follow });
  const finder = createFinder(viewer);

  /** The address follows the page in view; Back leads out of the document. */
  function follow(page, boxes) {
    writtenHash = pageAddress(page, boxes).split("#")[1];
    finder.mark(page.page_id);
    document.title = `${page.document} – pagesight`;
    if (location.hash.slice(1) !== writtenHash) navigate(`#${writtenHash}`, { replace: true });
  }

  async function show({ params, hash }) {
    const turn = ++latest;
    try {
      if (params.document !== documentId) await load(params.document, () => turn === latest);
      if (turn !== latest || firstPageId === null) return;
      if (writtenHash !== null && location.hash.slice(1) === writtenHash) return;
      const number = Math.max(Number.parseInt(hash.get("page") ?? "1", 10) || 1, 1);
      const marks = hash.getAll("box").map(boxOf).filter(Boolean).map((box) => ({ box, name: "", active: true }));
      viewer.show(firstPageId + number - 1, marks.length ? { marks } : {});
    } catch (error) {
      if (turn === latest) tell(byId("doc-problem"), error);
    }
  }

  async function load(id, isLatest) {
    documentId = id;
    firstPageId = writtenHash = null;
    viewer.clear();
    const path = `/v1/documents/${encodeURIComponent(id)}`;
    const [owner, { collection }] = await Promise.all([call("GET", path), call("GET", `${path}/pages?limit=1`)]);
    if (!isLatest()) return;
    firstPageId = owner.first_page_id;
    showFacts(owner, collection);
    finder.about(owner, collection);
  }

  /** A document that was deleted, perhaps in another tab, is not shown any more. */
  async function lookAgain() {
    const id = documentId;
    const owner = await call("GET", `/v1/documents/${encodeURIComponent(id)}`).catch((error) => error);
    if (!(owner instanceof Error) || id !== documentId) return;
    viewer.clear();
    firstPageId = null;
    for (const name of ["doc-find", "doc-ask", "doc-file", "doc-diff"]) byId(name).hidden = true;
    tell(byId("doc-problem"), owner);
  }

  const endChanges = onChange("documents", lookAgain);
  return {
    show,
    close() {
      latest += 1;
      endChanges();
      document.title = "pagesight";
      viewer.close();
    },
  };
}

/** Four page fractions of an address; null for anything else. */
function boxOf(text) {
  const box = text.split(",").map(Number);
  const isBox = box.length === 4 && box.every((edge) => edge >= 0 && edge <= 1) && box[0] <= box[2] && box[1] <= box[3];
  return isBox ? box : null;
}
