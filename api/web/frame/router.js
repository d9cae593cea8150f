// Addresses lead to views: history, reload, Back and links work as everywhere else.

import { make, tell } from "./dom.js";
import { localise, t } from "./texts.js";

const VIEWS = [
  [/^\/(?:ask)?$/, "ask"],
  [/^\/ask\/(?<conversation>[^/]+)$/, "ask"],
  [/^\/search$/, "search"],
  [/^\/doc\/(?<document>[^/]+)$/, "doc"],
  [/^\/library$/, "library"],
  [/^\/library\/(?<collection>[^/]+)$/, "library"],
  [/^\/status$/, "status"],
];

const fragments = new Map(); // name of a view -> its markup
const styleSheets = new Map(); // address -> a promise of the style sheet in place
let root = null; // where views stand
let shown = { name: null, view: null }; // the view that is open, and its {show, close}
let latest = 0; // counts the changes of address: only the last one may open a view

/** Open the view of the address, and of every address after it. */
export async function startRouter(element) {
  root = element;
  addEventListener("popstate", () => follow());
  addEventListener("hashchange", () => follow());
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || !isOurs(link, event)) return;
    event.preventDefault();
    navigate(link.href);
  });
  await follow();
}

/** Go to an address of the application. `replace`: Back leads past the address that is left. */
export function navigate(path, { replace = false } = {}) {
  const target = new URL(path, location.href);
  if (replace || target.href === location.href) history.replaceState(null, "", target);
  else history.pushState(null, "", target);
  return follow();
}

/** The address as views get it. Throws URIError for what cannot be decoded. */
export function currentAddress() {
  for (const [pattern, name] of VIEWS) {
    const match = pattern.exec(location.pathname);
    if (!match) continue;
    const params = Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]),
    );
    return {
      name,
      path: location.pathname,
      params,
      query: new URLSearchParams(location.search),
      hash: new URLSearchParams(location.hash.slice(1)),
    };
  }
  return null;
}

async function follow() {
  const turn = ++latest;
  try {
    const address = currentAddress();
    if (address === null) throw new Error(t("frame.nowhere"));
    if (address.name !== shown.name) {
      leave(); // at once: what the view has under way may lead nowhere else any more
      const [{ open }, markup] = await Promise.all([module(address.name), fragment(address.name)]);
      if (turn !== latest) return;
      fill(address.name, markup);
      shown = { name: address.name, view: open(root) }; // at once: whatever comes next finds a view to close
      mark(address.name);
    }
    await shown.view.show(address);
  } catch (error) {
    if (turn === latest) complain(error);
  } finally {
    if (turn === latest) {
      keepStyle(shown.name);
      root.setAttribute("aria-busy", "false");
      document.dispatchEvent(new Event("address")); // what stands outside of the view may show where one is
    }
  }
}

function module(name) {
  return import(`../views/${name}/${name}.js`);
}

/** The markup of a view, with its style sheet in place: nothing is drawn unstyled. */
async function fragment(name) {
  const [markup] = await Promise.all([fragments.get(name) ?? load(name), styleSheet(styleOf(name))]);
  fragments.set(name, markup);
  return markup;
}

async function load(name) {
  const response = await fetch(`/web/views/${name}/${name}.html`);
  if (!response.ok) throw new Error(t("frame.lost"));
  return response.text();
}

const styleOf = (name) => `/web/views/${name}/${name}.css`;

/** Load a style sheet once; a component that has its own calls this. */
export function styleSheet(href) {
  if (!styleSheets.has(href)) {
    styleSheets.set(href, new Promise((resolve) => {
      document.head.append(make("link", { rel: "stylesheet", href, onload: resolve, onerror: resolve }));
    }));
  }
  return styleSheets.get(href);
}

/** Take away the style sheets of all views but one. */
function keepStyle(name) {
  for (const link of document.querySelectorAll('link[href^="/web/views/"]')) {
    const href = link.getAttribute("href");
    if (href === styleOf(name)) continue;
    link.remove();
    link.dispatchEvent(new Event("load")); // who still waits for it has been overtaken
    styleSheets.delete(href);
  }
}

function fill(name, markup) {
  const template = document.createElement("template");
  template.innerHTML = markup; // a file of ours: nothing of a document or an answer is in it
  localise(template.content);
  root.className = `view ${name}`;
  root.replaceChildren(template.content);
}

function leave() {
  shown.view?.close();
  shown = { name: null, view: null };
}

function mark(name) {
  for (const link of document.querySelectorAll("#places a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function complain(error) {
  leave();
  const problem = make("p", { className: "problem", role: "alert" });
  root.className = "view nowhere";
  root.replaceChildren(
    problem,
    make("p", {}, make("a", { href: "/ask" }, t("frame.ask"))),
  );
  tell(problem, error instanceof URIError ? new Error(t("frame.nowhere")) : error);
}

function isOurs(link, event) {
  if (event.defaultPrevented || event.button !== 0) return false;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return false;
  if (link.classList.contains("skip")) return false;
  return VIEWS.some(([pattern]) => pattern.test(link.pathname));
}
