/** The smaller forms: a note, photos, giving a job back, a follow-up, a case found in the field. Loaded after the list. */

import { useEffect, useRef, useState } from "preact/hooks";
import { isEmptyForm, lackOfForm, type Form, type FormName } from "../core/forms";
import { findServices } from "../core/services";
import { HAND_BACK_REASONS, type CaseKey, type Job, type Service } from "../core/wire";
import { app, useApp } from "./app";
import { Batch } from "./batch";
import { Discard, Foot, PhotoRow, ShortOfRoom, useWritten, type Written } from "./form";
import { Icon, reasonIcon } from "../design/icons";
import { Gone, Head, placeName } from "./parts";
import { go, goBack } from "./router";
import { distance, formLack, handBackReason, W } from "./words";

export function FormPage({ form, id }: { form: FormName; id: CaseKey | null }) {
  const { nowMs } = useApp();
  // The job as it was when the form opened, should the office take it away meanwhile.
  const seen = useRef<Job | null>(null);
  const card = id === null ? null : app.cardOf(id, nowMs);
  if (card !== null) seen.current = card.job;
  if (form === "batch") return <Batch />;
  if (form === "open") return <Writing form="open" job={null} />;
  return seen.current === null ? <Gone /> : <Writing form={form} job={seen.current} />;
}

type OneForm = Exclude<FormName, "batch">;
const TESTID: Record<OneForm, string> = { note: "note-save", photos: "photos-save", give_back: "hand-back-save", follow_up: "follow-up-save", open: "new-case-save" };
const FIELD: Partial<Record<string, string>> = { reason: "reasons", service: "service", place: "place" };

function Writing({ form, job }: { form: OneForm; job: Job | null }) {
  const written = useWritten(() => app.openOther(form, job).then((it) => (form === "open" && it.words === "" ? { ...it, words: sharedWords() } : it)), isEmptyForm);
  if (written === null) return <main class="page" />;
  const { draft, change } = written;
  const words = W[form];
  const leave = () => goBack(job === null ? { at: "jobs" } : { at: "job", id: job.id });
  const save = async () => {
    const place = draft.place ?? app.freshPlace();
    const complete = { ...draft, place };
    const missing = lackOfForm(complete);
    if (missing !== null) {
      written.setTrouble(formLack(missing));
      document.getElementById(FIELD[missing] ?? "words")?.scrollIntoView({ block: "center" });
      return;
    }
    let made: CaseKey | null = null;
    const isKept = await written.finish(async (it) => {
      made = await app.send({ ...it, place: it.place ?? place }, job);
    });
    if (!isKept) return;
    // What was kept is no page to come back to.
    if (made !== null && draft.keep) go({ at: "job", id: made }, "replace");
    else if (form === "give_back" || job === null) go({ at: "jobs" }, "replace");
    else leave();
  };
  return (
    <main class="page page-acting" data-form={form}>
      <Head
        title={
          <>
            {words.title} {job !== null && <small>{placeName(job)}</small>}
          </>
        }
        back={leave}
      />
      {form === "give_back" && <Reasons written={written} />}
      {(form === "follow_up" || form === "open") && <ServicePicker written={written} isOwnFirst={form === "open"} />}
      {form === "photos" && (
        <section>
          <ShortOfRoom />
          <h2 class="out-of-sight">{W.close.photos}</h2>
          <PhotoRow kind="before" name={W.close.before} photos={draft.photos} written={written} />
          <PhotoRow kind="after" name={W.close.after} photos={draft.photos} written={written} />
        </section>
      )}
      {form === "open" && <Where written={written} />}
      {(form === "follow_up" || form === "open") && (
        <>
          <ShortOfRoom />
          <h2 class="out-of-sight">{W.close.photos}</h2>
          <PhotoRow kind="before" name={W.close.photos} photos={draft.photos} written={written} />
        </>
      )}
      {form !== "photos" && (
        <label class="field" id="words">
          <span>{words.label}</span>
          <textarea
            data-testid={form === "note" ? "note-text" : `${form.replace("_", "-")}-words`}
            rows={form === "note" ? 5 : 3}
            maxLength={form === "give_back" ? 400 : 4000}
            value={draft.words}
            onInput={(event) => change({ words: event.currentTarget.value })}
          />
          {words.hint !== "" && <small>{words.hint}</small>}
        </label>
      )}
      {form === "open" && (
        <label class="choice">
          <input type="checkbox" data-testid="new-case-keep" checked={draft.keep} onChange={(event) => change({ keep: event.currentTarget.checked })} />
          <span>
            <strong>{W.open.keep}</strong>
            <small>{draft.keep ? W.open.keepYes : W.open.keepNo}</small>
          </span>
        </label>
      )}
      <Discard isAny={!isEmptyForm(draft)} onDiscard={() => void written.discard().then(leave)} />
      <Foot written={written} words={form === "open" && draft.keep ? W.open.saveKeep : words.save} onSave={() => void save()} testid={TESTID[form]} />
    </main>
  );
}

