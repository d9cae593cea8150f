// The view `doc`.

export function open() {
  return { update() {}, close() {} };
}
