/**
 * A report is not lost without signal: it is kept on this device, photo and all, and sent by itself when there is signal, from
 * whichever of the city's pages is open then. What was written is kept as a draft, too, but for who writes it.
 *
 * A report has a key of its own, so one that arrived although the answer was lost is not taken twice.
 */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";

interface KeptReport {
  key: string;
  fields: [name: string, value: string][];
  photo: { name: string; type: string; bytes: ArrayBuffer } | null;
}

interface Kept extends DBSchema {
  reports: { key: string; value: KeptReport };
}

const AGAIN_MS = 10_000;
const PATIENCE_MS = 60_000;
const PROBE_MS = 5_000;
const PRIVATE = new Set(["name", "email", "phone", "sent_as", "photo"]);

let opened: Promise<IDBPDatabase<Kept>> | null = null;

function kept(): Promise<IDBPDatabase<Kept>> {
  opened ??= openDB<Kept>("crew311-reports", 1, { upgrade: (db) => void db.createObjectStore("reports", { keyPath: "key" }) });
  return opened;
}

/** Sends what is kept, now and whenever there may be signal. Does nothing, and asks nothing, where nothing is kept. */
export async function sendKeptReports(): Promise<void> {
  addEventListener("online", () => void sendAll());
  setInterval(() => void sendAll(), AGAIN_MS);
  await sendAll();
}

/** Two pages may be open: one of them sends. */
function sendAll(): Promise<void> {
  return navigator.locks.request("crew311-reports", { ifAvailable: true }, async (lock) => {
    if (lock === null) return;
    const db = await kept();
    for (const report of await db.getAll("reports")) {
      const answer = await send(report);
      if (answer === null) return;
      await db.delete("reports", report.key);
      const box = document.querySelector<HTMLElement>(`[data-kept="${report.key}"]`);
      if (answer.redirected) {
        if (box !== null) location.assign(answer.url);
      } else {
        // Not taken as it is (a question it does not answer): the form says what is wrong, with all that was written in it.
        await keepDraft(report.fields);
        location.assign(`/report?service=${encodeURIComponent(valueOf(report.fields, "service"))}`);
      }
    }
  });
}

/** The city's answer, or null if there was none, or one that says "later". */
async function send(report: KeptReport): Promise<Response | null> {
  const form = new FormData();
  for (const [name, value] of report.fields) form.append(name, value);
  if (report.photo) form.append("photo", new File([report.photo.bytes], report.photo.name, { type: report.photo.type }));
  try {
    const answer = await fetch("/report", { method: "POST", body: form, signal: AbortSignal.timeout(PATIENCE_MS) });
    const isOurs = new URL(answer.url).origin === location.origin && (answer.redirected || answer.status === 400);
    return isOurs ? answer : null;
  } catch {
    return null;
  }
}

export function keepReport(form: HTMLFormElement): void {
  const key = form.querySelector<HTMLInputElement>("input[name=sent_as]");
  const said = document.querySelector<HTMLTemplateElement>("template[data-kept-words]");
  if (key === null || said === null) return;
  key.value = crypto.randomUUID();
  restoreDraft(form);
  form.addEventListener("input", () => void keepDraft(fieldsOf(form)));
  let isSure = false;
  // Back from the next page, the browser may show this one as it was: what is sent now is another report.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) [isSure, key.value] = [false, crypto.randomUUID()];
  });
  const sendOrKeep = (event: SubmitEvent) => {
    if (isSure) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void isThere().then(async (there) => {
      if (there) {
        isSure = true;
        forgetDraft();
        form.requestSubmit();
        return;
      }
      await (await kept()).put("reports", await reportOf(form, key.value));
      forgetDraft();
      const notice = said.content.cloneNode(true) as DocumentFragment;
      notice.firstElementChild?.setAttribute("data-kept", key.value);
      form.replaceWith(notice);
      document.querySelector<HTMLElement>("[data-kept]")?.focus();
    });
  };
  form.addEventListener("submit", sendOrKeep, { capture: true }); // before what dims the button
}

/** Does the city answer? `navigator.onLine` knows only whether there is a network. */
async function isThere(): Promise<boolean> {
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PROBE_MS) })).ok;
  } catch {
    return false;
  }
}

function fieldsOf(form: HTMLFormElement): [string, string][] {
  return [...new FormData(form)].filter((field): field is [string, string] => typeof field[1] === "string");
}

async function reportOf(form: HTMLFormElement, key: string): Promise<KeptReport> {
  const file = new FormData(form).get("photo");
  // As bytes: a browser may lose the file behind a File object before it is sent.
  const photo = file instanceof File && file.size > 0 ? { name: file.name, type: file.type, bytes: await file.arrayBuffer() } : null;
  return { key, fields: fieldsOf(form), photo };
}

function valueOf(fields: [string, string][], name: string): string {
  return fields.find(([known]) => known === name)?.[1] ?? "";
}

// ---- the draft: what was written, for half an hour's reload and a battery that gave out

const DRAFT = "crew311-draft";

async function keepDraft(fields: [string, string][]): Promise<void> {
  const shown = fields.filter(([name, value]) => !PRIVATE.has(name) && value !== "");
  if (shown.length > 1) localStorage.setItem(DRAFT, JSON.stringify(shown));
}

function forgetDraft(): void {
  localStorage.removeItem(DRAFT);
}

function restoreDraft(form: HTMLFormElement): void {
  const draft = localStorage.getItem(DRAFT);
  if (draft === null) return;
  let fields: [string, string][];
  try {
    fields = JSON.parse(draft) as [string, string][];
  } catch {
    return forgetDraft();
  }
  if (valueOf(fields, "service") !== valueOf(fieldsOf(form), "service")) return;
  for (const [name, value] of fields) {
    const field = form.elements.namedItem(name);
    const isEmptyText = (field instanceof HTMLInputElement && field.type !== "hidden") || field instanceof HTMLTextAreaElement;
    if (isEmptyText && field.value === "") field.value = value;
    else if (field instanceof HTMLSelectElement && field.value === "") field.value = value;
  }
}
