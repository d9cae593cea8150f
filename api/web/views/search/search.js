// The view `search`.

export function open() {
  return { update() {}, close() {} };
}
