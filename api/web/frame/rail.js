// The rail: the views, past conversations, what the service is doing, and whose key is in use.

import { byId } from "./dom.js";
import { call } from "./http.js";
import { durationName } from "../background/durations.js";
import { get, subscribe } from "./store.js";
import { t } from "./texts.js";

export function startRail() {
  const { key_required: isRequired, name } = get("session");
  byId("key-line").hidden = !isRequired;
  byId("key-name").textContent = isRequired ? t("key.used", { name }) : "";
  byId("leave").addEventListener("click", async () => {
    await call("DELETE", "/v1/session");
    location.reload();
  });
  subscribe("work", showWork);
  subscribe("uploads", showWork);
  showWork();
}

/** `Reading 2 files`, and below it `4 min left`: also in a tab that queued none of them. */
function showWork() {
  const { queued, running, secondsLeft, isLost } = get("work");
  const nSending = get("uploads").filter(({ state }) => state === "waiting" || state === "sending").length;
  const isBusy = running + queued + nSending > 0;
  byId("dot").classList.toggle("working", isBusy && !isLost);
  byId("dot").classList.toggle("trouble", isLost);
  byId("work").textContent = workName(running, queued, nSending, isLost);
  const notes = [];
  if (running + queued > 0 && secondsLeft !== null) notes.push(t("work.left", { time: durationName(secondsLeft) }));
  if (running > 0 && queued > 0) notes.push(t("work.waiting", { n: queued }));
  byId("work-notes").textContent = isLost ? "" : notes.join(" · ");
}

function workName(running, queued, nSending, isLost) {
  if (isLost) return t("work.lost");
  if (running > 0) return t("work.reading", { n: running });
  if (nSending > 0) return t("work.sending", { n: nSending });
  return queued > 0 ? t("work.waiting", { n: queued }) : t("frame.status");
}
