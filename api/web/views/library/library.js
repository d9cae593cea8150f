// The view `library`.

export function open() {
  return { update() {}, close() {} };
}
