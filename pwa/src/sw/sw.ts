/// <reference lib="webworker" />
/**
 * The service worker: opens the app without signal, and drains the outbox when the browser says that signal is back.
 * It keeps no state of its own, answers no request but GETs of the shell, of kept photos and streets, and caches no answer of
 * the city's API.
 */

import { CHANNEL, LOCK, runLocked, type Told } from "../loop/lock";
import { City } from "../net/city";
import { asPerson } from "../net/http";
import { forgetJobPhotos, PHOTO_CACHE } from "../net/job-photos";
import { ABOUT, answerFromKept, DISTRICTS, TILES } from "../net/kept-basemap";
import { Cache311 } from "../store/cache";
import { Outbox } from "../store/outbox";
import { Session } from "../store/session";
import { chosen, learn } from "../crew/language";
import { notification } from "../crew/notification";

declare const self: ServiceWorkerGlobalScope;

const SHELLS = "crew311-shell-";
const SHELL = SHELLS + __SHELL_DIGEST__;
const PAGE = "/crew/index.html";
const IN_SHELL = new Set(__PRECACHE__);
/** Words of the languages that were spoken on this phone; they come along with a new version. */
const WORDS = "/crew/languages/";
/** A sync event may last three minutes; leave time to end in order. */
const DRAIN_MS = 110_000;

self.addEventListener("install", (event) => {
  event.waitUntil(install());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname.startsWith("/crew/") || url.pathname === "/crew") event.respondWith(fromShell(PAGE, request));
  } else if (IN_SHELL.has(url.pathname)) {
    event.respondWith(fromShell(url.pathname, request));
  } else if (url.pathname.startsWith(WORDS)) {
    event.respondWith(fromWords(url.pathname, request));
  } else if (url.pathname.startsWith("/photos/")) {
    event.respondWith(fromPhotos(request));
  } else if (url.pathname === ABOUT || url.pathname === TILES || url.pathname === DISTRICTS) {
    event.respondWith(fromBasemap(request));
  }
});

self.addEventListener("message", (event) => {
  if (event.data === "take-over") void self.skipWaiting();
});

// Background Sync is not in every browser's types, nor in every browser.
self.addEventListener("sync" as "message", (event) => {
  const sync = event as unknown as ExtendableEvent & { tag: string };
  if (sync.tag === LOCK) sync.waitUntil(drain());
});

self.addEventListener("push", (event) => {
  event.waitUntil(pushed(event.data));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openApp(event.notification.tag === "message" ? "/crew/me/messages" : "/crew/"));
});

async function install(): Promise<void> {
  const cache = await caches.open(SHELL);
  // Past the HTTP cache; each must be there and be ours, or this version is not installed.
  const spoken = (await caches.keys()).filter((name) => name.startsWith(SHELLS)).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname));
  const words = (await Promise.all(spoken)).flat().filter((path) => path.startsWith(WORDS));
  await Promise.all(
    [...__PRECACHE__, ...new Set(words)].map(async (path) => {
      const response = await fetch(new Request(path, { cache: "reload", redirect: "error", credentials: "same-origin" }));
      const type = response.headers.get("Content-Type") ?? "";
      if (!response.ok || (type.startsWith("text/html") && !path.endsWith(".html"))) throw new Error(`${path}: ${response.status} ${type}`);
      await cache.put(path, response);
    }),
  );
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(SHELLS) && name !== SHELL) await caches.delete(name);
  }
  await self.clients.claim();
}

async function fromShell(path: string, request: Request): Promise<Response> {
  const kept = await (await caches.open(SHELL)).match(path);
  return kept ?? fetch(request);
}

async function fromWords(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(path);
  if (kept !== undefined) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.headers.get("Content-Type")?.startsWith("application/json")) await cache.put(path, answer.clone());
  return answer;
}

async function fromPhotos(request: Request): Promise<Response> {
  const kept = await caches.open(PHOTO_CACHE).then((cache) => cache.match(request.url)).catch(() => undefined);
  return kept ?? fetch(request);
}

/** What is kept first, even if the city has a newer map: the two would not fit together. `reload` asks past it. */
async function fromBasemap(request: Request): Promise<Response> {
  const kept = request.cache === "reload" ? undefined : await answerFromKept(request).catch(() => undefined);
  return kept ?? fetch(request);
}

async function drain(): Promise<void> {
  const session = new Session();
  const identity = await session.identity().finally(() => session.close());
  if (identity === null) return;
  const outbox = new Outbox(identity.person.id);
  const cache = new Cache311(identity.person.id);
  const channel = new BroadcastChannel(CHANNEL);
  const say = (told: Told) => channel.postMessage(told);
  try {
    const report = await runLocked({
      outbox,
      cache,
      city: new City(asPerson((url, init) => fetch(url, init), identity.person.id)),
      appVersion: __APP_VERSION__,
      untilMs: Date.now() + DRAIN_MS,
      tell: (phase) => say({ is: "phase", phase, trouble: null }),
      changed: () => say({ is: "changed" }),
    });
    if (report?.revoked === true) await wipe(say);
    if (report !== null) say({ is: "phase", phase: { is: "idle" }, trouble: report.trouble });
    // Failing tells the browser to try again later, after five minutes and more.
    const trouble = report?.trouble ?? null;
    if (trouble === "no_signal" || trouble === "city_busy" || trouble === "not_the_city") throw new Error(trouble);
  } finally {
    channel.close();
    await Promise.all([outbox.close(), cache.close()]);
  }
}

/** The office has switched this phone off: the jobs are gone with the page that said so, the rest goes here. */
async function wipe(say: (told: Told) => void): Promise<void> {
  const session = new Session();
  await session.end().finally(() => session.close());
  await forgetJobPhotos();
  say({ is: "session" });
}

/** A push says how many of which kind; what it is about, we ask the city. */
async function pushed(said: PushMessageData | null): Promise<void> {
  const { kind, count } = readPush(said);
  // First the words, then the looking: a browser that waits in vain for a notification shows one of its own.
  const pages = await self.clients.matchAll({ type: "window" });
  if (!pages.some((page) => page.visibilityState === "visible")) {
    await learn(await spokenHere(), (path) => fromWords(path, new Request(path)));
    await self.registration.showNotification("Crew311", {
      body: notification(kind, count),
      tag: kind,
      icon: "/crew/icons/icon-192.png",
      badge: "/crew/icons/icon-192.png",
      data: { kind },
      ...(kind === "urgent" ? { requireInteraction: true } : {}),
    });
  }
  await drain().catch(() => {});
}

/** What the page keeps in its cookie, where the browser lets us read it. */
async function spokenHere(): Promise<string> {
  const { cookieStore } = self as unknown as { cookieStore?: { get(name: string): Promise<{ value: string } | null> } };
  const kept = await cookieStore?.get("language").catch(() => null);
  return chosen(kept ? `language=${kept.value}` : "", navigator.languages);
}

function readPush(said: PushMessageData | null): { kind: string; count: number } {
  try {
    const { kind, count } = said?.json() as { kind?: unknown; count?: unknown };
    return { kind: typeof kind === "string" ? kind : "", count: Number.isSafeInteger(count) ? (count as number) : 1 };
  } catch {
    return { kind: "", count: 1 };
  }
}

async function openApp(path: string): Promise<void> {
  const [page] = await self.clients.matchAll({ type: "window" });
  // A page in the middle of something stays there: what is new shows on its list.
  if (page !== undefined) await page.focus();
  else await self.clients.openWindow(path);
}
