import { render } from "preact";
import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import "../design/tokens.css";
import "../design/base.css";
import "../design/phone.css";
import { app, useApp } from "./app";
import { ClosePage } from "./close";
import { Icon, type IconName } from "../design/icons";
import { JobPage } from "./job";
import { Jobs } from "./jobs";
import { Unlock } from "./lock";
import { Me } from "./me";
import { Messages } from "./messages";
import { Link } from "./parts";
import { go, placeOf, placeOfForm, usePlace, type Place } from "./router";
import { StartShift } from "./shift";
import { SignIn } from "./sign-in";
import { Sync } from "./sync";
import { theme, wear } from "../design/theme";
import { language } from "../design/translate";
import { wearLanguage } from "../design/wear-language";
import { chosen, learn } from "./language";
import { line, sayAnew, W } from "./words";
import type { Line } from "../core/line";
import { photosArrived, stateOf } from "../core/outbox";

function Root() {
  const { app, nowMs } = useApp();
  const place = usePlace();
  const [isSigningIn, setSigningIn] = useState(false);
  switch (app.stage.is) {
    case "starting":
      return null;
    case "signed_out":
      return <SignIn />;
    case "storage":
      return (
        <main class="page">
          <div class="empty">
            <Icon name="alert" size={40} />
            <p class="empty-title">{W.storage.title}</p>
            <p>{app.stage.code === "newer_version" ? W.storage.newer : W.storage.text}</p>
          </div>
          <button type="button" class="button button-main" onClick={() => location.reload()}>
            {W.storage.again}
          </button>
        </main>
      );
    case "ready":
      break;
  }
  if (app.isLocked) return <Unlock />;
  const isOut = app.news.trouble === "sign_in";
  if (isSigningIn && isOut) return <SignIn again={app.identity?.person.name ?? ""} onDone={() => setSigningIn(false)} />;
  const hasTabs = place.at !== "job" && place.at !== "close" && place.at !== "form" && place.at !== "shift";
  return (
    <>
      <SyncLine is={app.line} nowMs={nowMs} onSignIn={() => setSigningIn(true)} />
      {app.toast !== null && (place.at === "jobs" || place.at === "job") && <SavedToast />}
      {app.updateReady && place.at !== "close" && place.at !== "form" && <Update />}
      <Page place={place} onSignIn={() => setSigningIn(true)} />
      {hasTabs && <Tabs place={place} />}
    </>
  );
}

/** Long enough to be read before it may change its words. */
const TOAST_FIRST_MS = 3_000;

function SavedToast() {
  const { app, nowMs } = useApp();
  const [, look] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => look(1), TOAST_FIRST_MS + 50);
    return () => clearTimeout(timer);
  }, [app.toast?.entryId]);
  const entry = app.toastEntry();
  const state = entry === null || Math.max(nowMs, Date.now()) - (app.toast?.sinceMs ?? 0) < TOAST_FIRST_MS ? "saved" : stateOf(entry);
  const words =
    entry !== null && state === "photos"
      ? W.close.receivedPhotos(photosArrived(entry), entry.photos.length)
      : state === "received" || state === "released"
        ? W.close.received
        : W.close.saved;
  return (
    <div class="toast" role="status" data-testid="saved-toast">
      <Icon name={state === "saved" ? "phone" : "city"} />
      <span>{words}</span>
      <button type="button" class="icon-button" aria-label={W.closeLine} onClick={() => app.hideToast()}>
        <Icon name="x" />
      </button>
    </div>
  );
}

function Page({ place, onSignIn }: { place: Place; onSignIn: () => void }) {
  switch (place.at) {
    case "jobs":
      return <Jobs />;
    case "job":
      return <JobPage key={place.id} id={place.id} />;
    case "close":
      return <ClosePage key={place.id} id={place.id} />;
    case "form":
      return <Later key={`${place.form} ${place.id ?? ""}`} place={place} />;
    case "shift":
      return <StartShift />;
    case "messages":
      return <Messages />;
    case "map":
      return <MapLater />;
    case "me":
      return <Me />;
    case "sync":
      return <Sync onSignIn={onSignIn} />;
  }
}

type FormProps = Omit<Extract<Place, { at: "form" }>, "at">;
let FormPage: FunctionComponent<FormProps> | null = null;

/** The smaller forms come after the list is shown, and long before anyone can have touched their buttons. */
async function loadForms(): Promise<void> {
  ({ FormPage } = await import("./forms"));
}

function Later({ place }: { place: FormProps }) {
  const [words, setWords] = useState<string | null>(null);
  useEffect(() => {
    if (FormPage === null) void loadForms().then(() => setWords(""), () => setWords(W.update.broken));
  }, []);
  if (FormPage !== null) return <FormPage form={place.form} id={place.id} />;
  return <main class="page">{words !== null && <p>{words}</p>}</main>;
}

