// The view `status`: what the service does, how it keeps and finds pages, and who may use it.

import { byId, make, tell } from "../../frame/dom.js";
import { call } from "../../frame/http.js";
import { get, may, onChange } from "../../frame/store.js";
import { languageNames, sizeName, t } from "../../frame/texts.js";
import { durationName } from "../../background/durations.js";
import { openKeys } from "./keys.js";
import { openSettings } from "./settings.js";
import { percentName, secondsName, table } from "./tables.js";

const LOOK_MS = 5_000;

export function open() {
  let timer = null;
  let isOpen = true;
  const settings = openSettings();
  const keys = may("admin") && get("session").everywhere ? openKeys() : null;

  async function look() {
    clearTimeout(timer);
    try {
      const status = await call("GET", "/v1/status");
      if (!isOpen) return;
      show(status);
      settings.show(status.settings);
      tell(byId("problem"), null);
    } catch (error) {
      if (isOpen) tell(byId("problem"), error);
    }
    if (isOpen) timer = setTimeout(look, LOOK_MS);
  }

  const end = onChange("documents", look);
  look();
  return {
    show() {},
    close() {
      isOpen = false;
      clearTimeout(timer);
      end();
      keys?.close();
    },
  };
}

function show(status) {
  const loaded = t(status.encoder_loaded ? "status.loaded" : "status.not_loaded");
  byId("about").textContent = t("status.about", { version: status.version, encoder: status.encoder, generator: status.generator, loaded })
    + (get("session").read_only ? ` · ${t("status.bundle")}` : "");
  showNow(status);
  showDisk(status.disk);
  showIndex(status.collections);
  showLatency(status.latency);
}

function showNow({ queue, checks }) {
  const { running, queued, oldest_waiting_s: oldest } = queue;
  const notes = [];
  if (running > 0) notes.push(t("work.reading", { n: running }));
  if (queued > 0) notes.push(t("work.waiting", { n: queued }));
  if (queued > 0 && oldest > 60) notes.push(t("status.oldest", { time: durationName(oldest) }));
  byId("now").textContent = notes.length ? notes.join(" · ") : t("status.idle");
  byId("checks").hidden = checks === null;
  byId("checks").replaceChildren(...(checks ?? []).map(({ name, state, detail }) => make("li", { className: state },
    make("span", { className: "state" }, t(`status.state.${state}`)),
    make("b", {}, name),
    make("span", { className: "muted" }, detail))));
}

function showDisk(disk) {
  byId("disk").hidden = disk === null;
  if (disk === null) return;
  const total = disk.free_bytes + disk.used_bytes;
  Object.assign(byId("disk-meter"), { max: total, high: 0.95 * total, optimum: 0, value: disk.used_bytes });
  const notes = [t("status.free", { free: sizeName(disk.free_bytes), total: sizeName(total) })];
  const leaving = disk.deleted_bytes + disk.quarantine_bytes;
  if (leaving > 0) notes.push(t("status.going", { size: sizeName(leaving) }));
  if (disk.read_only_reason) notes.push(disk.read_only_reason);
  byId("disk-facts").textContent = notes.join(" · ");
}

function showIndex(collections) {
  const titles = new Map(get("collections").map(({ name, title }) => [name, title]));
  table(byId("index"), ["collection", "languages", "documents", "pages", "segments", "indexes", "recall"].map((key) => t(`status.column.${key}`)),
    collections.map((row) => [
      titles.get(row.name) ?? row.name, languageNames(row.languages) || "–", row.documents, row.pages, row.segments,
      t("status.of", { n: row.candidate_indexes, total: row.segments }),
      row.recall.mean === null ? t("status.exact") : t("status.recall", { share: percentName(row.recall.mean), n: row.recall.n_sampled }),
    ]));
}

function showLatency(latency) {
  byId("latency-panel").hidden = latency === null;
  if (latency === null) return;
  table(byId("latency"), ["stage", "count", "median", "p95", "mean"].map((key) => t(`status.column.${key}`)),
    latency.map(({ stage, count, median_s: median, p95_s: p95, mean_s: mean }) => [
      t(`status.stage.${stage}`), count, secondsName(median), secondsName(p95), secondsName(mean),
    ]), t("status.no_latency"));
}
