// Starts the application: texts, the key, the collections, then the view of the address.

import { byId, make, tell } from "./dom.js";
import { createHistory } from "./history.js";
import { enter } from "./key.js";
import { startRail } from "./rail.js";
import { startRouter } from "./router.js";
import { refreshCollections, set } from "./store.js";
import { startDrops } from "../background/drops.js";
import { startWork } from "../background/jobs.js";
import { localise } from "./texts.js";

localise(document.body);
try {
  set("session", await enter());
  startRail();
  await refreshCollections();
  createHistory(byId("history")).refresh();
  startDrops();
  startWork();
  await startRouter(byId("view"));
} catch (error) {
  const problem = make("p", { className: "problem", role: "alert" });
  byId("view").replaceChildren(problem);
  byId("view").setAttribute("aria-busy", "false");
  tell(problem, error);
}
