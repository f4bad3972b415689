import { useEffect, useRef, useState } from "preact/hooks";
import { lackOf, isEmptyDraft, type Draft } from "../core/draft";
import { MAX_PHOTO_BYTES, MAX_PHOTOS_PER_CLOSURE, type Job, type PhotoKind } from "../core/wire";
import { preparePhoto } from "../camera/prepare";
import { StorageTrouble } from "../store/opened";
import { app, useApp } from "./app";
import { Icon, outcomeIcon } from "./icons";
import { Head, Notice, OwnPhoto, shortAddress } from "./parts";
import { go, goBack } from "./router";
import { DETAIL_HINT, detailLabel, LACK, outcome, outcomeHint, W } from "./words";

export function ClosePage({ id }: { id: number }) {
  const { nowMs } = useApp();
  // The job as it was when the form opened, should the office take it away meanwhile.
  const seen = useRef<Job | null>(null);
  const card = app.cardOf(id, nowMs);
  if (card !== null) seen.current = card.job;
  if (seen.current === null) {
    return (
      <main class="page">
        <Head title={W.job.gone} back={() => goBack({ at: "jobs" })} />
        <p>{W.job.goneMore}</p>
      </main>
    );
  }
  return <Form job={seen.current} isStillMine={card?.job.mine ?? false} />;
}

function Form({ job, isStillMine }: { job: Job; isStillMine: boolean }) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const [lack, setLack] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [preparing, setPreparing] = useState<PhotoKind | null>(null);
  const [isSaving, setSaving] = useState(false);
  const [isSure, setSure] = useState(false);
  // Writes go one after the other, each from the latest form: what is on the screen is what is on the phone.
  const latest = useRef<Draft | null>(null);
  const queue = useRef<Promise<void>>(Promise.resolve());
  // From the touch on save or discard on, nothing writes the draft anew.
  const isFinished = useRef(false);

  useEffect(() => {
    void app.openDraft(job).then((it) => {
      latest.current = it;
      setDraft(it);
    });
    if (app.positionState !== "denied") app.watchPosition();
    // Left by whichever door, the system's back button too: then the app does not come back here by itself.
    return () =>
      void queue.current.then(() => {
        const left = latest.current;
        return left !== null && isEmptyDraft(left) ? app.dropDraft(left) : app.leaveForm();
      });
  }, [job.id]);

  if (draft === null) return <main class="page" />;
  const choices = app.identity?.outcomes ?? [];
  const chosen = choices.find((choice) => choice.code === draft.outcome);
  const isMoved = !isStillMine || draft.round !== job.round;

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    queue.current = queue.current.then(work).catch((error: unknown) => {
      setTrouble(error instanceof StorageTrouble && error.code === "full" ? W.close.full : W.close.notSaved);
    });
    return queue.current;
  };
  const change = (by: Partial<Draft>) => {
    if (latest.current === null || isFinished.current) return;
    latest.current = { ...latest.current, ...by };
    setDraft(latest.current);
    setLack(null);
    void inTurn(async () => {
      if (latest.current !== null) await app.saveDraft(latest.current);
    });
  };
  const take = (kind: PhotoKind, chosenFiles: FileList | null, input: HTMLInputElement) => {
    // The bytes first, before anything else: on a phone the file may be gone a moment later.
    const readings = Array.from(chosenFiles ?? [], async (file) => ({ bytes: await file.arrayBuffer(), type: file.type }));
    if (readings.length === 0) return;
    setPreparing(kind);
    setTrouble(null);
    void inTurn(async () => {
      for (const reading of readings) {
        try {
          const { bytes, type } = await reading;
          if (latest.current === null) return;
          if (latest.current.photos.length >= MAX_PHOTOS_PER_CLOSURE) {
            setTrouble(W.close.tooMany);
            break;
          }
          if (bytes.byteLength === 0) {
            setTrouble(W.close.photoEmpty);
            continue;
          }
          const prepared = await preparePhoto(bytes, type);
          if (prepared.bytes.byteLength > MAX_PHOTO_BYTES) {
            setTrouble(W.close.tooLarge);
            continue;
          }
          const kept = await app.addPhoto(latest.current, kind, prepared);
          // The crew may have written on while the photo was being kept.
          latest.current = { ...latest.current, photos: kept.photos };
          setDraft(latest.current);
        } catch (error) {
          setTrouble(error instanceof StorageTrouble && error.code === "full" ? W.close.full : W.close.photoLost);
        }
      }
      if (latest.current !== null) await app.saveDraft(latest.current);
    }).then(() => {
      setPreparing(null);
      input.value = "";
    });
  };
  const save = async () => {
    const missing = lackOf(draft, choices);
    if (missing !== null) {
      setLack(LACK[missing]);
      document.getElementById(missing === "outcome" ? "outcomes" : "detail")?.scrollIntoView({ block: "center" });
      return;
    }
    setSaving(true);
    setTrouble(null);
    isFinished.current = true;
    await queue.current;
    try {
      if (latest.current !== null) await app.close(job, latest.current);
      go({ at: "jobs" }, "replace");
    } catch (error) {
      setTrouble(error instanceof StorageTrouble && error.code === "full" ? W.close.full : W.close.notSaved);
      setSaving(false);
      isFinished.current = false;
    }
  };
  const leave = () => goBack({ at: "job", id: job.id });
  const discard = () => {
    isFinished.current = true;
    void inTurn(() => app.dropDraft(latest.current ?? draft)).then(leave);
  };

  return (
    <main class="page page-acting">
      <Head
        title={
          <>
            {W.close.title} <small>{shortAddress(job.address)}</small>
          </>
        }
        back={leave}
      />
      {isMoved && (
        <Notice
          tone="warn"
          icon="review"
          action={
            isStillMine && (
              <button type="button" class="button" onClick={() => change({ round: job.round })}>
                {W.close.movedUse}
              </button>
            )
          }
        >
          {W.close.moved}
        </Notice>
      )}
      <section>
        <h2 class="out-of-sight">{W.close.photos}</h2>
        <PhotoRow kind="before" draft={draft} preparing={preparing} onTake={take} onRemove={(id) => remove(id)} />
        <PhotoRow kind="after" draft={draft} preparing={preparing} onTake={take} onRemove={(id) => remove(id)} />
      </section>
      <section id="outcomes">
        <h2 class="label">{W.close.how}</h2>
        <div class="outcomes" role="radiogroup" aria-label={W.close.how}>
          {choices.map(({ code }) => (
            <button
              type="button"
              key={code}
              role="radio"
              aria-checked={draft.outcome === code}
              class="outcome"
              data-testid={`outcome-${code}`}
              onClick={() => change({ outcome: code, detail: draft.outcome === code ? draft.detail : "" })}
            >
              <Icon name={outcomeIcon(code)} />
              <span>
                <strong>{outcome(code)}</strong>
                <small>{outcomeHint(code)}</small>
              </span>
            </button>
          ))}
        </div>
      </section>
      {chosen !== undefined && chosen.needs !== null && (
        <label class="field" id="detail">
          <span>{detailLabel(chosen.code, chosen.needs)}</span>
          <input
            key={chosen.code}
            data-testid="outcome-detail"
            {...(chosen.code === "scheduled" ? { type: "date" } : { type: "text", inputMode: chosen.code === "duplicate" ? "numeric" : "text" })}
            autocomplete="off"
            maxLength={500}
            value={draft.detail}
            onInput={(event) => change({ detail: event.currentTarget.value })}
          />
          {DETAIL_HINT[chosen.code] !== undefined && <small>{DETAIL_HINT[chosen.code]}</small>}
        </label>
      )}
      <label class="field">
        <span>{W.close.note}</span>
        <textarea data-testid="note" rows={3} maxLength={4000} value={draft.note} onInput={(event) => change({ note: event.currentTarget.value })} />
        <small>{W.close.noteHint}</small>
      </label>
      <div class="discard">
        {isSure ? (
          <button type="button" class="button button-bad" onClick={discard}>
            {W.close.discardSure}
          </button>
        ) : (
          !isEmptyDraft(draft) && (
            <button type="button" class="button button-quiet" onClick={() => setSure(true)}>
              {W.close.discard}
            </button>
          )
        )}
      </div>
      <div class="actions">
        {(trouble ?? lack) !== null && (
          <p class="problem" role="alert">
            <Icon name="alert" size={20} /> {trouble ?? lack}
          </p>
        )}
        <button type="button" class="button button-main" data-testid="close-save" disabled={isSaving || preparing !== null} onClick={() => void save()}>
          {isSaving ? W.close.saving : preparing !== null ? W.close.preparing : W.close.save}
        </button>
      </div>
    </main>
  );

  function remove(photoId: string) {
    void inTurn(async () => {
      if (latest.current === null) return;
      latest.current = await app.removePhoto(latest.current, photoId);
      setDraft(latest.current);
    });
  }
}

