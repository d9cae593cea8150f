// What an answer is at, named and timed: searching, reading pages, writing; afterwards how long it took.

import { make } from "../../frame/dom.js";
import { language, t } from "../../frame/texts.js";

const TICK_MS = 100;
const costs = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }); // .00028 is not 0

export function createSteps() {
  const name = make("span", { className: "step" });
  const time = make("span", { className: "time" });
  time.setAttribute("aria-hidden", "true"); // a number that changes ten times a second is noise to the ear
  name.setAttribute("role", "status");
  const element = make("p", { className: "steps" }, name, " ", time);
  let current = "";
  let ticking = null;

  /** about: the number of pages, or what is looked for or at. */
  function begin(step, about = 0) {
    if (`${step} ${about}` === current) return;
    current = `${step} ${about}`;
    element.classList.add("running");
    name.textContent = t(`steps.${step}`, { n: about, about });
    const since = performance.now();
    clearInterval(ticking);
    const tick = () => {
      if (element.isConnected) time.textContent = seconds(performance.now() - since);
      else clearInterval(ticking);
    };
    tick();
    ticking = setInterval(tick, TICK_MS);
  }

  function end(usage, isStopped) {
    clearInterval(ticking);
    element.classList.remove("running");
    current = "";
    time.textContent = "";
    const parts = [];
    if (isStopped) parts.push(t("steps.stopped"));
    if (usage.search_ms !== undefined) parts.push(t("steps.searched", { time: seconds(usage.search_ms) }));
    if (usage.pages) parts.push(t("steps.read", { n: usage.pages }));
    if (usage.cost !== undefined) parts.push(t("steps.spent", { cost: costs.format(usage.cost) }));
    if (usage.total_ms !== undefined) parts.push(t("steps.written", { time: seconds(usage.total_ms) }));
    name.textContent = parts.join(" · ");
    element.hidden = parts.length === 0;
  }

  return { element, begin, end };
}

function seconds(ms) {
  const digits = ms < 1000 ? 2 : ms < 10_000 ? 1 : 0;
  return t("steps.seconds", { n: Number((ms / 1000).toFixed(digits)) });
}
