// Why a file was refused, in one sentence for people; what the service says exactly stands in the details.

import { t } from "../../frame/texts.js";

const KNOWN = ["password", "corrupt", "not_pdf", "unsupported", "needs_libreoffice", "needs_av", "needs_pillow_heif", "empty", "too_many_pages", "too_large", "timeout", "unreadable"];

/** `verdict` of the service, or of the check before a file is sent. */
export function refusalName(verdict) {
  return t(`library.refusal.${KNOWN.includes(verdict) ? verdict : "failed"}`);
}
