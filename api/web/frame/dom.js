// Elements by id, and new ones whose content is always text, never markup.

export const byId = (id) => document.getElementById(id);

/** A new element: properties are set as properties, children are elements or text. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  const { label, ...rest } = properties;
  Object.assign(element, rest);
  if (label) element.setAttribute("aria-label", label);
  element.append(...children);
  return element;
}

/** Show `error` in the element, or hide it when there is none. */
export function tell(element, error) {
  element.textContent = error ? error.message : "";
  element.hidden = !error;
}

export function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
