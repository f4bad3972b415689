/** A photo made ready for a poor network: smaller, if that can be done without losing it. */

const LONGEST_SIDE = 2048;
const SMALL_ENOUGH_BYTES = 1.5 * 1024 * 1024;
const QUALITY = 0.8;

export interface Prepared {
  bytes: ArrayBuffer;
  type: string;
}

/**
 * Scale a photo down to 2048 px JPEG. A JPEG that is small enough stays as it is, byte for byte; so does whatever this
 * phone cannot decode (HEIC, say) or draws as nothing: the city can do more with the original than with an empty sheet.
 */
export async function preparePhoto(bytes: ArrayBuffer, type: string): Promise<Prepared> {
  const original = { bytes, type: sniffType(bytes) ?? (type || "application/octet-stream") };
  try {
    const bitmap = await createImageBitmap(new Blob([bytes], { type: original.type }), { imageOrientation: "from-image" });
    try {
      const longest = Math.max(bitmap.width, bitmap.height);
      if (original.type === "image/jpeg" && longest <= LONGEST_SIDE && bytes.byteLength <= SMALL_ENOUGH_BYTES) return original;
      const scale = Math.min(1, LONGEST_SIDE / longest);
      const drawn = await drawJpeg(bitmap, Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
      if (drawn === null || (drawn.byteLength >= bytes.byteLength && original.type === "image/jpeg")) return original;
      return { bytes: drawn, type: "image/jpeg" };
    } finally {
      bitmap.close();
    }
  } catch {
    return original;
  }
}

async function drawJpeg(bitmap: ImageBitmap, width: number, height: number): Promise<ArrayBuffer | null> {
  if (typeof OffscreenCanvas !== "undefined") {
    const canvas = new OffscreenCanvas(width, height);
    const paper = canvas.getContext("2d");
    if (paper === null) return null;
    paper.drawImage(bitmap, 0, 0, width, height);
    if (isBlank(paper, width, height)) return null;
    return (await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY })).arrayBuffer();
  }
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const paper = canvas.getContext("2d");
  if (paper === null) return null;
  paper.drawImage(bitmap, 0, 0, width, height);
  if (isBlank(paper, width, height)) return null;
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return blob === null ? null : blob.arrayBuffer();
}

/** Phones short of memory draw nothing at all: every sampled pixel is then transparent. */
function isBlank(paper: OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D, width: number, height: number): boolean {
  for (const [x, y] of [[0.5, 0.5], [0.2, 0.2], [0.8, 0.2], [0.2, 0.8], [0.8, 0.8]] as const) {
    const pixel = paper.getImageData(Math.floor(width * x), Math.floor(height * y), 1, 1).data;
    if (pixel[3] !== 0) return false;
  }
  return true;
}

/** What the bytes are, whatever the file's name says. */
export function sniffType(bytes: ArrayBuffer): string | null {
  const head = new Uint8Array(bytes, 0, Math.min(16, bytes.byteLength));
  const starts = (...expected: number[]) => expected.every((byte, i) => head[i] === byte);
  if (starts(0xff, 0xd8, 0xff)) return "image/jpeg";
  if (starts(0x89, 0x50, 0x4e, 0x47)) return "image/png";
  const word = (from: number) => String.fromCharCode(...head.subarray(from, from + 4));
  if (word(0) === "RIFF" && word(8) === "WEBP") return "image/webp";
  if (word(4) === "ftyp") return /^(avif|avis)/.test(word(8)) ? "image/avif" : "image/heic";
  return null;
}
