/** The switches beside the question. They are remembered; what the server does not know is not offered. */

import { find, memory } from "./dom.js";
import { ScaleControl } from "./scale.js";

/** Field of the form: what it is when nobody has chosen. */
const DEFAULTS = { json: "", enhance: "off", boxes: "", heatmap: "", detail: "", language: "auto", temperature: "0", max_tokens: "1024" };
const control = (name) => find(name === "language" ? "answer-language" : name.replace("_", "-"));

export class Options {
  constructor() {
    this.features = new Set(["json", "language", "temperature", "max_tokens"]);
    this.defaults = { ...DEFAULTS };
    for (const name of Object.keys(DEFAULTS)) {
      const element = control(name);
      element.addEventListener("change", () => {
        const value = this.read(name);
        memory.set(name === "language" ? "answer-language" : name, value === this.defaults[name] ? null : value || "0");
        this.count();
      });
    }
    this.scale = new ScaleControl(() => this.count());
    find("more").addEventListener("click", () => this.open(find("more-options").hidden));
    find("more-options").addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.open(false);
      find("more").focus();
    });
    this.restore();
  }

  open(on) {
    find("more-options").hidden = !on;
    find("more").setAttribute("aria-expanded", `${on}`);
  }

  restore() {
    for (const name of Object.keys(DEFAULTS)) {
      const element = control(name);
      const value = memory.get(name === "language" ? "answer-language" : name, this.defaults[name]);
      if (element.type === "checkbox") element.checked = value === "1";
      else element.value = value;
    }
    this.count();
  }

  /** The server can do this; a built-in model tells places at no cost, so it is asked to. */
  allow(features, builtin) {
    this.features = new Set(features);
    this.defaults.boxes = builtin ? "1" : "";
    for (const element of document.querySelectorAll("[data-feature]")) element.hidden = !this.features.has(element.dataset.feature);
    this.restore();
  }

  read(name) {
    const element = control(name);
    if (element.type === "checkbox") return element.checked ? "1" : "";
    // A number out of bounds would be refused; the default is not.
    return element.checkValidity() && element.value ? element.value : this.defaults[name];
  }

  /** How many of those behind "more" are not as they were made. */
  count() {
    const changed = ["heatmap", "detail", "language", "temperature", "max_tokens"].filter((name) => this.read(name) !== this.defaults[name]);
    const count = changed.length + (this.scale.field && this.features.has("scale") ? 1 : 0);
    find("more").dataset.count = count || "";
  }

  /** Fields for the form, without those that change nothing. */
  fields() {
    const fields = {};
    for (const name of Object.keys(DEFAULTS)) {
      const value = this.read(name);
      if (this.features.has(name) && value !== DEFAULTS[name]) fields[name] = value === "1" && control(name).type === "checkbox" ? "true" : value;
    }
    if (this.features.has("scale") && this.scale.field) fields.scale = this.scale.field;
    return fields;
  }
}
