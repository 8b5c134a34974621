/**
 * Beside the page: decodes a large picture, makes smaller copies of it and cuts pieces out of the original, so that the page never waits for any of
 * it. A worker; `surface.js` speaks with it.
 */

const SMALLEST = 1024; // pixels of the longer side: smaller copies than that are of no use

let wanted = 0; // number of the picture that is shown
let whole = null; // all its pixels

/** Copies of half the size, of a quarter, and so on. */
async function halves(bitmap) {
  const copies = [];
  for (let from = bitmap; Math.max(from.width, from.height) > SMALLEST; from = copies.at(-1)) {
    const [resizeWidth, resizeHeight] = [Math.ceil(from.width / 2), Math.ceil(from.height / 2)];
    copies.push(await createImageBitmap(from, { resizeWidth, resizeHeight, resizeQuality: "medium" }));
  }
  return copies;
}

async function open(number, blob) {
  wanted = number;
  whole?.close();
  whole = null;
  if (!blob) return;
  try {
    const bitmap = await createImageBitmap(blob);
    const copies = await halves(bitmap);
    if (number !== wanted) return bitmap.close();
    whole = bitmap;
    postMessage({ number, width: bitmap.width, height: bitmap.height, copies }, copies);
  } catch {
    postMessage({ number, failed: true });
  }
}

async function cut(number, { key, x, y, width, height }) {
  if (number !== wanted || !whole) return;
  const piece = await createImageBitmap(whole, x, y, width, height);
  postMessage({ number, key, piece }, [piece]);
}

onmessage = ({ data: { number, blob, piece } }) => (piece ? cut(number, piece) : open(number, blob));
