/** What tells how long a pixel is, as a person sets it: a sheet of A4, dots an inch, millimetres a pixel, a thing. */

import { find, memory } from "./dom.js";

const ids = { kind: "scale-kind", number: "scale-number", label: "scale-label", width: "scale-width", height: "scale-height" };

export class ScaleControl {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.restore();
    for (const id of Object.values(ids))
      find(id).addEventListener("input", () => {
        memory.set("scale", this.read("kind") ? JSON.stringify(this.values()) : null);
        this.show();
        this.changed();
      });
  }

  read(name) {
    return find(ids[name]).value.trim();
  }

  values() {
    return Object.fromEntries(Object.keys(ids).map((name) => [name, this.read(name)]));
  }

  restore() {
    let kept = {};
    try {
      kept = JSON.parse(memory.get("scale", "{}"));
    } catch {
      // Written by another version: nothing is set then.
    }
    for (const [name, id] of Object.entries(ids)) find(id).value = kept[name] ?? "";
    this.show();
  }

  /** Show what the kind that is chosen asks for. */
  show() {
    const kind = this.read("kind");
    find("scale-number-field").hidden = kind !== "dpi" && kind !== "mm_per_px";
    find("scale-ref").hidden = kind !== "ref";
  }

  /** The field `scale` of a question; empty without one, or while something of it is missing. */
  get field() {
    const { kind, number, label, width, height } = this.values();
    if (kind === "a4") return "a4";
    if (kind === "ref") return label && width > 0 && height > 0 ? `ref:"${label.replaceAll('"', "")}"=${width}x${height} cm` : "";
    return kind && number > 0 ? `${kind}:${number}` : "";
  }
}
