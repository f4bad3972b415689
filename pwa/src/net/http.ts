/** Asking the city, and believing only the city. */

import { readRetryAfter } from "../core/backoff";
import { NotOurs } from "../core/wire";

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/**
 * Says with each request whose work it carries. The cookie is the browser's and may by now be another person's: then the
 * city refuses (401), instead of taking one person's work for the other's.
 */
export function asPerson(fetch: Fetch, personId: number): Fetch {
  return (url, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set("X-Crew311-Person", String(personId));
    return fetch(url, { ...init, headers });
  };
}

/** Nothing answered in time, or the connection broke. */
export class NoAnswer extends Error {
  override name = "NoAnswer";
}

/** The city answered, and said no or not now. */
export class Refused extends Error {
  override name = "Refused";
  constructor(
    readonly status: number,
    readonly problem: Record<string, unknown>,
    readonly retryAfterS: number | null,
  ) {
    super(`${status} ${String(problem["detail"] ?? "")}`);
  }
}

export const FIRST_BYTE_MS = 10_000;
const STALL_MS = 15_000;

const ALWAYS = { cache: "no-store", credentials: "same-origin", redirect: "error" } as const;

export interface Ask {
  method: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  /** How long nothing may happen before the first byte of the answer. */
  patienceMs?: number;
  /** And how long after it. */
  stallMs?: number;
  /** Ends it from outside. */
  leave?: AbortSignal;
}

/** One request with a deadline that only progress moves. `read` gets the answer and a touch to say "still alive". */
export async function exchange<T>(
  fetch: Fetch,
  url: string,
  ask: Ask,
  read: (response: Response, alive: () => void) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const end = () => abort.abort();
  ask.leave?.addEventListener("abort", end);
  if (ask.leave?.aborted === true) end();
  let timer = setTimeout(() => abort.abort(), ask.patienceMs ?? FIRST_BYTE_MS);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), ask.stallMs ?? STALL_MS);
  };
  try {
    const response = await fetch(url, {
      ...ALWAYS,
      method: ask.method,
      headers: { "X-Crew311": "1", Accept: "application/json", ...ask.headers },
      ...(ask.body === undefined ? {} : { body: ask.body }),
      signal: abort.signal,
    });
    alive();
    return await read(response, alive);
  } catch (error) {
    if (error instanceof Refused || error instanceof NotOurs || error instanceof NoAnswer) throw error;
    throw new NoAnswer(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    ask.leave?.removeEventListener("abort", end);
    abort.abort();
  }
}

/** A JSON answer of the city with an `expected` status; its refusals are Refused, anything else is NotOurs. */
export function askJson(fetch: Fetch, url: string, ask: Ask, expected: number | readonly number[] = 200): Promise<unknown> {
  return exchange(fetch, url, ask, async (response, alive) => {
    const type = (response.headers.get("Content-Type") ?? "").toLowerCase();
    const isJson = /^application\/(problem\+)?json\b/.test(type);
    if ([expected].flat().includes(response.status)) {
      if (!/^application\/json\b/.test(type)) throw new NotOurs(`status ${response.status} of type ${type}`);
      return parse(await bodyText(response, alive));
    }
    throw refusalOf(response, isJson ? await bodyText(response, alive).catch(() => "") : "");
  });
}

export function refusalOf(response: Response, body: string): Refused | NotOurs {
  // A sign-in page of a network may well say 401, 403 or 511 in HTML: that is not our city speaking.
  const type = (response.headers.get("Content-Type") ?? "").toLowerCase();
  const isJson = /^application\/(problem\+)?json\b/.test(type);
  if (response.status < 400 || (!isJson && response.status < 500)) return new NotOurs(`status ${response.status} of type ${type}`);
  let problem: Record<string, unknown> = {};
  try {
    const parsed: unknown = body === "" ? {} : JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null) problem = parsed as Record<string, unknown>;
  } catch {
    // A status without words is still a refusal.
  }
  return new Refused(response.status, problem, readRetryAfter(response.headers.get("Retry-After"), Date.now()));
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotOurs("not JSON");
  }
}

export async function bodyText(response: Response, alive: () => void): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    alive();
    text += decoder.decode(value, { stream: true });
  }
}
