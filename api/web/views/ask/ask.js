// The view `ask`.

export function open() {
  return { update() {}, close() {} };
}
