// A conversation: its turns, the question under way, and what is shown beside them.

import { call, stream } from "../../frame/http.js";
import { navigate } from "../../frame/router.js";
import { announce, get, onChange } from "../../frame/store.js";
import { t } from "../../frame/texts.js";
import { scopeQuery } from "./scope.js";
import { createTurn } from "./turn.js";

const STOPPED_AFTER_MS = [300, 900, 2500]; // when to look for a stopped answer that the service keeps

export function createTalk({ list, pane, hoverCard, onState, signal }) {
  let id = null;
  let title = "";
  let collections = [];
  let turns = [];
  let running = null; // the AbortController of the question under way
  let scope = {}; // filters that every question has
  let isOwnNews = false;

  const ending = onChange("conversations", () => {
    if (!isOwnNews && id !== null && running === null) reload(id).catch(complain);
  });
  signal.addEventListener("abort", ending);

  function state(more = {}) {
    onState({ isBegun: id !== null || turns.length > 0, isRunning: running !== null, title, collections, ...more });
  }

  function complain(error) {
    state({ error: error.code === "conversation_not_found" ? new Error(t("ask.lost")) : error });
  }

  function addTurn(question) {
    const turn = createTurn(question, {
      hoverCard,
      openProof: pane.showProof,
      openHit: pane.showHit,
      openPassage: pane.showPassage,
      askAgain: (turn, filters) => ask(turn.question, filters),
      remove: (failedTurn) => {
        turns = turns.filter((turn) => turn !== failedTurn);
        failedTurn.element.remove();
      },
      judge: (messageId, verdict, comment) =>
        call("PUT", `/v1/conversations/${id}/messages/${messageId}/feedback`, { verdict, comment }),
      address: (messageId) => `/ask/${id}#m=${messageId}`,
      pagesReadFor: (text) => turns.filter((other) => other.question === text).flatMap((other) => other.pageIds()),
    });
    turns.push(turn);
    list.append(turn.element);
    return turn;
  }

  /** Show a stored conversation; what is shown already stays. */
  async function load(newId, messageId) {
    if (newId !== id) {
      leave();
      id = newId;
      list.setAttribute("aria-busy", "true");
      try {
        await reload(newId);
      } catch (error) {
        if (id !== newId) return;
        if (error.code === "conversation_not_found") await navigate("/ask", { replace: true });
        complain(error);
        return;
      } finally {
        list.setAttribute("aria-busy", "false");
      }
    }
    const turn = turns.find((other) => other.messageId() === messageId) ?? turns[turns.length - 1];
    if (!running && turn) {
      pane.showTurn(turn);
      turn.element.scrollIntoView({ block: "start" });
    }
  }

  async function reload(ownId) {
    const whole = await call("GET", `/v1/conversations/${ownId}`);
    if (id !== ownId || running !== null) return;
    title = whole.title;
    collections = whole.collections;
    const answers = whole.messages.filter((message) => message.role === "assistant");
    const isSame = answers.length === turns.length && answers.every((answer, i) => answer.id === turns[i].messageId());
    if (!isSame) {
      turns = [];
      list.replaceChildren();
      whole.messages.forEach((message, i) => {
        if (message.role === "assistant") addTurn(whole.messages[i - 1]?.text ?? "").finish(message);
      });
    }
    state();
  }

  async function begin(asking) {
    const conversation = await call("POST", "/v1/conversations", { collections: get("chosen") });
    asking.throwIfAborted(); // whoever went elsewhere meanwhile stays there
    id = conversation.id;
    collections = conversation.collections;
    await navigate(`/ask/${id}${scopeQuery(scope)}`);
  }

  /** Ask; a question that is still being answered is stopped. */
  async function ask(question, filters = {}) {
    stop();
    const mine = (running = new AbortController());
    pane.dim(true); // what it shows belongs to the question before
    const turn = addTurn(question);
    if (!title) title = question;
    if (id === null) collections = get("chosen");
    state();
    pane.begin();
    turn.step("searching");
    turn.element.scrollIntoView({ block: "start" });
    try {
      if (id === null) await begin(mine.signal);
      mine.signal.throwIfAborted();
      const body = { question, filters: { ...scope, ...filters }, stream: true, html: true };
      for await (const [event, data] of stream(`/v1/conversations/${id}/messages`, body, mine.signal)) {
        take(turn, event, data);
      }
      if (!turn.isWhole()) throw new Error(t("ask.broke_off"));
    } catch (error) {
      if (error.name === "AbortError") stopped(turn);
      else turn.fail(error);
    } finally {
      if (running === mine) {
        running = null;
        pane.dim(false);
        if (list.contains(turn.element)) state();
      }
      tellOthers();
    }
  }

  function take(turn, event, data) {
    if (event === "pages") {
      turn.read(data.pages, data.searched_question);
      pane.expect(turn);
    } else if (event === "step") {
      turn.look(data);
    } else if (event === "token") {
      turn.write(data);
    } else if (event === "html") {
      turn.draw(data.html);
    } else if (event === "citation") {
      turn.cite(data);
      pane.dim(false);
      pane.showTurn(turn);
    } else if (event === "done") {
      turn.finish(data);
      pane.dim(false);
      pane.showTurn(turn);
    } else if (event === "error") {
      throw new Error(data.error.message);
    }
  }

  /** Show that it was stopped, and soon what the service has kept of it. */
  async function stopped(turn) {
    turn.stopped();
    const ownId = id;
    for (const pauseMs of STOPPED_AFTER_MS) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (signal.aborted || ownId === null || id !== ownId) return;
      const whole = await call("GET", `/v1/conversations/${ownId}`).catch(() => null);
      const messages = whole?.messages ?? [];
      const answer = messages.find((message, i) => message.stopped && messages[i - 1].text === turn.question
        && !turns.some((other) => other.messageId() === message.id));
      if (answer) {
        turn.finish(answer);
        tellOthers();
        return;
      }
    }
  }

  function tellOthers() {
    isOwnNews = true;
    announce("conversations");
    isOwnNews = false;
  }

  function stop() {
    running?.abort();
  }

  function leave() {
    running?.abort();
    running = null;
    id = null;
    title = "";
    collections = [];
    turns = [];
    list.replaceChildren();
    pane.clear();
    hoverCard.hide();
    state();
  }

  return { holdTo: (filters) => (scope = filters), load, ask, stop, leave, id: () => id, isRunning: () => running !== null };
}
