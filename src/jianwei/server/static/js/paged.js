/** Files of several pictures: PDF and video. The server makes pictures of their pages and key frames. */

import * as api from "./api.js";

export const AT_ONCE = 24; // pages that the server makes of one request
const KINDS = /\.(pdf|mp4|m4v|mov|webm|mkv|avi)$/i;

/** Whether a file is one of several pictures. */
export const hasPages = (file) => file.type === "application/pdf" || file.type.startsWith("video/") || KINDS.test(file.name);

/** A page as a picture file. */
function asFile({ picture, name }) {
  const letters = atob(picture);
  const bytes = new Uint8Array(letters.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = letters.charCodeAt(index);
  return new File([bytes], name, { type: "image/jpeg" });
}

/**
 * Have pictures made of pages `first` to `last` of a file, which may have fewer: yields `{ part }` while the file is sent (0 to 1), then
 * `{ file, number, count, seconds }` for each page. Throws a `Problem`.
 */
export async function* pagesOf(file, first, last, signal) {
  const form = new FormData();
  form.append("pages", `${first}-${last}`);
  form.append("file", file, file.name);
  for await (const { name, data } of api.pages(form, signal)) {
    if (name === "upload") yield { part: data };
    if (name === "page") yield { file: asFile(data), number: data.number, count: data.count, seconds: data.seconds };
  }
}
