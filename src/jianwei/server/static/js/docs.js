/** Renders /openapi.json: every operation with its fields, and examples to copy. */

import { find, h } from "./dom.js";
import { spoken } from "./words.js";

const zh = spoken() === "zh";
const WORDS = {
  lead: zh
    ? "用普通表单提问，或使用任何 OpenAI 客户端。错误都带有代码、说明和解决办法。完整描述："
    : "Ask with a plain form, or with any OpenAI client. Errors carry a code, a sentence and a way out. In full: ",
  examples: zh ? "例子" : "Examples",
  field: zh ? "字段" : "Field",
  type: zh ? "类型" : "Type",
  meaning: zh ? "含义" : "Meaning",
};

const origin = location.origin;
const EXAMPLES = [
  `import requests

url = "${origin}/api/v1/chat"
first = requests.post(url, files={"image": open("photo.jpg", "rb")}, data={"query": "${zh ? "图里有什么？" : "What is in it?"}"}).json()
print(first["answer"])

again = {"query": "${zh ? "它是什么颜色？" : "Which colour is it?"}", "conversation_id": first["conversation_id"]}
print(requests.post(url, data=again).json()["answer"])`,
  `curl ${origin}/api/v1/chat -F image=@photo.jpg -F query="${zh ? "读出所有文字" : "Read all the text"}" -F json=true`,
  `import base64
from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key="none")
picture = "data:image/jpeg;base64," + base64.b64encode(open("photo.jpg", "rb").read()).decode()
parts = [{"type": "image_url", "image_url": {"url": picture}}, {"type": "text", "text": "${zh ? "图里有什么？" : "What is in it?"}"}]
model = client.models.list().data[0].id
print(client.chat.completions.create(model=model, messages=[{"role": "user", "content": parts}]).choices[0].message.content)`,
];

const description = await (await fetch("/openapi.json")).json();

function resolve(schema) {
  if (!schema?.$ref) return schema ?? {};
  return schema.$ref.split("/").slice(1).reduce((part, key) => part[key], description);
}

/** A schema's type in a few words. */
function typeOf(schema) {
  const whole = resolve(schema);
  if (whole.const !== undefined) return JSON.stringify(whole.const);
  if (whole.enum) return whole.enum.map((value) => JSON.stringify(value)).join(" | ");
  const options = whole.anyOf ?? whole.oneOf;
  if (options) return options.map(typeOf).filter((type) => type !== "null").join(" | ");
  if (whole.type === "array") return `${typeOf(whole.items)}[]`;
  if (whole.format === "binary") return "file";
  const low = whole.minimum ?? (whole.exclusiveMinimum !== undefined ? `> ${whole.exclusiveMinimum}` : undefined);
  const high = whole.maximum;
  const range = low !== undefined && high !== undefined ? ` ${low} … ${high}` : low !== undefined ? ` ≥ ${low}` : high !== undefined ? ` ≤ ${high}` : "";
  return (whole.type ?? "any") + range;
}

function rows(properties, required = []) {
  return Object.entries(properties).map(([name, schema]) => {
    const text = [schema.description, schema.default !== undefined && schema.default !== null ? `= ${JSON.stringify(schema.default)}` : ""];
    return h(
      "tr",
      {},
      h("td", {}, h("code", {}, name), required.includes(name) ? " *" : ""),
      h("td", {}, h("code", {}, typeOf(schema))),
      h("td", {}, text.filter(Boolean).join("  ")),
    );
  });
}

function table(body) {
  const head = h("tr", {}, [WORDS.field, WORDS.type, WORDS.meaning].map((word) => h("th", { scope: "col" }, word)));
  return h("table", {}, h("thead", {}, head), h("tbody", {}, body));
}

function operation(path, method, detail) {
  const parameters = (detail.parameters ?? []).map((parameter) => [parameter.name, { ...parameter.schema, description: parameter.description }]);
  const body = Object.values(detail.requestBody?.content ?? {})[0]?.schema;
  const whole = resolve(body);
  const lines = [
    ...rows(Object.fromEntries(parameters), (detail.parameters ?? []).filter((one) => one.required).map((one) => one.name)),
    ...rows(whole.properties ?? {}, whole.required),
  ];
  return h(
    "details.operation",
    {},
    h("summary", {}, h("span.method", {}, method.toUpperCase()), h("span.path", {}, path), h("span.what", {}, detail.summary ?? "")),
    h("div.inside", {}, h("p", {}, (detail.description ?? "").replaceAll("`", "")), lines.length ? table(lines) : null),
  );
}

const groups = new Map();
for (const [path, methods] of Object.entries(description.paths))
  for (const [method, detail] of Object.entries(methods)) {
    const group = detail.tags?.[0] ?? "";
    groups.set(group, [...(groups.get(group) ?? []), operation(path, method, detail)]);
  }

find("docs").append(
  h("p.lead", {}, WORDS.lead, h("a", { href: "/openapi.json" }, "/openapi.json")),
  h("h2", {}, WORDS.examples),
  ...EXAMPLES.map((example) => h("pre", { tabIndex: 0 }, example)),
  ...[...groups].flatMap(([name, operations]) => [h("h2", {}, name), ...operations]),
);
find("docs").removeAttribute("aria-busy");
