// The view `status`.

export function open() {
  return { update() {}, close() {} };
}
