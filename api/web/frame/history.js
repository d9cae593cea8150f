// Past conversations by day: opened, renamed, deleted. In the rail, and on small screens below the question.

import { make, tell } from "./dom.js";
import { call } from "./http.js";
import { navigate } from "./router.js";
import { announce, onChange } from "./store.js";
import { language, t } from "./texts.js";

const MOST = 50;

/** Keep a list of conversations in `root`; `refresh()` loads it and marks the one that is open. */
export function createHistory(root, { signal } = {}) {
  const list = make("div", { className: "days" });
  const problem = make("p", { className: "problem", hidden: true });
  const older = make("button", { type: "button", className: "quiet", hidden: true }, t("history.more"));
  root.replaceChildren(list, older, problem);
  let conversations = [];
  let next = null;

  async function refresh() {
    try {
      const part = await call("GET", `/v1/conversations?limit=${MOST}`);
      conversations = part.conversations;
      next = part.next_cursor;
      show();
      tell(problem, null);
    } catch (error) {
      tell(problem, error);
    }
  }

  older.addEventListener("click", async () => {
    const part = await call("GET", `/v1/conversations?limit=${MOST}&cursor=${encodeURIComponent(next)}`);
    conversations = [...conversations, ...part.conversations];
    next = part.next_cursor;
    show();
  });

  function show() {
    const withMessages = conversations.filter((conversation) => conversation.messages > 0);
    const days = grouped(withMessages);
    list.replaceChildren(...[...days].map(([day, ofDay]) => make("section", {},
      make("p", { className: "day" }, day), make("ul", {}, ...ofDay.map(row)))));
    older.hidden = next === null;
    root.hidden = withMessages.length === 0;
    root.dispatchEvent(new CustomEvent("history", { detail: withMessages.length }));
  }

  function row(conversation) {
    const title = conversation.title || t("history.untitled");
    const link = make("a", { href: `/ask/${conversation.id}`, dir: "auto", title }, title);
    if (location.pathname === `/ask/${conversation.id}`) link.setAttribute("aria-current", "page");
    const options = make("button", { type: "button", className: "quiet options", label: t("history.options", { title }) }, "⋯");
    options.setAttribute("aria-expanded", "false");
    const item = make("li", {}, link, options);
    options.addEventListener("click", () => {
      const isOpen = options.getAttribute("aria-expanded") === "true";
      for (const openMenu of root.querySelectorAll(".menu")) openMenu.remove();
      for (const button of root.querySelectorAll(".options")) button.setAttribute("aria-expanded", "false");
      if (isOpen) return;
      options.setAttribute("aria-expanded", "true");
      item.append(menu(conversation, title, item));
    });
    return item;
  }

  function menu(conversation, title, item) {
    const path = `/v1/conversations/${conversation.id}`;
    const element = make("div", { className: "menu" });
    const choice = (text, act, className = "quiet") => {
      const button = make("button", { type: "button", className }, text);
      button.addEventListener("click", act);
      return button;
    };
    const close = () => {
      element.remove();
      item.querySelector(".options").setAttribute("aria-expanded", "false");
      item.querySelector(".options").focus();
    };
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      close();
    });
    const change = async (act) => {
      try {
        await act();
        announce("conversations");
      } catch (error) {
        tell(problem, error);
      }
    };
    element.append(
      choice(t("history.rename"), () => {
        const field = make("input", { value: title, maxLength: 200, required: true, dir: "auto", label: t("history.name") });
        const form = make("form", { className: "rename" }, field, make("button", {}, t("history.save")));
        form.addEventListener("submit", (event) => {
          event.preventDefault();
          if (field.value.trim()) change(() => call("PATCH", path, { title: field.value }));
        });
        element.replaceChildren(form);
        field.select();
      }),
      choice(t("history.delete"), () => {
        const keep = choice(t("history.keep"), close);
        const remove = choice(t("history.delete"), () => change(async () => {
          await call("DELETE", path);
          if (location.pathname === `/ask/${conversation.id}`) await navigate("/ask", { replace: true });
        }), "danger");
        element.replaceChildren(make("p", {}, t("history.sure")), remove, keep);
        keep.focus();
      }),
    );
    queueMicrotask(() => element.querySelector("button")?.focus());
    return element;
  }

  document.addEventListener("address", show, { signal });
  const ending = onChange("conversations", refresh);
  signal?.addEventListener("abort", ending);
  return { refresh, show };
}

function grouped(conversations) {
  const days = new Map();
  for (const conversation of conversations) {
    const day = dayOf(conversation);
    days.set(day, [...(days.get(day) ?? []), conversation]);
  }
  return days;
}

function dayOf({ updated_at }) {
  const date = new Date(updated_at);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return t("history.today");
  if (date.toDateString() === yesterday.toDateString()) return t("history.yesterday");
  return new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(date);
}
