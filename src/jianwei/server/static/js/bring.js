/** Ways by which pictures come: chosen, from the camera, dropped (folders too), pasted. */

import { find } from "./dom.js";

/** All files under what was dropped, folders walked through. */
async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return { files: [...transfer.files], folder: false };
  const files = [];
  const walk = async (entry) => {
    if (entry.isFile) {
      files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
      return;
    }
    const reader = entry.createReader();
    // A reader gives its entries a hundred at a time.
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return;
      for (const inner of some) await walk(inner);
    }
  };
  for (const entry of entries) await walk(entry);
  files.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
  return { files, folder: true };
}

/**
 * Listen for pictures.
 * @param {(files: File[], folder: boolean) => void} take
 */
export function listen(take) {
  for (const id of ["file", "camera-file"]) {
    const input = find(id);
    input.addEventListener("change", () => {
      take([...input.files], false);
      input.value = "";
    });
  }
  for (const id of ["drop", "attach"]) find(id).addEventListener("click", () => find("file").click());
  find("camera").addEventListener("click", () => find("camera-file").click());
  // The whole window takes pictures: a near miss must not make the browser open the file instead.
  let depth = 0;
  const mark = (on) => document.body.classList.toggle("dragging", on);
  addEventListener("dragenter", () => mark(++depth > 0));
  addEventListener("dragleave", () => mark(--depth > 0));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", async (event) => {
    event.preventDefault();
    depth = 0;
    mark(false);
    if (!event.dataTransfer?.files.length) return;
    const { files, folder } = await filesOf(event.dataTransfer);
    if (files.length) take(files, folder);
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) {
      event.preventDefault();
      take([...event.clipboardData.files], false);
    }
  });
}
