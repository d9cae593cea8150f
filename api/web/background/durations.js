// Times for people: never more exact than what is known.

import { t } from "../frame/texts.js";

/** `less than a minute`, `4 min`, `2 h`. */
export function durationName(seconds) {
  if (seconds < 50) return t("work.soon");
  if (seconds < 90 * 60) return t("work.minutes", { n: Math.max(1, Math.round(seconds / 60)) });
  return t("work.hours", { n: Math.round(seconds / 3600) });
}