interface PhotoRowProps {
  kind: PhotoKind;
  draft: Draft;
  preparing: PhotoKind | null;
  onTake: (kind: PhotoKind, files: FileList | null, input: HTMLInputElement) => void;
  onRemove: (id: string) => void;
}

/** Camera and gallery are two doors: some phones' one door leads to the gallery only. */
function PhotoRow({ kind, draft, preparing, onTake, onRemove }: PhotoRowProps) {
  const name = W.close[kind];
  const photos = draft.photos.filter((photo) => photo.kind === kind);
  const door = (isCamera: boolean) => (
    <label class="photo-door">
      <Icon name={isCamera ? "camera" : "image"} />
      <span>{isCamera ? W.close.camera : W.close.gallery}</span>
      <input
        type="file"
        accept="image/*"
        aria-label={`${name}: ${isCamera ? W.close.camera : W.close.gallery}`}
        {...(isCamera ? { capture: "environment", "data-testid": `photo-${kind}-camera` } : { multiple: true, "data-testid": `photo-${kind}` })}
        onChange={(event) => onTake(kind, event.currentTarget.files, event.currentTarget)}
      />
    </label>
  );
  return (
    <div class="photo-row">
      <h3>{name}</h3>
      <div class="photo-strip">
        {photos.map((photo, i) => (
          <div class="photo-kept" key={photo.id} data-testid="photo-kept">
            <OwnPhoto class="photo-thumb" photo={photo} alt={`${name} ${i + 1}`} />
            <button type="button" class="photo-remove" aria-label={W.close.remove} onClick={() => onRemove(photo.id)}>
              <Icon name="x" size={20} />
            </button>
          </div>
        ))}
        {preparing === kind && <span class="photo-thumb photo-missing">{W.close.preparing}</span>}
        {door(true)}
        {door(false)}
      </div>
    </div>
  );
}
