/** A table as an Excel file: one sheet of plain cells (ECMA-376), in a ZIP of stored parts (PKWARE APPNOTE 6.3). */

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const OFFICE = "http://schemas.openxmlformats.org";
const MAIN = `${OFFICE}/spreadsheetml/2006/main`;
const RELATIONS = `${OFFICE}/package/2006/relationships`;
const KIND = `${OFFICE}/officeDocument/2006/relationships`;
const TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const LONGEST = 32767; // characters of a cell

export const XLSX = `${TYPE}.sheet`; // media type of the file

const NAMES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
// What XML 1.0 cannot hold at all is left out.
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu;
const safe = (words) => words.slice(0, LONGEST).replace(FORBIDDEN, "").replace(/[&<>"]/g, (letter) => NAMES[letter]);

/** A value as a cell. Text is kept as text (`inlineStr`), so nothing that it says is computed as a formula. */
function cell(value) {
  if (value === null || value === undefined) return "<c/>";
  if (typeof value === "number" && Number.isFinite(value)) return `<c><v>${value}</v></c>`;
  if (typeof value === "boolean") return `<c t="b"><v>${value ? 1 : 0}</v></c>`;
  const words = typeof value === "object" ? JSON.stringify(value) : `${value}`;
  return `<c t="inlineStr"><is><t xml:space="preserve">${safe(words)}</t></is></c>`;
}

const CRC = Uint32Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = CRC[(sum ^ byte) & 255] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

/** Numbers of 2 or 4 bytes, little end first: `[[2, 20], [4, size]]`. */
function fields(numbers) {
  const view = new DataView(new ArrayBuffer(numbers.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, number] of numbers) {
    if (size === 2) view.setUint16(at, number, true);
    else view.setUint32(at, number, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

/** Parts (`[name, text]`) as the bytes of a ZIP file, without compression. */
function zip(parts) {
  const encoder = new TextEncoder();
  const files = [];
  const directory = [];
  let at = 0;
  for (const [name, text] of parts) {
    const [path, data] = [encoder.encode(name), encoder.encode(text)];
    // Version 2.0, names in UTF-8, stored, 1 January 1980; checksum and sizes; length of the name.
    const common = [[2, 20], [2, 0x800], [2, 0], [2, 0], [2, 0x21], [4, checksum(data)], [4, data.length], [4, data.length], [2, path.length], [2, 0]];
    files.push(fields([[4, 0x04034b50], ...common]), path, data);
    directory.push(fields([[4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]]), path);
    at += 30 + path.length + data.length;
  }
  const size = directory.reduce((sum, piece) => sum + piece.length, 0);
  const end = fields([[4, 0x06054b50], [2, 0], [2, 0], [2, parts.length], [2, parts.length], [4, size], [4, at], [2, 0]]);
  return new Blob([...files, ...directory, end], { type: XLSX });
}

/** Rows (lists of values) as the bytes of an Excel file with one sheet; the first row stays in sight. */
export function xlsx(rows) {
  const lines = rows.map((row) => `<row>${row.map(cell).join("")}</row>`).join("");
  const pane = '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>';
  const relation = (id, kind, target) => `<Relationship Id="${id}" Type="${KIND}/${kind}" Target="${target}"/>`;
  const override = (part, kind) => `<Override PartName="/${part}" ContentType="${TYPE}.${kind}+xml"/>`;
  return zip([
    ["[Content_Types].xml", `${XML}<Types xmlns="${OFFICE}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${override("xl/workbook.xml", "sheet.main")}${override("xl/worksheets/sheet1.xml", "worksheet")}</Types>`],
    ["_rels/.rels", `${XML}<Relationships xmlns="${RELATIONS}">${relation("r1", "officeDocument", "xl/workbook.xml")}</Relationships>`],
    ["xl/workbook.xml", `${XML}<workbook xmlns="${MAIN}" xmlns:r="${KIND}"><sheets><sheet name="Jianwei" sheetId="1" r:id="r1"/></sheets></workbook>`],
    ["xl/_rels/workbook.xml.rels", `${XML}<Relationships xmlns="${RELATIONS}">${relation("r1", "worksheet", "worksheets/sheet1.xml")}</Relationships>`],
    ["xl/worksheets/sheet1.xml", `${XML}<worksheet xmlns="${MAIN}">${pane}<sheetData>${lines}</sheetData></worksheet>`],
  ]);
}
