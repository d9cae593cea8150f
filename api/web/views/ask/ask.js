// The view `ask`: a field and what can be asked, or a conversation with the page that proves its answers.

import { byId, tell } from "../../frame/dom.js";
import { navigate } from "../../frame/router.js";
import { choose, get } from "../../frame/store.js";
import { t } from "../../frame/texts.js";
import { proofStyles } from "../../proofs/cards.js";
import { createHoverCard } from "./hover_card.js";
import { createPane } from "./pane.js";
import { scopeOf, scopeQuery, showScope } from "./scope.js";
import { createStart } from "./start.js";
import { createTalk } from "./talk.js";

export function open(root) {
  const listening = new AbortController();
  const { signal } = listening;
  proofStyles(); // nothing waits for it
  const pane = createPane(byId("pane"), signal);
  const hoverCard = createHoverCard(byId("hover-card"), signal);
  const talk = createTalk({ list: byId("turns"), pane, hoverCard, onState: showState, signal });
  const start = createStart({ choices: byId("choices"), first: byId("first"), recent: byId("recent-list"), signal });
  const field = byId("question");

  byId("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    if (talk.isRunning()) talk.stop();
    else send(field.value.trim());
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send(field.value.trim()); // what is still being answered is stopped then
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && talk.isRunning()) talk.stop();
  }, { signal });

  function send(question) {
    if (!question) return;
    if (talk.id() === null && get("chosen").length === 0) {
      tell(byId("ask-problem"), new Error(t("ask.no_collection")));
      return;
    }
    field.value = "";
    talk.ask(question);
  }

  /** What is shown follows from whether there is a conversation, and whether an answer is under way. */
  function showState({ isBegun, isRunning, title, collections, error = null }) {
    root.classList.toggle("begun", isBegun);
    root.classList.toggle("with-viewer", isBegun);
    byId("offers").hidden = isBegun;
    byId("title").textContent = isBegun ? title : t("ask.start");
    byId("title").classList.toggle("unseen", isBegun);
    byId("about").hidden = !isBegun;
    byId("about").textContent = t("ask.about", { names: collections.map(titleOf).join(", ") });
    byId("submit").textContent = t(isRunning ? "ask.stop" : "ask.submit");
    byId("submit").title = isRunning ? t("ask.stop_hint") : "";
    field.placeholder = t(isBegun ? "ask.follow_up" : "ask.placeholder");
    document.title = isBegun && title ? `${title} – pagesight` : "pagesight";
    tell(byId("ask-problem"), error);
  }

  async function show({ path, params, query, hash }) {
    pane.follow(hash);
    const scope = scopeOf(query);
    talk.holdTo(scope);
    showScope(byId("scope"), scope, () => navigate(path));
    if (params.conversation === undefined) {
      talk.leave();
      start.show();
      await askFrom(query);
    } else {
      await talk.load(params.conversation, hash.get("m"));
    }
    focusField();
  }

  /** A link may bring a question: `/ask?q=QUESTION&c=COLLECTION`, with documents or pages to hold it to. */
  async function askFrom(query) {
    const names = query.getAll("c").filter((name) => get("collections").some((collection) => collection.name === name));
    if (names.length) choose(names);
    const question = query.get("q")?.trim();
    if (!question && !query.has("c")) return;
    await navigate(`/ask${scopeQuery(scopeOf(query))}`, { replace: true }); // asked once, not at every Back
    send(question);
  }

  function focusField() {
    if (matchMedia("(pointer: fine)").matches && !pane.isSheet()) field.focus({ preventScroll: true });
  }

  return {
    show,
    close() {
      talk.leave();
      pane.close();
      listening.abort();
      document.title = "pagesight";
    },
  };
}

function titleOf(name) {
  return get("collections").find((collection) => collection.name === name)?.title ?? name;
}
