// The routes of the service. Whatever goes wrong is an Error with one line for a person.

export async function call(method, path, body) {
  const options = { method };
  if (body instanceof FormData) {
    options.body = body;
  } else if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await reach(path, options);
  return response.status === 204 ? null : response.json();
}

/** Server-sent events of a POST: yields [event, data] as they arrive. */
export async function* stream(path, body, signal) {
  const response = await reach(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let waiting = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    waiting += decoder.decode(value, { stream: true });
    const frames = waiting.split("\n\n");
    waiting = frames.pop();
    for (const frame of frames) yield parsed(frame);
  }
}

export function imageAddress(pageId, width) {
  return `/v1/pages/${pageId}/image?width=${width}`;
}

export function heatAddress(pageId, query, width) {
  return `/v1/pages/${pageId}/heatmap?query=${encodeURIComponent(query)}&width=${width}&format=png`;
}

function parsed(frame) {
  const fields = { event: "message", data: "" };
  for (const line of frame.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 2);
  }
  return [fields.event, JSON.parse(fields.data)];
}

async function reach(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("pagesight cannot be reached, or ended the connection: is it still running?");
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  throw new Error(body?.error?.message ?? `the service answered ${response.status}`);
}
