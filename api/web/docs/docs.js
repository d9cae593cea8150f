// The routes as the service describes them in openapi.json.

import { byId, make, tell } from "../frame/dom.js";
import { call } from "../frame/http.js";

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

function routeDetails(method, path, route) {
  const summary = make(
    "summary", {}, make("code", { textContent: `${method.toUpperCase()} ${path}` }), ` ${route.summary ?? ""}`,
  );
  const inside = make(
    "div", { className: "inside" },
    make("p", { className: "said", textContent: route.description ?? "" }),
    ...table("Parameters", parameterRows(route)),
    ...table("Body", bodyRows(route)),
    ...table("Answers", responseRows(route)),
  );
  return make("details", {}, summary, inside);
}

function sections(paths) {
  const routesOf = new Map();
  for (const [path, routes] of Object.entries(paths)) {
    for (const method of METHODS.filter((name) => routes[name])) {
      const tag = routes[method].tags?.[0] ?? "service";
      routesOf.set(tag, [...(routesOf.get(tag) ?? []), routeDetails(method, path, routes[method])]);
    }
  }
  return [...routesOf].map(([tag, routes]) =>
    make("section", {}, make("h2", { textContent: tag }), ...routes),
  );
}

try {
  const description = await call("GET", "/openapi.json");
  schemas = description.components?.schemas ?? {};
  byId("about").textContent = description.info.description ?? "";
  byId("routes").append(...sections(description.paths));
} catch (error) {
  tell(byId("docs-error"), error);
}
