/** Letting the city wake this phone by web push. Without it nothing is lost: the app looks by itself while it is open. */

import type { City } from "../net/city";

export type Waking = "off" | "on" | "denied" | "failed" | "unsupported" | "not_here";

const canBeWoken = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

/** Where the person allowed it before, the subscription is renewed and told anew: browsers drop them, people switch. */
export async function lookAtWaking(city: City): Promise<Waking> {
  if (!canBeWoken()) return "unsupported";
  if (Notification.permission === "denied") return "denied";
  return Notification.permission === "granted" ? subscribe(city) : "off";
}

/** Ask the person, then subscribe. */
export async function wake(city: City): Promise<Waking> {
  if (!canBeWoken()) return "unsupported";
  const permission = await Notification.requestPermission();
  return permission === "granted" ? subscribe(city) : permission === "denied" ? "denied" : "off";
}

/** Before signing out: what concerns this person must not show on a phone that is another's next. */
export async function stopWaking(city: City): Promise<void> {
  if (!canBeWoken()) return;
  const registration = await navigator.serviceWorker.getRegistration().catch(() => undefined);
  const subscription = await registration?.pushManager.getSubscription().catch(() => null);
  if (subscription) await city.dropSubscription(subscription.endpoint).catch(() => {});
}

async function subscribe(city: City): Promise<Waking> {
  const key = await city.wakingKey();
  if (key === null) return "not_here";
  const { pushManager } = await navigator.serviceWorker.ready;
  const applicationServerKey = bytesOf(key);
  const kept = await pushManager.getSubscription();
  const isOurs = kept !== null && isSame(kept.options.applicationServerKey, applicationServerKey);
  if (kept !== null && !isOurs) await kept.unsubscribe(); // the city has a new key
  const subscription = kept !== null && isOurs ? kept : await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  await city.keepSubscription(subscription.toJSON());
  return "on";
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
}

function isSame(held: ArrayBuffer | null, wanted: Uint8Array): boolean {
  return held !== null && held.byteLength === wanted.length && new Uint8Array(held).every((byte, i) => byte === wanted[i]);
}
