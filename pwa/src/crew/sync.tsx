import { useState } from "preact/hooks";
import { photosArrived, stateOf, type Entry, type EntryState } from "../core/outbox";
import { closePayload } from "../core/outbox";
import { useApp } from "./app";
import { Icon, type IconName } from "../design/icons";
import { At, Head, Link, Notice, OwnPhoto, placeName } from "./parts";
import { go, goBack } from "./router";
import { answer, clock, entryState, kind, lastTrouble, line, outcome, photo, trouble as troubleWords, W, when } from "./words";

/** Every piece of work with its whole truth: where it is, how often it was tried, what the city said. */
export function Sync({ onSignIn }: { onSignIn: () => void }) {
  const { app, nowMs } = useApp();
  const { phase, trouble, nextTryMs } = app.news;
  const isBusy = phase.is !== "idle";
  const isOut = trouble === "sign_in";
  const isAnyToSend = app.entries.some((entry) => stateOf(entry) !== "needs_you");
  const said = line(app.line, nowMs);
  const entries = [...app.entries].sort((a, b) => b.seq - a.seq);
  const done = [...app.done].sort((a, b) => (b.releasedMs ?? 0) - (a.releasedMs ?? 0)).slice(0, 30);
  return (
    <main class="page">
      <Head title={W.sync.title} back={() => goBack({ at: "me" })} />
      {trouble !== null && (
        <Notice tone={trouble === "no_signal" || trouble === "city_busy" ? "calm" : "warn"} icon={trouble === "sign_in" ? "me" : "offline"}>
          <p>{troubleWords(trouble)}</p>
          {nextTryMs !== null && nextTryMs > nowMs && !isOut && <p class="quiet">{W.sync.nextTry(clock(nextTryMs))}</p>}
        </Notice>
      )}
      <button type="button" class="button button-main" data-testid="sync-now" disabled={isBusy} onClick={() => (isOut ? onSignIn() : app.retry())}>
        <Icon name={isOut ? "me" : "again"} />{" "}
        {isBusy ? (isAnyToSend ? [said.text, said.more].filter(Boolean).join(" ") : W.me.looking) : isOut ? W.signIn.again : isAnyToSend ? W.sync.retry : W.me.lookNow}
      </button>
      <section>
        <h2 class="label">{W.sync.onPhone}</h2>
        {entries.length === 0 ? (
          <p class="sync-none">
            <Icon name="city" /> {W.sync.nothing}
          </p>
        ) : (
          <ul class="cards">
            {entries.map((entry) => (
              <Row key={entry.id} entry={entry} nowMs={nowMs} />
            ))}
          </ul>
        )}
      </section>
      {(entries.length > 0 || app.drafts.length > 0) && <Export />}
      {done.length > 0 && (
        <section>
          <h2 class="label">{W.sync.done}</h2>
          <ul class="cards">
            {done.map((entry) => (
              <Row key={entry.id} entry={entry} nowMs={nowMs} />
            ))}
          </ul>
        </section>
      )}
    </main>
  );
}

const STATE_ICON: Record<EntryState, IconName> = { saved: "phone", photos: "sending", received: "city", released: "city", needs_you: "alert" };

function Row({ entry, nowMs }: { entry: Entry; nowMs: number }) {
  const { app } = useApp();
  const [isSure, setSure] = useState(false);
  const state = stateOf(entry);
  const payload = closePayload(entry);
  const { about } = entry;
  const what = payload !== null ? `${kind(entry.kind)}: ${outcome(payload.outcome)}` : kind(entry.kind);
  const isDone = state === "released";
  return (
    <li class={`entry entry-${state}`} data-testid="outbox-row" data-state={state} data-verdict={entry.answer?.verdict ?? ""}>
      <p class="entry-head">
        <strong>{what}</strong>
        <span class="quiet">
          <At ms={entry.made.wallMs}>{when(entry.made.wallMs, nowMs)}</At>
        </span>
      </p>
      <p>
        <Link to={{ at: "job", id: entry.caseId }}>{placeName(about)}</Link> <bdi class="quiet">{about.number}</bdi>
      </p>
      <p class={`entry-state standing-${state}`}>
        <Icon name={STATE_ICON[state]} size={20} /> {entryState(entry, state, photosArrived(entry))}
      </p>
      {entry.photos.length > 0 && !isDone && (
        <ul class="entry-photos">
          {entry.photos.map((it, i) => (
            <li key={it.id}>
              <OwnPhoto class="entry-thumb" photo={it} alt="" />
              <span>{photo(it, i + 1)}</span>
            </li>
          ))}
        </ul>
      )}
      {entry.answer !== null && (
        <p class="quiet">
          {W.sync.said}: {answer(entry)}
        </p>
      )}
      {entry.answer?.verdict === "quarantined" && Object.keys(entry.answer.errors).length > 0 && (
        <ul class="quiet">
          {Object.entries(entry.answer.errors).map(([name, wrong]) => (
            <li key={name}>{W.sync.field(name, Array.isArray(wrong) ? wrong.join(" ") : typeof wrong === "string" ? wrong : JSON.stringify(wrong))}</li>
          ))}
        </ul>
      )}
      {!isDone && (
        <p class="quiet">
          {entry.lastTriedMs === null ? W.sync.untried : W.sync.attempts(entry.attempts, when(entry.lastTriedMs, nowMs))}
          {entry.lastTrouble !== null && `. ${lastTrouble(entry.lastTrouble)}.`}
        </p>
      )}
      {state === "needs_you" && (
        <div class="row">
          <button type="button" class="button" onClick={() => void app.retryOne(entry.id)}>
            <Icon name="again" /> {W.sync.retryOne}
          </button>
          {payload !== null && entry.answer?.verdict === "quarantined" && app.cardOf(entry.caseId, nowMs) !== null && (
            <button type="button" class="button" data-testid="rewrite" onClick={() => void app.rewrite(entry).then((job) => job !== null && go({ at: "close", id: job.id }))}>
              <Icon name="pencil" /> {W.sync.rewrite}
            </button>
          )}
          <button type="button" class="button" onClick={() => (isSure ? void app.putAside(entry.id) : setSure(true))}>
            {isSure ? W.sync.putAsideSure : W.sync.putAside}
          </button>
        </div>
      )}
    </li>
  );
}

function Export() {
  const { app } = useApp();
  const [words, setWords] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const write = async () => {
    setBusy(true);
    try {
      const { file, unreadable } = await app.exportFile();
      const url = URL.createObjectURL(file);
      const link = Object.assign(document.createElement("a"), { href: url, download: file.name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      setWords(unreadable > 0 ? W.sync.exportBad(unreadable) : file.name);
    } catch {
      setWords(W.close.notSaved);
    }
    setBusy(false);
  };
  return (
    <section class="stack">
      <button type="button" class="button" data-testid="export" disabled={isBusy} onClick={() => void write()}>
        <Icon name="download" /> {isBusy ? W.sync.exporting : W.sync.export}
      </button>
      <p class="quiet">{words ?? W.sync.exportHint}</p>
    </section>
  );
}
