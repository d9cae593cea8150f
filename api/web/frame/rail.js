// The rail: the views, past conversations, what the service is doing, and whose key is in use.

import { byId } from "./dom.js";
import { call } from "./http.js";
import { get } from "./store.js";
import { t } from "./texts.js";

export function startRail() {
  const { key_required: isRequired, name } = get("session");
  byId("key-line").hidden = !isRequired;
  byId("key-name").textContent = isRequired ? t("key.used", { name }) : "";
  byId("leave").addEventListener("click", async () => {
    await call("DELETE", "/v1/session");
    location.reload();
  });
}
