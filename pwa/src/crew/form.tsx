/** What all forms share: every touch is written to the phone, in turn; photos are kept the moment they are taken. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { DraftPhoto } from "../core/draft";
import { metresBetween } from "../core/places";
import { MAX_PHOTO_BYTES, MAX_PHOTOS_PER_CLOSURE, type Job, type PhotoKind } from "../core/wire";
import { preparePhoto } from "../camera/prepare";
import { StorageTrouble } from "../store/opened";
import type { AnyDraft } from "../store/outbox";
import { app, useApp } from "./app";
import { Icon } from "../design/icons";
import { Notice, OwnPhoto } from "./parts";
import { distance, phrases, size, W } from "./words";

export interface Written<D> {
  draft: D;
  change: (by: Partial<D>) => void;
  take: (kind: PhotoKind, files: FileList | null, input: HTMLInputElement) => void;
  /** Keep a picture of our own camera; `instead` of one that is kept, where it was marked. */
  keep: (kind: PhotoKind, picture: Blob, instead?: string) => void;
  remove: (photoId: string) => void;
  preparing: PhotoKind | null;
  isSaving: boolean;
  /** What went wrong, or what is lacking, in words. */
  trouble: string | null;
  setTrouble: (words: string | null) => void;
  /** Ends the form with a deed; says whether that was kept. */
  finish: (deed: (draft: D) => Promise<void>) => Promise<boolean>;
  /** Ends the form without one. */
  discard: () => Promise<void>;
}

/** Null until the draft was read. `isEmpty`: leaving such a form by any door leaves nothing behind. */
export function useWritten<D extends AnyDraft>(open: () => Promise<D>, isEmpty: (draft: D) => boolean): Written<D> | null {
  const [draft, setDraft] = useState<D | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [preparing, setPreparing] = useState<PhotoKind | null>(null);
  const [isSaving, setSaving] = useState(false);
  // Writes go one after the other, each from the latest form: what is on the screen is what is on the phone.
  const latest = useRef<D | null>(null);
  const queue = useRef<Promise<void>>(Promise.resolve());
  // From the touch on save or discard on, nothing writes the draft anew.
  const isFinished = useRef(false);

  useEffect(() => {
    void open().then((it) => {
      latest.current = it;
      setDraft(it);
    });
    if (app.positionState !== "denied") app.watchPosition();
    void app.lookAtRoom();
    // Left by whichever door, the system's back button too: then the app does not come back here by itself.
    return () =>
      void queue.current.then(() => {
        const left = latest.current;
        return left !== null && isEmpty(left) ? app.dropDraft(left) : app.leaveForm();
      });
  }, []);

  if (draft === null) return null;

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    queue.current = queue.current.then(work).catch((error: unknown) => setTrouble(wordsOf(error, W.close.notSaved)));
    return queue.current;
  };
  const change = (by: Partial<D>) => {
    if (latest.current === null || isFinished.current) return;
    latest.current = { ...latest.current, ...by };
    setDraft(latest.current);
    setTrouble(null);
    void inTurn(async () => {
      if (latest.current !== null) await app.saveDraft(latest.current);
    });
  };
  const keepAll = (kind: PhotoKind, readings: readonly Promise<{ bytes: ArrayBuffer; type: string }>[], instead?: string): Promise<void> => {
    setPreparing(kind);
    setTrouble(null);
    return inTurn(async () => {
      for (const reading of readings) {
        try {
          const { bytes, type } = await reading;
          if (latest.current === null) return;
          if (latest.current.photos.length >= MAX_PHOTOS_PER_CLOSURE && instead === undefined) {
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
          const kept: AnyDraft = await app.addPhoto(latest.current, kind, prepared);
          // The crew may have written on while the photo was being kept.
          latest.current = { ...latest.current, photos: kept.photos };
          if (instead !== undefined) latest.current = await app.removePhoto(latest.current, instead);
          setDraft(latest.current);
        } catch (error) {
          setTrouble(wordsOf(error, W.close.photoLost));
        }
      }
      if (latest.current !== null) await app.saveDraft(latest.current);
      await app.lookAtRoom();
    }).then(() => setPreparing(null));
  };
  const take = (kind: PhotoKind, chosenFiles: FileList | null, input: HTMLInputElement) => {
    // The bytes first, before anything else: on a phone the file may be gone a moment later.
    const readings = Array.from(chosenFiles ?? [], async (file) => ({ bytes: await file.arrayBuffer(), type: file.type }));
    if (readings.length === 0) return;
    void keepAll(kind, readings).then(() => {
      input.value = "";
    });
  };
  const keep = (kind: PhotoKind, picture: Blob, instead?: string) =>
    void keepAll(kind, [picture.arrayBuffer().then((bytes) => ({ bytes, type: picture.type }))], instead);
  const remove = (photoId: string) => {
    void inTurn(async () => {
      if (latest.current === null) return;
      latest.current = await app.removePhoto(latest.current, photoId);
      setDraft(latest.current);
    });
  };
  const finish = async (deed: (draft: D) => Promise<void>): Promise<boolean> => {
    setSaving(true);
    setTrouble(null);
    isFinished.current = true;
    await queue.current;
    try {
      if (latest.current !== null) await deed(latest.current);
      return true;
    } catch (error) {
      setTrouble(wordsOf(error, W.close.notSaved));
      setSaving(false);
      isFinished.current = false;
      return false;
    }
  };
  const discard = () => {
    isFinished.current = true;
    return inTurn(() => app.dropDraft(latest.current ?? draft));
  };
  return { draft, change, take, keep, remove, preparing, isSaving, trouble, setTrouble, finish, discard };
}

