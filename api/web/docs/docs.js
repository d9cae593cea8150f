// The routes as the service describes them in openapi.json.

import { byId, make, tell } from "../frame/dom.js";
import { call } from "../frame/http.js";
import { curlOf } from "./examples.js";

const METHODS = ["get", "post", "put", "patch", "delete"];

let schemas = {};

function resolved(schema) {
  const name = schema?.$ref?.split("/").pop();
  return name ? schemas[name] : schema ?? {};
}

function typeName(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(typeName).join(" | ");
  if (schema.type === "array") return `${typeName(schema.items) || "any"}[]`;
  return schema.type ?? "any";
}

/** Paragraphs of a docstring: its line ends mean nothing, `words` between marks are code. */
function prose(text) {
  return text.split(/\n\s*\n/).filter((part) => part.trim()).map((part) =>
    make("p", { className: "description" }, ...part.replace(/\s+/g, " ").split("`").map((words, i) =>
      (i % 2 ? make("code", {}, words) : words))));
}

function row(...cells) {
  return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
}

function table(caption, rows) {
  if (!rows.length) return [];
  return [make("table", {}, make("caption", { textContent: caption }), make("tbody", {}, ...rows))];
}

function parameterRows(route) {
  return (route.parameters ?? []).map((parameter) => {
    const name = make("code", { textContent: parameter.name });
    const kind = `${parameter.in}, ${typeName(parameter.schema)}${parameter.required ? ", required" : ""}`;
    return row(name, kind, parameter.description ?? "");
  });
}

function bodyRows(route) {
  const contents = Object.values(route.requestBody?.content ?? {});
  return contents.flatMap(({ schema }) => {
    const whole = resolved(schema);
    const required = whole.required ?? [];
    return Object.entries(whole.properties ?? {}).map(([name, field]) => {
      const kind = typeName(field) + (required.includes(name) ? ", required" : "");
      return row(make("code", { textContent: name }), kind, field.description ?? "");
    });
  });
}

function responseRows(route) {
  return Object.entries(route.responses ?? {}).map(([status, response]) => {
    const kinds = Object.entries(response.content ?? {}).map(
      ([kind, content]) => `${kind} ${typeName(content.schema)}`.trim(),
    );
    return row(make("code", { textContent: status }), kinds.join(", "), response.description ?? "");
  });
}

function example(method, path, route) {
  const command = curlOf(method, path, route, resolved);
  const copy = make("button", { type: "button", label: `Copy the command of ${path}` }, "Copy");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(command);
    copy.textContent = "Copied";
  });
  const code = make("pre", { tabIndex: 0, label: "Command" }, command);
  code.setAttribute("role", "group");
  return make("div", { className: "example" }, code, copy);
}

function routeDetails(method, path, route) {
  const [first] = (route.description ?? "").split(/\n\s*\n/);
  const details = make("details", {}, make("summary", {},
    make("span", { className: "method" }, method.toUpperCase()),
    make("code", {}, path),
    make("span", { className: "summary" }, first.split(/(?<=\.)\s/)[0] || (route.summary ?? ""))));
  details.dataset.words = `${method} ${path} ${route.summary ?? ""} ${first}`.toLowerCase();
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(inside());
  });
  const inside = () => make("div", { className: "inside" },
    ...prose(route.description ?? ""),
    example(method, path, route),
    ...table("Parameters", parameterRows(route)),
    ...table("Body", bodyRows(route)),
    ...table("Answers", responseRows(route)));
  return details;
}

/** The routes by their tag: [[tag, elements]]. */
function byTag(paths) {
  const routesOf = new Map();
  for (const [path, routes] of Object.entries(paths)) {
    for (const method of METHODS.filter((name) => routes[name])) {
      const tag = routes[method].tags?.[0] ?? "service";
      routesOf.set(tag, [...(routesOf.get(tag) ?? []), routeDetails(method, path, routes[method])]);
    }
  }
  return [...routesOf];
}

function show(tags) {
  for (const [tag, routes] of tags) {
    const section = make("section", { id: tag }, make("h2", {}, tag), ...routes);
    byId("routes").append(section);
    byId("contents").append(make("li", {}, make("a", { href: `#${tag}` },
      tag, make("span", {}, String(routes.length)))));
  }
}

byId("filter").addEventListener("input", () => {
  const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const section of byId("routes").children) {
    const routes = [...section.querySelectorAll("details")];
    for (const route of routes) {
      route.hidden = !words.every((word) => route.dataset.words.includes(word));
    }
    section.hidden = routes.every((route) => route.hidden);
  }
});

try {
  const description = await call("GET", "/openapi.json");
  schemas = description.components?.schemas ?? {};
  byId("about").replaceChildren(...prose(description.info.description ?? ""));
  byId("version").textContent = description.info.version;
  show(byTag(description.paths));
} catch (error) {
  tell(byId("docs-error"), error);
}
