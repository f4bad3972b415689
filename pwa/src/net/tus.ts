/** One photo to the city, by tus 1.0.0: it goes on exactly where the city's disk ends, however often it is cut off. */

import { NotOurs } from "../core/wire";
import { exchange, refusalOf, bodyText, NoAnswer, Refused, type Fetch } from "./http";

const PIECE_BYTES = 256 * 1024;
const SMALLEST_PIECE_BYTES = 16 * 1024;
const PIECE_STALL_MS = 30_000;
const TUS = { "Tus-Resumable": "1.0.0" };

export interface PhotoToSend {
  id: string;
  sha256: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** Where an earlier upload of it goes on, or null. */
  upload: string | null;
  /** Never sent before: only then may its first piece go with the creation, for the city surely has none of it. */
  isNew: boolean;
}

/** The city never takes this photo: too large, or not what was announced. */
export class PhotoRefused extends Error {
  override name = "PhotoRefused";
  constructor(readonly code: "too_large" | "does_not_match" | "not_wanted") {
    super(code);
  }
}

/** Resolves when the city has every byte and its digest matched. `onProgress` tells how far the city's disk is. */
export async function sendPhoto(
  fetch: Fetch,
  photo: PhotoToSend,
  onProgress: (offset: number, upload: string) => Promise<void>,
): Promise<void> {
  let upload = photo.upload;
  let offset: number | null = null;
  let piece = PIECE_BYTES;
  let mismatches = 0;
  let detours = 0;
  let isTogether = photo.isNew && photo.upload === null;
  for (;;) {
    if (++detours > 10_000) throw new NotOurs("tus: no end");
    if (upload === null) {
      let begun: Begun | null = null;
      if (isTogether) {
        isTogether = false;
        try {
          begun = await create(fetch, photo, photo.bytes.subarray(0, piece));
        } catch (error) {
          // Too slow for this piece? Bare creation is small, and tells what came through.
          if (!(error instanceof NoAnswer)) throw error;
          piece = Math.max(SMALLEST_PIECE_BYTES, piece / 4);
        }
      }
      begun ??= await create(fetch, photo, null);
      if (begun === null) throw new NotOurs("tus: no creation");
      ({ upload, offset } = begun);
      if (offset !== null) await onProgress(offset, upload);
    }
    if (offset === null) {
      offset = await offsetOf(fetch, upload);
      if (offset === null) {
        upload = null;
        if (++mismatches > 3) throw new NotOurs("tus: uploads vanish");
        continue;
      }
      await onProgress(offset, upload);
    }
    if (offset > photo.bytes.length) throw new NotOurs("tus: offset beyond the end");
    if (offset === photo.bytes.length) return;
    const part = photo.bytes.subarray(offset, offset + piece);
    let said: { status: number; offset: number | null };
    try {
      said = await patch(fetch, upload, offset, part);
    } catch (error) {
      // Too slow for this piece? A smaller one may pass; the smallest failing means that there is no way just now.
      if (!(error instanceof NoAnswer) || piece <= SMALLEST_PIECE_BYTES) throw error;
      piece = Math.max(SMALLEST_PIECE_BYTES, piece / 4);
      offset = null;
      continue;
    }
    if (said.status === 204) {
      if (said.offset === null || said.offset <= offset) throw new NotOurs("tus: no progress");
      offset = said.offset;
      await onProgress(offset, upload);
    } else if (said.status === 409) {
      offset = null;
      if (++mismatches > 8) throw new NotOurs("tus: offsets never agree");
    } else if (said.status === 460) {
      offset = null;
      if (++mismatches > 3) throw new PhotoRefused("does_not_match");
    } else {
      upload = null;
      offset = null;
      if (++mismatches > 3) throw new NotOurs("tus: uploads vanish");
    }
  }
}

interface Begun {
  upload: string;
  offset: number | null;
}

/**
 * With a first piece, or bare. Where the city will not have it with one, that is null, not an error: the bare creation
 * decides, for it alone can say what is wrong with the photo itself.
 */
async function create(fetch: Fetch, photo: PhotoToSend, part: Uint8Array<ArrayBuffer> | null): Promise<Begun | null> {
  const headers = {
    ...TUS,
    "Upload-Length": String(photo.bytes.length),
    "Upload-Metadata": `photo ${btoa(photo.id)},sha256 ${btoa(photo.sha256)}`,
    ...(part === null ? {} : await pieceHeaders(part)),
  };
  const ask = part === null ? { method: "POST", headers } : { method: "POST", headers, body: part, patienceMs: PIECE_STALL_MS };
  return exchange(fetch, "/sync/v1/photos", ask, async (response, alive) => {
    const { status } = response;
    const isTus = response.headers.get("Tus-Resumable") !== null;
    if (part !== null && isTus && status >= 400 && status < 500 && ![401, 403, 429].includes(status)) return null;
    if (response.status === 413) throw new PhotoRefused("too_large");
    if (response.status !== 201) throw await refusal(response, alive);
    const location = response.headers.get("Location");
    if (location === null || !isTus) throw new NotOurs("tus: 201 without Location or Tus-Resumable");
    return { upload: samePlace(location), offset: readOffset(response) };
  });
}

/** How many bytes are safe on the city's disk; null if that upload is no more. */
async function offsetOf(fetch: Fetch, upload: string): Promise<number | null> {
  return exchange(fetch, upload, { method: "HEAD", headers: TUS }, async (response, alive) => {
    const isTus = response.headers.get("Tus-Resumable") !== null;
    if ((response.status === 404 || response.status === 410 || response.status === 403) && isTus) return null;
    if (response.status === 404 || response.status === 410) return null;
    if (response.status === 401 || response.status === 403) throw new Refused(401, {}, null);
    const offset = readOffset(response);
    if (response.ok && isTus && offset !== null) return offset;
    throw await refusal(response, alive);
  });
}

async function patch(fetch: Fetch, upload: string, offset: number, part: Uint8Array<ArrayBuffer>): Promise<{ status: number; offset: number | null }> {
  const headers = { ...TUS, ...(await pieceHeaders(part)), "Upload-Offset": String(offset) };
  return exchange(fetch, upload, { method: "PATCH", headers, body: part, patienceMs: PIECE_STALL_MS }, async (response, alive) => {
    if (response.status === 413) throw new PhotoRefused("too_large");
    if ([409, 404, 410, 460].includes(response.status)) return { status: response.status, offset: null };
    if (response.status !== 204 || response.headers.get("Tus-Resumable") === null) throw await refusal(response, alive);
    return { status: 204, offset: readOffset(response) };
  });
}

async function pieceHeaders(part: Uint8Array<ArrayBuffer>): Promise<Record<string, string>> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", part));
  return { "Content-Type": "application/offset+octet-stream", "Upload-Checksum": `sha256 ${btoa(String.fromCharCode(...digest))}` };
}

async function refusal(response: Response, alive: () => void): Promise<Error> {
  return refusalOf(response, await bodyText(response, alive).catch(() => ""));
}

function readOffset(response: Response): number | null {
  const header = response.headers.get("Upload-Offset");
  return header !== null && /^\d+$/.test(header) ? Number(header) : null;
}

/** Only the path of a Location is followed: the photo goes to this city and to nowhere else. */
function samePlace(location: string): string {
  const path = location.replace(/^https?:\/\/[^/]+/, "");
  if (!path.startsWith("/sync/v1/photos/")) throw new NotOurs("tus: Location elsewhere");
  return path;
}