/** The map is loaded by whoever looks at it. */
function MapLater() {
  const [MapPage, setPage] = useState<FunctionComponent | null>(null);
  const [words, setWords] = useState("");
  useEffect(() => {
    void import("./map").then(({ MapPage }) => setPage(() => MapPage), () => setWords(W.update.broken));
  }, []);
  return MapPage === null ? <main class="page">{words !== "" && <p>{words}</p>}</main> : <MapPage />;
}

const LINE_ICON: Record<Line["is"], IconName> = {
  sign_in: "me",
  other_person: "alert",
  needs_you: "alert",
  sending: "sending",
  waiting: "phone",
  confirming: "city",
  received: "city",
  never: "received",
};

/** Always there, always true. */
function SyncLine({ is, nowMs, onSignIn }: { is: Line; nowMs: number; onSignIn: () => void }) {
  const { text, more } = line(is, nowMs);
  const icon = is.is === "received" && is.isStale ? "offline" : LINE_ICON[is.is];
  const inside = (
    <>
      <Icon name={icon} size={20} />
      <span class="sync-text" role="status">
        <strong>{text}</strong>
        {more !== "" && <span> · {more}</span>}
      </span>
      <Icon name="chevron" size={20} />
    </>
  );
  const name = `sync-line sync-${is.is}`;
  return is.is === "sign_in" ? (
    <button type="button" class={name} data-testid="sync-line" data-state={is.is} onClick={onSignIn}>
      {inside}
    </button>
  ) : (
    <Link to={{ at: "sync" }} class={name} data-testid="sync-line" data-state={is.is}>
      {inside}
    </Link>
  );
}

function Tabs({ place }: { place: Place }) {
  const tab = (to: Place, name: "jobs" | "map" | "me", isHere: boolean) => (
    <Link to={to} class="tab" data-testid={`tab-${name}`} aria-current={isHere ? "page" : undefined}>
      <Icon name={name} />
      {W.tabs[name]}
    </Link>
  );
  return (
    <nav class="tabs" aria-label={W.appName}>
      {tab({ at: "jobs" }, "jobs", place.at === "jobs")}
      {tab({ at: "map" }, "map", place.at === "map")}
      {tab({ at: "me" }, "me", place.at === "me" || place.at === "sync" || place.at === "messages")}
    </nav>
  );
}

function Update() {
  const { app } = useApp();
  return (
    <div class="update">
      <span>
        <strong>{W.update.ready}</strong>
        {app.entries.length > 0 && <small>{W.update.later}</small>}
      </span>
      <button type="button" class="button" onClick={() => takeOver()}>
        {W.update.use}
      </button>
    </div>
  );
}

// ---- the service worker --------------------------------------------------------------------------------------------

let waitingWorker: ServiceWorker | null = null;
let isTakingOver = false;

/** The new version starts when a person says so, or by itself at a quiet moment: never while work is unsent. */
function takeOver(): void {
  isTakingOver = true;
  waitingWorker?.postMessage("take-over");
}

async function registerWorker(): Promise<void> {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  const registration = await navigator.serviceWorker.register("/crew/sw.js", { scope: "/crew/", updateViaCache: "none" });
  const look = () => {
    if (registration.waiting === null || navigator.serviceWorker.controller === null) return;
    waitingWorker = registration.waiting;
    app.updateReady = true;
    app.say();
  };
  look();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", look);
  });
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (isTakingOver) location.reload();
  });
  // Hidden, all sent, no form open: the quiet moment.
  document.addEventListener("visibilitychange", () => {
    const isQuiet = document.visibilityState === "hidden" && app.entries.length === 0 && !["close", "form"].includes(placeOf(location.pathname).at);
    if (isQuiet && app.updateReady) takeOver();
    if (document.visibilityState === "visible") void registration.update().catch(() => {});
  });
}

function Started() {
  useEffect(() => {
    void app.start().then(async () => {
      // The phone may have killed the app while its camera was open: go back into the form.
      const form = await app.openForm();
      const at = placeOf(location.pathname).at;
      const back = form === null ? null : placeOfForm(form);
      if (at !== "jobs" || back === null || !("id" in back)) return;
      if (back.id === null || app.cardOf(back.id, Date.now()) !== null) go(back);
    });
  }, []);
  return <Root />;
}

// A shared phone locks itself when it was put down; the clock goes on while the page sleeps only by the wall's hands.
let touchedMs = Date.now();
const touched = () => {
  touchedMs = Date.now();
};
const lockIfIdle = () => app.lockWhenIdle(Date.now() - touchedMs);
for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, touched, { passive: true });
document.addEventListener("visibilitychange", lockIfIdle);
setInterval(lockIfIdle, 15_000);

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  app.installPrompt = event as unknown as { prompt(): Promise<unknown> };
  app.say();
});

wear(theme());
const root = document.getElementById("app");
const start = () => {
  sayAnew();
  wearLanguage(language());
  if (root !== null) render(<Started />, root);
};
const wished = chosen(document.cookie, navigator.languages);
if (wished === "en") start();
else void learn(wished).then(start);
void registerWorker().catch(() => {});
setTimeout(() => void loadForms().catch(() => {}), 1_500);
