/** Residents' photos of open jobs, kept on the phone so that they show without signal. Bounded, and purged by job. */

import type { Job } from "../core/wire";

export const PHOTO_CACHE = "crew311-job-photos";
const MOST_PHOTOS = 120;
const AT_ONCE = 2;

/** Fetch what is missing and drop what no job names any more. Failing is harmless: it is tried at the next run. */
export async function keepJobPhotos(jobs: readonly Job[]): Promise<void> {
  if (!("caches" in self)) return;
  const cache = await caches.open(PHOTO_CACHE);
  const open = jobs.filter((job) => job.mine && job.status !== "closed").sort((a, b) => (a.order ?? 999) - (b.order ?? 999));
  // Small ones of all jobs first, then the large ones: a list full of pictures beats one big picture.
  const wanted = [
    ...open.flatMap((job) => job.photos.map((photo) => photo.thumb)),
    ...open.flatMap((job) => job.photos.map((photo) => photo.url)),
  ].slice(0, MOST_PHOTOS);
  const named = new Set([...wanted, ...jobs.flatMap((job) => job.photos.flatMap((photo) => [photo.thumb, photo.url]))]);
  const held = new Set<string>();
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url);
    if (named.has(pathname + search)) held.add(pathname + search);
    else await cache.delete(request);
  }
  const missing = [...new Set(wanted)].filter((url) => url.startsWith("/photos/") && !held.has(url));
  while (missing.length > 0) {
    const kept = await Promise.all(missing.splice(0, AT_ONCE).map((url) => keep(cache, url)));
    if (!kept.some(Boolean)) return;
  }
}

async function keep(cache: Cache, url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(30_000) });
    if (!response.ok || !(response.headers.get("Content-Type") ?? "").startsWith("image/")) return response.status === 404;
    await cache.put(url, response);
    return true;
  } catch {
    return false;
  }
}

export async function forgetJobPhotos(): Promise<void> {
  if ("caches" in self) await caches.delete(PHOTO_CACHE);
}
