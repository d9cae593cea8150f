// What can be done with an answer: copy it, link to it, judge it, ask again with other pages.

import { make, tell } from "../../frame/dom.js";
import { t } from "../../frame/texts.js";
import { copy, withSources } from "./sources.js";

const VERDICTS = ["helpful", "wrong", "wrong_evidence"];
const SHOWN_MS = 2000;

export function actionRow(turn, message, talk) {
  const problem = make("p", { className: "problem", hidden: true });
  problem.setAttribute("role", "alert");
  const row = make("div", { className: "actions", label: t("actions.group") });
  row.setAttribute("role", "group");

  function button(key, act, className = "quiet") {
    const element = make("button", { type: "button", className }, t(key));
    element.addEventListener("click", async () => {
      try {
        await act(element);
        tell(problem, null);
      } catch (error) {
        tell(problem, error);
      }
    });
    return element;
  }

  const copying = (text) => async (element) => {
    await copy(text());
    say(element, t("actions.copied"));
  };
  row.append(
    button("actions.copy", copying(() => withSources(turn.question, message.answer))),
    button("actions.link", copying(() => location.origin + talk.address(message.id))),
  );
  if (message.answer.pages.length) {
    row.append(button("actions.other_pages", () => {
      const pageIds = [...new Set(talk.pagesReadFor(turn.question))];
      talk.askAgain(turn, { without_page_ids: pageIds });
    }));
  }
  const section = make("div", { className: "below-actions" }, row);
  if (!message.stopped) section.append(...judging(message, talk, button));
  section.append(problem);
  return section;
}

/** Three verdicts, of which one may stand, and room for a word about a bad one. */
function judging(message, talk, button) {
  let verdict = message.feedback?.verdict ?? null;
  const comment = make("input", { type: "text", maxLength: 4000, dir: "auto", label: t("actions.comment"), placeholder: t("actions.comment") });
  const thanks = make("span", { className: "muted" });
  thanks.setAttribute("role", "status");
  const form = make("form", { className: "comment", hidden: true }, comment, make("button", {}, t("actions.send")));
  const buttons = VERDICTS.map((name) => button(`actions.${name}`, async () => {
    message.feedback = await talk.judge(message.id, name, "");
    verdict = name;
    thanks.textContent = name === "helpful" ? t("actions.thanks") : "";
    form.hidden = name === "helpful";
    press();
    if (!form.hidden) comment.focus();
  }));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    message.feedback = await talk.judge(message.id, verdict, comment.value.trim());
    form.hidden = true;
    thanks.textContent = t("actions.thanks");
  });

  function press() {
    buttons.forEach((element, i) => element.setAttribute("aria-pressed", String(VERDICTS[i] === verdict)));
  }
  press();
  return [make("div", { className: "verdicts" }, ...buttons, thanks), form];
}

function say(element, text) {
  const before = element.textContent;
  if (before === text) return;
  element.textContent = text;
  setTimeout(() => (element.textContent = before), SHOWN_MS);
}