function wordsOf(error: unknown, otherwise: string): string {
  return error instanceof StorageTrouble && error.code === "full" ? W.close.full : otherwise;
}

/** The door at the form's foot: what is wrong, and the one main action. */
export function Foot({ written, words, onSave, testid }: { written: Pick<Written<AnyDraft>, "trouble" | "isSaving" | "preparing">; words: string; onSave: () => void; testid: string }) {
  const { trouble, isSaving, preparing } = written;
  return (
    <div class="actions">
      {trouble !== null && (
        <p class="problem" role="alert">
          <Icon name="alert" size={20} /> {trouble}
        </p>
      )}
      <button type="button" class="button button-main" data-testid={testid} disabled={isSaving || preparing !== null} onClick={onSave}>
        {isSaving ? W.close.saving : preparing !== null ? W.close.preparing : words}
      </button>
    </div>
  );
}

/** Throwing away what was written takes two touches. */
export function Discard({ isAny, onDiscard }: { isAny: boolean; onDiscard: () => void }) {
  const [isSure, setSure] = useState(false);
  return (
    <div class="discard">
      {isSure ? (
        <button type="button" class="button button-bad" onClick={onDiscard}>
          {W.close.discardSure}
        </button>
      ) : (
        isAny && (
          <button type="button" class="button button-quiet" onClick={() => setSure(true)}>
            {W.close.discard}
          </button>
        )
      )}
    </div>
  );
}

/** Said before the camera opens, not after the photo is lost. */
export function ShortOfRoom() {
  const { app } = useApp();
  return app.shortOfRoom === null ? null : (
    <Notice tone="warn" icon="alert">
      {W.close.short(app.shortOfRoom === 0 ? null : size(app.shortOfRoom))}
    </Notice>
  );
}

/** Words that crews write a dozen times a day, by how it ended: one touch instead of a sentence with gloves on. */
export function Phrases({ outcome, note, onChange }: { outcome: string | null; note: string; onChange: (note: string) => void }) {
  const offered = phrases(outcome).filter((phrase) => !note.includes(phrase));
  if (offered.length === 0) return null;
  return (
    <div class="phrases" role="group" aria-label={W.close.phrases}>
      {offered.map((phrase) => (
        <button type="button" key={phrase} class="button" data-testid="phrase" onClick={() => onChange(note.trim() === "" ? phrase : `${note.trim()} ${phrase}`)}>
          {phrase}
        </button>
      ))}
    </div>
  );
}

