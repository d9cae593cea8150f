// A command for every route, to copy: what is required is filled in with an example.

const EXAMPLES = {
  collections: ["samples"],
  name: "samples",
  question: "How tight do the flange bolts have to be?",
  query: "flange bolts",
};

/** The value to show for a schema; `resolve` follows references. */
function exampleOf(name, schema, resolve) {
  const whole = resolve(schema);
  if (name in EXAMPLES) return EXAMPLES[name];
  if (whole.const !== undefined) return whole.const;
  if (whole.enum) return whole.enum[0];
  const choices = whole.anyOf ?? whole.oneOf;
  if (choices) return exampleOf(name, choices[0], resolve);
  if (whole.type === "object" || whole.properties) return bodyOf(whole, resolve);
  if (whole.type === "array") return [exampleOf("", whole.items ?? {}, resolve)];
  return { integer: 1, number: 1, boolean: true, string: "text" }[whole.type] ?? null;
}

function bodyOf(schema, resolve) {
  const fields = Object.entries(schema.properties ?? {});
  const required = fields.filter(([name]) => (schema.required ?? []).includes(name));
  return Object.fromEntries(
    required.map(([name, field]) => [name, exampleOf(name, field, resolve)]),
  );
}

/** The curl command of a route, at this service. */
export function curlOf(method, path, route, resolve) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => (name === "name" ? "samples" : "1"));
  const asked = (route.parameters ?? []).filter(({ required, in: place }) => required && place === "query");
  const query = asked.map(({ name, schema }) =>
    `${name}=${encodeURIComponent(exampleOf(name, schema, resolve))}`);
  const address = `${location.origin}${filled}${query.length ? `?${query.join("&")}` : ""}`;
  const parts = ["curl -sS --fail-with-body"];
  if (method !== "get") parts.push(`-X ${method.toUpperCase()}`);
  parts.push(`'${address}'`);
  const contents = route.requestBody?.content ?? {};
  if (contents["application/json"]) {
    const body = bodyOf(resolve(contents["application/json"].schema), resolve);
    parts.push("-H 'content-type: application/json'", `-d '${JSON.stringify(body)}'`);
  } else if (contents["multipart/form-data"]) {
    parts.push("-F files=@document.pdf");
  }
  return parts.join(" \\\n  ");
}
