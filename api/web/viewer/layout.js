// The elements of a viewer, without what they do.

import { make } from "../frame/dom.js";
import { t } from "../frame/texts.js";

/** A new viewer in `root`; returns its parts by name. */
export function layOut(root) {
  const parts = {};
  const part = (name, element) => (parts[name] = element);
  const button = (name, text, properties = {}) =>
    part(name, make("button", { type: "button", ...properties }, text));
  const sign = (name, text, key) => button(name, text, { className: "sign", label: t(key), title: t(key) });

  const turning = make("div", { className: "turning", role: "group", label: t("viewer.pages") },
    sign("previous", "‹", "viewer.previous"),
    part("number", make("input", { inputMode: "numeric", autocomplete: "off", maxLength: 6, label: t("viewer.number") })),
    part("total", make("span", { className: "total" })),
    sign("next", "›", "viewer.next"),
  );
  const place = part("place", make("div", { className: "place" },
    part("name", make("strong", { className: "name", dir: "auto" })),
    part("printed", make("span", { className: "printed" })),
  ));
  const proofs = part("proofs", make("div", { className: "stepper", role: "group", label: t("viewer.proofs"), hidden: true },
    sign("previousProof", "↑", "viewer.previous_proof"),
    make("span", { className: "proof-count" },
      part("proof", make("span", { className: "long" })),
      part("proofShort", make("span", { className: "short", ariaHidden: "true" }))),
    sign("nextProof", "↓", "viewer.next_proof"),
  ));
  const zoom = make("div", { className: "zoom", role: "group", label: t("viewer.zoom") },
    button("smaller", "−", { className: "sign smaller", label: t("viewer.smaller"), title: t("viewer.smaller") }),
    button("fit", t("viewer.fit"), { className: "fit" }),
    button("width", t("viewer.width"), { className: "width" }),
    button("region", t("viewer.region"), { className: "region" }),
    button("larger", "+", { className: "sign larger", label: t("viewer.larger"), title: t("viewer.larger") }),
  );
  const top = make("header", { className: "top" }, button("close", "×", { className: "sign close", label: t("viewer.close"), title: t("viewer.close") }), place, turning, menu(part, button));
  const tools = make("div", { className: "page-tools" }, proofs, zoom,
    button("heat", t("viewer.heat"), { className: "heat-button", hidden: true, title: t("viewer.heat_title") }));
  const body = part("body", make("div", { className: "viewer-body", tabIndex: -1, hidden: true },
    top, tools, heatRow(part),
    part("player", make("video", { className: "player", controls: true, preload: "metadata", hidden: true, label: t("viewer.player") })),
    table(part),
    part("problem", make("p", { className: "problem", role: "alert", hidden: true })),
    part("notice", make("p", { className: "notice", role: "status" })),
  ));
  part("handle", make("div", { className: "handle", tabIndex: 0, role: "separator", label: t("viewer.resize") }));
  part("dialog", make("dialog", { className: "viewer-dialog", label: t("viewer.title") }, body, blank(part)));
  root.classList.add("viewer");
  root.replaceChildren(parts.handle, parts.dialog);
  return parts;
}

function menu(part, button) {
  const link = part("file", make("a", { className: "item", target: "_blank", rel: "noopener" }, t("viewer.file")));
  const items = make("div", { className: "items" }, link,
    button("copyLink", t("viewer.copy_link"), { className: "item" }),
    button("copyQuote", t("viewer.copy_quote"), { className: "item" }),
    button("full", t("viewer.full"), { className: "item" }),
  );
  return part("menu", make("details", { className: "page-menu" }, make("summary", { className: "sign", label: t("viewer.more"), title: t("viewer.more") }, "⋯"), items));
}

function heatRow(part) {
  const legend = make("div", { className: "legend" },
    make("span", {}, t("viewer.cold")), make("i", { ariaHidden: "true" }), make("span", {}, t("viewer.hot")));
  const opacity = part("opacity", make("input", { type: "range", min: "0", max: "1", step: "0.05", value: "0.75" }));
  return part("heatRow", make("div", { className: "heat-row", hidden: true },
    part("chips", make("div", { className: "heat-words", role: "group", label: t("viewer.heat_words") })),
    legend,
    make("label", { className: "opacity" }, make("span", {}, t("viewer.opacity")), opacity),
  ));
}

function table(part) {
  const sheet = part("sheet", make("div", { className: "sheet", role: "group" },
    part("preview", make("img", { className: "preview", alt: "" })),
    part("image", make("img", { className: "image", alt: "" })),
    part("canvas", make("canvas", { className: "heat", hidden: true, ariaHidden: "true" })),
    part("boxes", make("div", { className: "boxes", ariaHidden: "true" })),
    part("words", make("div", { className: "page-words", dir: "ltr" })),
    part("broken", make("div", { className: "broken", hidden: true },
      make("p", { role: "alert" }, t("viewer.broken")),
      part("again", make("button", { type: "button" }, t("viewer.again"))))),
  ));
  const strip = part("stripPane", make("nav", { className: "page-strip", label: t("viewer.strip") },
    part("strip", make("ol")), part("ticks", make("div", { className: "ticks", ariaHidden: "true" }))));
  return make("div", { className: "table" }, strip,
    part("margin", make("div", { className: "margin", hidden: true, ariaHidden: "true" })),
    part("desk", make("div", { className: "desk", tabIndex: 0, role: "region", label: t("viewer.desk") }, sheet)));
}

function blank(part) {
  const paper = make("div", { className: "paper", ariaHidden: "true" });
  for (let i = 0; i < 6; i++) paper.append(make("i", { className: i === 3 ? "marked" : "" }));
  return part("blank", make("div", { className: "blank" }, paper, make("p", {}, t("viewer.empty"))));
}