/** What another app shared with us (share_target in the manifest). */
function sharedWords(): string {
  const said = new URLSearchParams(location.search);
  return ["title", "text", "link"].flatMap((name) => said.get(name) ?? []).join(" ").trim().slice(0, 4000);
}

function Reasons({ written: { draft, change } }: { written: Written<Form> }) {
  return (
    <section id="reasons">
      <h2 class="label">{W.give_back.why}</h2>
      <div class="outcomes outcomes-even" role="radiogroup" aria-label={W.give_back.why}>
        {HAND_BACK_REASONS.map((code) => (
          <button type="button" key={code} role="radio" aria-checked={draft.reason === code} class="outcome" data-testid={`reason-${code}`} onClick={() => change({ reason: code })}>
            <Icon name={reasonIcon(code)} />
            <strong>{handBackReason(code)}</strong>
          </button>
        ))}
      </div>
    </section>
  );
}

const MOST_FOUND = 7;
/** Before a word is typed: examples, so that the rest of the form stays in sight. */
const MOST_OFFERED = 3;

function ServicePicker({ written: { draft, change }, isOwnFirst }: { written: Written<Form>; isOwnFirst: boolean }) {
  const { app } = useApp();
  const [query, setQuery] = useState("");
  const own = app.identity?.crew.department ?? "";
  const found = findServices(app.services, query, (service) => (service.department === own) === isOwnFirst, query.trim() === "" ? MOST_OFFERED : MOST_FOUND);
  const chosen = draft.service;
  const choose = ({ code, name }: Service) => {
    change({ service: { code, name } });
    setQuery("");
  };
  return (
    <section class="field" id="service">
      <span id="service-label">{W.service.label}</span>
      {chosen !== null ? (
        <div class="chosen" data-testid="service-chosen" data-code={chosen.code}>
          <Icon name="closed" />
          <strong>{chosen.name}</strong>
          <button type="button" class="button button-quiet" onClick={() => change({ service: null })}>
            {W.service.change}
          </button>
        </div>
      ) : (
        <>
          <input
            type="search"
            data-testid="service-search"
            aria-labelledby="service-label"
            placeholder={W.service.placeholder}
            autocomplete="off"
            value={query}
            onInput={(event) => setQuery(event.currentTarget.value)}
          />
          {found.length > 0 ? (
            <div class="list">
              {found.map((service) => (
                <button type="button" key={service.code} class="list-row" data-testid="service-option" data-code={service.code} onClick={() => choose(service)}>
                  <span>
                    <strong>{service.name}</strong>
                    <small>{service.department || service.group}</small>
                  </span>
                </button>
              ))}
            </div>
          ) : (
            <small>{app.services.length === 0 ? W.service.never : W.service.none}</small>
          )}
        </>
      )}
    </section>
  );
}

/** Where it is: where the crew stands when it writes this, until it says otherwise. */
function Where({ written: { draft, change } }: { written: Written<Form> }) {
  const { app } = useApp();
  const here = app.freshPlace();
  const { place } = draft;
  // Taken when the form begins, and in its first minute while it only gets more exact: the crew may drive on before it saves.
  useEffect(() => {
    const isYoung = Date.now() - draft.updatedMs < 60_000;
    if (here !== null && (place === null || (isYoung && here.accuracy_m < place.accuracy_m))) change({ place: here });
  }, [here?.lat, here?.lon, here?.accuracy_m]);
  return (
    <section class="field" id="place">
      <span>{W.open.where}</span>
      <div class="chosen">
        <Icon name="pin" />
        <span>{place !== null ? W.open.here(distance(place.accuracy_m)) : app.positionState === "denied" ? W.map.denied : W.open.seeking}</span>
        {here !== null && place !== null && (
          <button type="button" class="button button-quiet" onClick={() => change({ place: here })}>
            {W.open.again}
          </button>
        )}
      </div>
      <input type="text" data-testid="new-case-address" aria-label={W.open.address} placeholder={W.open.address} autocomplete="off" maxLength={300} value={draft.address} onInput={(event) => change({ address: event.currentTarget.value })} />
    </section>
  );
}
