/** Small helpers over the DOM. Text always goes in as text: nothing here parses HTML. */

export const find = (id) => document.getElementById(id);

/** An element: `h("button.quiet", { type: "button", onclick }, "text", child, null)`. */
export function h(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && key !== "list") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An element of a drawing: `s("rect", { class: "line", x: 1 }, child)`. */
export function s(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** One of the page's icons. */
export const icon = (name) => s("svg", { "aria-hidden": "true" }, s("use", { href: `#i-${name}` }));

/** A picture file made small, without keeping the large one decoded; null for what the browser cannot show. */
export const small = (file, width) => createImageBitmap(file, { resizeWidth: width, resizeQuality: "low" }).catch(() => null);

/** Draw a small picture of the canvas's width. */
export function draw(bitmap, canvas) {
  canvas.height = Math.min(1.5 * canvas.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
}

/**
 * Show a picture file in small in an `<img>`. Not in a canvas: browsers keep each of those as a layer of its own, and hundreds of layers are slow to
 * scroll.
 */
export async function thumbnail(file, image, width = 96) {
  const bitmap = await small(file, width);
  if (!bitmap) return;
  const canvas = h("canvas", { width });
  draw(bitmap, canvas);
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.85));
  image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
  image.src = URL.createObjectURL(blob);
}

/** Remembered between visits, where the browser allows it. */
export const memory = {
  get(name, otherwise = null) {
    try {
      return localStorage.getItem(`jianwei.${name}`) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(name, value) {
    try {
      if (value === null) localStorage.removeItem(`jianwei.${name}`);
      else localStorage.setItem(`jianwei.${name}`, value);
    } catch {
      // Then it is only for this visit.
    }
  },
};

/** Tell a screen reader, without showing anything. */
export function say(text) {
  find("said").textContent = "";
  requestAnimationFrame(() => {
    find("said").textContent = text;
  });
}

/** Offer text, or a `Blob`, as a file. */
export function download(name, data, type) {
  const url = URL.createObjectURL(new Blob([data], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