/** What the closing will say about where it was written: no surprise later. */
export function HowFar({ job }: { job: Job }) {
  const { app } = useApp();
  const place = app.freshPlace();
  if (place === null || job.lat === null || job.lon === null) return null;
  const metres = metresBetween(place, { lat: job.lat, lon: job.lon });
  const isFar = metres > FAR_M + place.accuracy_m;
  return (
    <p class={`how-far${isFar ? " how-far-off" : ""}`} data-testid="how-far">
      <Icon name={isFar ? "alert" : "pin"} size={18} /> {isFar ? W.close.far(distance(metres)) : W.close.near(distance(metres))}
    </p>
  );
}

const FAR_M = 200;

interface PhotoRowProps {
  kind: PhotoKind;
  name: string;
  photos: readonly DraftPhoto[];
  written: Pick<Written<AnyDraft>, "preparing" | "take" | "keep" | "remove">;
}

/** Where the page may use the camera, the phone does not have to leave it, and cannot kill it for want of memory. */
const hasLens = typeof navigator !== "undefined" && "mediaDevices" in navigator && typeof navigator.mediaDevices.getUserMedia === "function";

/** Camera and gallery are two doors: some phones' one door leads to the gallery only. */
export function PhotoRow({ kind, name, photos, written: { preparing, take, keep, remove } }: PhotoRowProps) {
  const own = photos.filter((photo) => photo.kind === kind);
  const [lens, setLens] = useState<typeof import("./lens") | null>(null);
  const [open, setOpen] = useState<"camera" | DraftPhoto | null>(null);
  const [isBlind, setBlind] = useState(!hasLens);
  const openLens = (what: "camera" | DraftPhoto) => {
    void (lens === null ? import("./lens").then(setLens) : Promise.resolve()).then(
      () => setOpen(what),
      () => setBlind(true),
    );
  };
  const door = (isCamera: boolean) => (
    <label class="photo-door">
      <Icon name={isCamera ? "camera" : "image"} />
      <span>{isCamera ? W.close.camera : W.close.gallery}</span>
      <input
        type="file"
        accept="image/*"
        aria-label={`${name}: ${isCamera ? W.close.camera : W.close.gallery}`}
        {...(isCamera ? { capture: "environment", "data-testid": `photo-${kind}-camera` } : { multiple: true, "data-testid": `photo-${kind}` })}
        onChange={(event) => take(kind, event.currentTarget.files, event.currentTarget)}
      />
    </label>
  );
  return (
    <div class="photo-row">
      <h3>{name}</h3>
      <div class="photo-strip">
        {own.map((photo, i) => (
          <div class="photo-kept" key={photo.id} data-testid="photo-kept">
            <button type="button" class="photo-button" aria-label={`${name} ${i + 1}: ${W.lens.mark}`} data-testid="photo-mark" onClick={() => openLens(photo)}>
              <OwnPhoto class="photo-thumb" photo={photo} alt="" />
            </button>
            <button type="button" class="photo-remove" aria-label={W.close.remove} onClick={() => remove(photo.id)}>
              <Icon name="x" size={20} />
            </button>
          </div>
        ))}
        {preparing === kind && <span class="photo-thumb photo-missing">{W.close.preparing}</span>}
        {isBlind ? (
          door(true)
        ) : (
          <button type="button" class="photo-door" aria-label={`${name}: ${W.close.camera}`} data-testid={`photo-${kind}-lens`} onClick={() => openLens("camera")}>
            <Icon name="camera" />
            <span>{W.close.camera}</span>
          </button>
        )}
        {door(false)}
      </div>
      {lens !== null && open === "camera" && (
        <lens.Lens
          name={name}
          onTake={(picture) => keep(kind, picture)}
          onClose={() => setOpen(null)}
          onFail={() => {
            setOpen(null);
            setBlind(true);
          }}
        />
      )}
      {lens !== null && open !== null && open !== "camera" && (
        <lens.Marker photo={open} onDone={(picture) => keep(kind, picture, open.id)} onClose={() => setOpen(null)} />
      )}
    </div>
  );
}
