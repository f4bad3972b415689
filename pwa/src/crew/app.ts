/** What the views show, and what a touch does. One object; views re-render when it says so. */

import { useEffect, useState } from "preact/hooks";
import type { Draft } from "../core/draft";
import { closePayloadOf, emptyDraft } from "../core/draft";
import { namesOf, numberOf, numbersGiven, type Given } from "../core/field";
import { deedOf, emptyForm, keyOfForm, type Form, type FormName } from "../core/forms";
import { closePayload, stateOf, type Entry } from "../core/outbox";
import { lineOf, type Line } from "../core/line";
import { IDLE_MS, PIN, type Lock } from "../core/lock";
import { messagesNow, shiftNow, type ShiftNow } from "../core/day";
import { isToBeAccepted, overlay, type Card, type Day } from "../core/overlay";
import type { CaseKey, DayPart, Identity, Job, Kind, Message, Payload, PhotoKind, Place, Service, StartShiftPayload } from "../core/wire";
import type { Prepared } from "../camera/prepare";
import { Driver, type SyncNews } from "../loop/driver";
import { City } from "../net/city";
import { asPerson, NoAnswer, Refused, type Fetch } from "../net/http";
import { NotOurs } from "../core/wire";
import { forgetJobPhotos, keepJobPhotos } from "../net/job-photos";
import { forgetBasemap } from "../net/kept-basemap";
import { boundsAround } from "../core/places";
import { fillBallast, freeBallast } from "../store/ballast";
import { Cache311, forgetJobs } from "../store/cache";
import { countWaiting, Outbox, type AnyDraft } from "../store/outbox";
import { StorageTrouble } from "../store/opened";
import { makeLock, tryPin } from "../store/pin";
import { isoOf, moment } from "../store/phone";
import { Session } from "../store/session";
import { lookAtWaking, stopWaking, wake, type Waking } from "./waking";
import { speakInZone, W } from "./words";

const ask: Fetch = (url, init) => fetch(url, init);

export interface Toast {
  entryId: string;
  sinceMs: number;
}

type Stage = { is: "starting" } | { is: "signed_out" } | { is: "storage"; code: StorageTrouble["code"] } | { is: "ready" };

export class App {
  stage: Stage = { is: "starting" };
  identity: Identity | null = null;
  jobs: Job[] = [];
  entries: Entry[] = [];
  done: Entry[] = [];
  drafts: Draft[] = [];
  forms: Form[] = [];
  services: Service[] = [];
  dayPart: DayPart | null = null;
  waking: Waking = "off";
  lock: Lock | null = null;
  /** The screen shows nothing but the way in; work goes on being sent. */
  isLocked = false;
  news: SyncNews = { phase: { is: "idle" }, trouble: null, nextTryMs: null };
  lastContactMs: number | null = null;
  toast: Toast | null = null;
  /** Others whose work still waits on this phone. */
  others: { name: string; waiting: number }[] = [];
  /** The office has switched this phone off, and nothing is shown any more. */
  isWiped = false;
  position: (Place & { atMs: number }) | null = null;
  positionState: "unknown" | "prompt" | "granted" | "denied" = "unknown";
  isProtected: boolean | null = null;
  /** Bytes that are left where they may not be enough for photos (0: nobody knows how many); null while there is room. */
  shortOfRoom: number | null = null;
  updateReady = false;
  installPrompt: { prompt(): Promise<unknown> } | null = null;

  private readonly session = new Session();
  private readonly city = new City(ask);
  private outbox: Outbox | null = null;
  private cache: Cache311 | null = null;
  private driver: Driver | null = null;
  private listeners = new Set<() => void>();
  private toastTimer: ReturnType<typeof setTimeout> | undefined;
  private reading: Promise<void> | null = null;
  private readAgain = false;
  private watch: number | null = null;
  private lastDay: { of: unknown[]; day: Day; given: Given } | null = null;
  private servicesAskedMs = 0;
  private streetsNextMs = 0;
  private isReserveUsed = false;

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  say(): void {
    for (const listener of this.listeners) listener();
  }

  get line(): Line {
    return lineOf({ entries: this.entries, phase: this.news.phase, trouble: this.news.trouble, lastContactMs: this.lastContactMs });
  }

  /** The same day as before, as long as nothing of it has changed: a list of 500 jobs is not drawn anew for a tick. */
  day(nowMs: number): Day {
    const of = [this.jobs, this.entries, this.done, this.identity, Math.floor(nowMs / LATE_EVERY_MS)];
    if (this.lastDay === null || of.some((part, i) => part !== this.lastDay?.of[i])) {
      this.lastDay = { of, day: overlay(this.jobs, this.entries, this.identity?.crew.id ?? -1, nowMs, this.done), given: numbersGiven([...this.done, ...this.entries]) };
    }
    return this.lastDay.day;
  }

  shift(nowMs: number): ShiftNow {
    return shiftNow(this.dayPart, this.entries, nowMs);
  }

  get messages(): Message[] {
    return messagesNow(this.dayPart, [...this.done, ...this.entries]);
  }

  private get given(): Given {
    this.day(Date.now());
    return this.lastDay?.given ?? new Map();
  }

  cardOf(caseId: CaseKey, nowMs: number): Card | null {
    const { open, done } = this.day(nowMs);
    const cards = [...open, ...done];
    const id = numberOf(caseId, this.given);
    return cards.find((card) => card.job.id === id) ?? cards.find((card) => card.job.id === caseId) ?? null;
  }

  /** Is a closing form begun for this job, by whichever of its names? */
  isClosing(job: Job): boolean {
    const names = namesOf(job.id, this.given);
    return this.drafts.some((draft) => names.includes(draft.caseId));
  }

  /** What the crew did to this job and the city does not show yet. */
  entriesOf(job: Job): Entry[] {
    const names = namesOf(job.id, this.given);
    return this.entries.filter((entry) => names.includes(entry.caseId));
  }

  // ---- start, sign in, sign out ------------------------------------------------------------------------------------

  async start(): Promise<void> {
    try {
      const identity = await this.session.identity();
      if (identity === null) {
        this.stage = { is: "signed_out" };
        await this.countOthers();
      } else {
        this.lock = await this.session.lock(identity.person.id).catch(() => null);
        this.isLocked = this.lock !== null;
        await this.enter(identity);
      }
    } catch (error) {
      this.stage = { is: "storage", code: error instanceof StorageTrouble ? error.code : "cannot_open" };
    }
    this.say();
  }

  private async enter(identity: Identity): Promise<void> {
    await this.leave();
    this.identity = identity;
    speakInZone(identity.city.timezone);
    const outbox = (this.outbox = new Outbox(identity.person.id, [() => this.useReserve(), forgetBasemap, forgetJobPhotos]));
    const cache = (this.cache = new Cache311(identity.person.id));
    await this.read();
    this.stage = { is: "ready" };
    await this.countOthers();
    this.driver = new Driver(
      { outbox, cache, city: new City(asPerson(ask, identity.person.id)), appVersion: __APP_VERSION__ },
      (news) => {
        const wasBusy = this.news.phase.is !== "idle";
        this.news = news;
        if (news.isRevoked === true) return void this.wipe();
        if (wasBusy && news.phase.is === "idle" && news.trouble === null) {
          void keepJobPhotos(this.jobs).catch(() => {});
          void this.askServices().catch(() => {});
          void this.keepStreets().catch(() => {});
        }
        this.say();
      },
      () => void this.read(),
      () => location.reload(),
    );
    this.driver.start();
    void outbox.tidy(Date.now()).catch(() => {});
    void this.lookAtStorage();
    holdRoom();
    void this.lookAtPosition();
    void this.lookAtWaking();
  }

  private async leave(): Promise<void> {
    this.driver?.stop();
    this.driver = null;
    if (this.watch !== null) navigator.geolocation.clearWatch(this.watch);
    this.watch = null;
    await Promise.all([this.outbox?.close(), this.cache?.close()]);
    this.outbox = this.cache = null;
  }

  /** Null when it worked, else words. Another person may not take over while this one's work is unsent. */
  async signIn(email: string, password: string): Promise<string | null> {
    if (email.trim() === "" || password === "") return W.signIn.fill;
    try {
      const identity = await this.city.signIn(email.trim(), password);
      const before = this.identity;
      if (before !== null && before.person.id !== identity.person.id && this.unsent > 0) {
        await this.city.signOut();
        return W.signIn.stillWaiting(before.person.name, this.unsent);
      }
      await this.session.begin(identity);
      // Who knows the password needs no PIN, and may have forgotten it.
      if (this.lock !== null && (this.lock.wrong > 0 || this.lock.personId !== identity.person.id)) await this.setPin(null);
      this.isLocked = false;
      this.isWiped = false;
      this.news = { ...this.news, trouble: null };
      if (before?.person.id === identity.person.id && this.driver !== null) {
        this.identity = identity;
        this.driver.kick();
      } else {
        await this.enter(identity);
        this.driver?.sessionChanged();
      }
      this.say();
      return null;
    } catch (error) {
      if (error instanceof Refused) {
        if (error.status === 401 || error.status === 400) return W.signIn.wrong;
        if (error.status === 403) return W.signIn.noCrew;
        return error.status === 429 ? W.signIn.tooMany : W.signIn.busyCity;
      }
      if (error instanceof NoAnswer) return W.signIn.noAnswer;
      if (error instanceof NotOurs) return W.signIn.notTheCity;
      if (error instanceof StorageTrouble) return W.storage.text;
      throw error;
    }
  }

  // ---- the lock ----------------------------------------------------------------------------------------------------

  /** Null: no PIN any more. */
  async setPin(pin: string | null): Promise<void> {
    const personId = this.identity?.person.id;
    if (pin !== null && (personId === undefined || !PIN.test(pin))) return;
    this.lock = pin === null || personId === undefined ? null : await makeLock(personId, pin);
    await this.session.keepLock(this.lock);
    this.say();
  }

  /** The count of wrong tries is on the phone before the answer is on the screen. */
  async unlock(pin: string): Promise<boolean> {
    if (this.lock === null) return true;
    const { lock, isRight } = await tryPin(this.lock, pin, Date.now());
    this.lock = lock;
    await this.session.keepLock(lock);
    if (isRight) this.isLocked = false;
    this.say();
    return isRight;
  }

  lockNow(): void {
    this.isLocked = this.lock !== null;
    this.say();
  }

  /** Nobody has touched the phone for a while. */
  lockWhenIdle(idleMs: number): void {
    if (idleMs >= IDLE_MS && this.lock !== null && !this.isLocked) this.lockNow();
  }

  /** Work that the city has not all shown to have. */
  get unsent(): number {
    return this.entries.length;
  }

  /** Why signing out would leave work behind, in words; null where it would not. */
  get signOutRefusal(): string | null {
    const waiting = this.entries.filter((entry) => stateOf(entry) !== "needs_you").length;
    if (waiting > 0) return W.me.signOutNo(waiting);
    if (this.unsent > 0) return W.me.signOutNeedsYou(this.unsent);
    const begun = this.drafts.length + this.forms.length;
    return begun > 0 ? W.me.signOutDraft(begun) : null;
  }

  /** Words why not, or null when it is done. */
  async signOut(): Promise<string | null> {
    await this.read();
    if (this.signOutRefusal !== null) return this.signOutRefusal;
    await stopWaking(this.city);
    await this.city.signOut();
    await this.forgetAll();
    return null;
  }

  /** The office has switched this phone off: what it shows goes at once. What is unsent stays, for whoever signs in as its owner. */
  private async wipe(): Promise<void> {
    if (this.isWiped) return;
    this.isWiped = true;
    await this.forgetAll();
  }

  private async forgetAll(): Promise<void> {
    const personId = this.identity?.person.id;
    this.driver?.sessionChanged();
    await this.session.end();
    // First nobody writes any more, then all is forgotten: a page that a run still waits for would come back into it.
    await this.leave();
    if (personId !== undefined) await forgetJobs(personId).catch(() => {});
    await forgetJobPhotos().catch(() => {});
    this.identity = null;
    this.jobs = this.entries = this.done = this.drafts = this.forms = this.services = [] as never[];
    this.lastContactMs = this.dayPart = this.lock = null;
    this.isLocked = false;
    this.news = { phase: { is: "idle" }, trouble: null, nextTryMs: null };
    this.stage = { is: "signed_out" };
    await this.countOthers();
    this.say();
  }

  private async countOthers(): Promise<void> {
    const others: App["others"] = [];
    for (const person of await this.session.people().catch(() => [])) {
      if (person.id === this.identity?.person.id) continue;
      const waiting = await countWaiting(person.id).catch(() => 0);
      if (waiting > 0) others.push({ name: person.name, waiting });
    }
    this.others = others;
  }

  // ---- reading what is stored --------------------------------------------------------------------------------------

  /** Read everything again; calls that come while it reads are answered by one more reading. */
  read(): Promise<void> {
    if (this.reading !== null) {
      this.readAgain = true;
      return this.reading;
    }
    this.reading = (async () => {
      try {
        do {
          this.readAgain = false;
          await this.readOnce();
        } while (this.readAgain);
      } finally {
        this.reading = null;
      }
      this.say();
    })();
    return this.reading;
  }

  private async readOnce(): Promise<void> {
    const { outbox, cache } = this;
    if (outbox === null || cache === null) return;
    const [entries, done, drafts, forms] = await Promise.all([outbox.entries(), outbox.done(), outbox.drafts(), outbox.forms()]);
    this.take({ entries, done, drafts, forms });
    // The cache is disposable: trouble with it must not hide the precious part.
    try {
      const [jobs, lastContactMs, { services }, dayPart] = await Promise.all([cache.jobs(), cache.lastContactMs(), cache.services(), cache.day()]);
      this.take({ jobs, lastContactMs, services, dayPart });
    } catch (error) {
      console.error(error);
    }
  }

  /** What is as it was stays the very same object, so that views know. */
  private take(read: Partial<Pick<App, "entries" | "done" | "drafts" | "forms" | "jobs" | "lastContactMs" | "services" | "dayPart">>): void {
    for (const [name, value] of Object.entries(read)) {
      if (JSON.stringify(this[name as keyof App]) !== JSON.stringify(value)) Object.assign(this, { [name]: value });
    }
  }

  // ---- deeds -------------------------------------------------------------------------------------------------------

  async progress(job: Job, kind: "en_route" | "on_site"): Promise<void> {
    await this.record(job, job.round, kind, { place: this.freshPlace() });
  }

  async note(job: Job, text: string): Promise<void> {
    this.showToast(await this.record(job, job.round, "note", { text }));
  }

  /** The crew has this job before its eyes: the city hears of it once. */
  async accept(job: Job): Promise<void> {
    const card = this.cardOf(job.id, Date.now());
    if (card !== null && isToBeAccepted(card, [...this.entries, ...this.done])) await this.record(card.job, card.job.round, "accept", {});
  }

  // ---- the day -----------------------------------------------------------------------------------------------------

  async startShift(payload: StartShiftPayload): Promise<void> {
    await this.record(NO_CASE, 0, "start_shift", payload);
  }

  async sayOfShift(kind: "begin_break" | "end_break" | "end_shift"): Promise<void> {
    await this.record(NO_CASE, 0, kind, {});
  }

  async markRead(messages: readonly Message[]): Promise<void> {
    const unread = messages.filter((message) => !message.isRead).map(({ id }) => id);
    if (unread.length > 0) await this.record(NO_CASE, 0, "read", { messages: unread.slice(0, 100) });
  }

  /** Keep what a form says; for a new case, under which name it goes from now on. */
  async send(form: Form, job: Job | null): Promise<CaseKey | null> {
    void this.protect();
    const status = job === null ? "" : (this.cardOf(job.id, Date.now())?.status ?? job.status);
    const { kind, payload } = deedOf(form, status);
    const about = { number: "", service: form.service?.name ?? "", address: form.address };
    const subject = job === null ? { id: null, ...about } : { ...job, id: form.caseId, ...(form.form === "follow_up" ? { service: about.service } : {}) };
    const entry = await this.record(subject, form.round, kind, payload, form.photos, form);
    // Found where the crew stands, and done now: it is on site.
    if (kind === "open" && form.keep) await this.record({ ...about, id: entry.id }, 1, "on_site", { place: this.freshPlace() ?? form.place });
    this.showToast(entry);
    return kind === "open" ? entry.id : null;
  }

  /** Several jobs, one visit: each is closed by itself, with the same pictures; the form ends with the last of them. */
  async closeAll(form: Form): Promise<void> {
    const { outbox } = this;
    if (outbox === null) throw new StorageTrouble("cannot_open");
    void this.protect();
    const nowMs = Date.now();
    const jobs = (form.chosen ?? []).flatMap(({ id, round }) => {
      const card = this.cardOf(id, nowMs);
      return card?.isOpen ? [{ job: { ...card.job, id }, round }] : [];
    });
    const place = this.freshPlace() ?? form.place;
    for (const [i, { job, round }] of jobs.entries()) {
      const isLast = i === jobs.length - 1;
      const photos = isLast ? form.photos : await outbox.copyPhotos(form, form.photos);
      const draft = { ...emptyDraft(job.id, round, nowMs), outcome: form.outcome ?? null, note: form.words, photos, place };
      const entry = await this.record(job, round, "close", closePayloadOf(draft, this.identity?.outcomes ?? []), photos, isLast ? form : undefined);
      if (isLast) this.showToast(entry);
    }
  }

  async close(job: Job, draft: Draft): Promise<void> {
    void this.protect();
    const complete = { ...draft, place: this.freshPlace() ?? draft.place };
    // By the name under which the form began: what was announced once must not change.
    const subject = { ...job, id: draft.caseId };
    const entry = await this.record(subject, draft.round, "close", closePayloadOf(complete, this.identity?.outcomes ?? [], this.identity?.asks), draft.photos);
    this.showToast(entry);
  }

  private async record(
    job: { id: CaseKey | null; number: string; service: string; address: string },
    round: number,
    kind: Kind,
    payload: Payload,
    photos: Draft["photos"] = [],
    form?: Form,
  ): Promise<Entry> {
    const { outbox, identity } = this;
    if (outbox === null || identity === null) throw new StorageTrouble("cannot_open");
    const made = moment();
    const entry = await outbox.record({
      kind,
      caseId: job.id,
      round,
      crewId: identity.crew.id,
      made,
      madeAt: isoOf(made.wallMs),
      payload,
      about: { number: job.number, service: job.service, address: job.address },
      photos,
      ...(form === undefined ? {} : { form }),
    });
    await this.read();
    this.driver?.changed();
    this.driver?.kick();
    return entry;
  }

  retry(): void {
    this.driver?.kick();
  }

  async retryOne(id: string): Promise<void> {
    await this.outbox?.askResend(id);
    await this.read();
    this.driver?.kick();
  }

  /**
   * What the city would not take, once more in its form with its photos, to be mended and saved anew; the refused entry is
   * put aside. Null where that cannot be: the job is gone, or it was no closing.
   */
  async rewrite(entry: Entry): Promise<Job | null> {
    const { outbox } = this;
    const payload = closePayload(entry);
    const card = this.cardOf(entry.caseId, Date.now());
    if (outbox === null || payload === null || card === null) return null;
    const { outcome, detail, note, place } = payload;
    const draft = { ...emptyDraft(card.job.id, card.job.round, Date.now()), outcome, detail: detail ?? "", note, place };
    const photos = await outbox.copyPhotos(draft, entry.photos.filter((photo) => photo.bytes === "kept"));
    await outbox.saveDraft({ ...draft, photos });
    await outbox.putAside(entry.id, Date.now());
    await this.read();
    return card.job;
  }

  async putAside(id: string): Promise<void> {
    await this.outbox?.putAside(id, Date.now());
    await this.read();
  }

  private showToast(entry: Entry): void {
    clearTimeout(this.toastTimer);
    this.toast = { entryId: entry.id, sinceMs: Date.now() };
    this.toastTimer = setTimeout(() => this.hideToast(), 9_000);
    this.say();
  }

  /** The toast tells the truth of this moment: saved here first, and received once it is. */
  toastEntry(): Entry | null {
    const id = this.toast?.entryId;
    return this.entries.find((entry) => entry.id === id) ?? this.done.find((entry) => entry.id === id) ?? null;
  }

  hideToast(): void {
    this.toast = null;
    this.say();
  }

  // ---- drafts and photos -------------------------------------------------------------------------------------------

  async openDraft(job: Job): Promise<Draft> {
    const names = namesOf(job.id, this.given);
    const kept = (await this.outbox?.drafts())?.find((draft) => names.includes(draft.caseId));
    await this.rememberForm(job.id);
    return kept ?? emptyDraft(job.id, job.round, Date.now());
  }

  async openOther(form: FormName, job: Job | null): Promise<Form> {
    const keys = (job === null ? [null] : namesOf(job.id, this.given)).map((name) => keyOfForm(form, name));
    const kept = (await this.outbox?.forms())?.find(({ key }) => keys.includes(key));
    const opened = kept ?? emptyForm(form, job?.id ?? null, job?.round ?? 0, Date.now());
    await this.rememberForm(opened.key);
    return opened;
  }

  async saveDraft(draft: AnyDraft): Promise<void> {
    await this.outbox?.saveDraft({ ...draft, updatedMs: Date.now() });
  }

  async leaveForm(): Promise<void> {
    await this.rememberForm(null);
    await this.read();
  }

  async dropDraft(draft: AnyDraft): Promise<void> {
    await this.outbox?.dropDraft(draft);
    await this.leaveForm();
  }

  /** A convenience for after a kill: a phone too full for it must neither hide a form nor disown a deed that is kept. */
  private async rememberForm(form: CaseKey | null): Promise<void> {
    await this.outbox?.setOpenForm(form).catch(() => {});
  }

  openForm(): Promise<CaseKey | null> {
    return this.outbox?.openForm().catch(() => null) ?? Promise.resolve(null);
  }

  async addPhoto<D extends AnyDraft>(draft: D, kind: PhotoKind, prepared: Prepared): Promise<D> {
    if (this.outbox === null) throw new StorageTrouble("cannot_open");
    return this.outbox.addPhoto(draft, { type: prepared.type, kind }, prepared.bytes);
  }

  async removePhoto<D extends AnyDraft>(draft: D, id: string): Promise<D> {
    return this.outbox === null ? draft : this.outbox.removePhoto(draft, id);
  }

  photoBytes(photo: { id: string; sha256: string }): Promise<Uint8Array<ArrayBuffer>> {
    return this.outbox?.readPhoto(photo.id, photo.sha256) ?? Promise.reject(new StorageTrouble("cannot_open"));
  }

  async photoUrl(photo: { id: string; sha256: string; type: string }): Promise<string | null> {
    try {
      const bytes = await this.outbox?.readPhoto(photo.id, photo.sha256);
      return bytes === undefined ? null : URL.createObjectURL(new Blob([bytes], { type: photo.type }));
    } catch {
      return null;
    }
  }

  /** All unsent work as one JSON file, photos in base64. Says how many photos could not be read. */
  async exportFile(): Promise<{ file: File; unreadable: number }> {
    const { outbox, identity } = this;
    if (outbox === null || identity === null) throw new StorageTrouble("cannot_open");
    const { device, epoch } = await outbox.who();
    const photos: Record<string, { type: string; sha256: string; base64: string }> = {};
    let unreadable = 0;
    const wanted = [...this.entries.flatMap((entry) => entry.photos), ...[...this.drafts, ...this.forms].flatMap((draft) => draft.photos)];
    for (const photo of wanted) {
      try {
        const bytes = await outbox.readPhoto(photo.id, photo.sha256);
        photos[photo.id] = { type: photo.type, sha256: photo.sha256, base64: base64(bytes) };
      } catch {
        unreadable++;
      }
    }
    const content = {
      crew311: "unsent work",
      version: 1,
      app: __APP_VERSION__,
      written_at: isoOf(Date.now()),
      person: identity.person,
      crew: identity.crew,
      device,
      epoch,
      entries: this.entries,
      drafts: this.drafts,
      forms: this.forms,
      photos,
    };
    const name = `crew311-unsent-${isoOf(Date.now()).slice(0, 16).replace(/[:T]/g, "-")}.json`;
    return { file: new File([JSON.stringify(content)], name, { type: "application/json" }), unreadable };
  }

  // ---- the phone ---------------------------------------------------------------------------------------------------

  async lookAtStorage(): Promise<void> {
    // Chrome asks nobody; it decides by how the app is used. So asking at each start costs nothing.
    this.isProtected = (await navigator.storage?.persisted?.().catch(() => null)) ?? null;
    if (this.isProtected === false && this.entries.length > 0) await this.protect();
    this.say();
  }

  /** The phone is full: the room held for this day is let go. */
  private async useReserve(): Promise<boolean> {
    const isFreed = await freeBallast();
    if (isFreed) this.isReserveUsed = true;
    return isFreed;
  }

  /** Before the camera opens: is there room for what it will make? Some browsers never tell; our reserve does. */
  async lookAtRoom(): Promise<void> {
    const free = await freeBytes();
    this.shortOfRoom = free !== null && free < PHOTO_ROOM_BYTES ? free : this.isReserveUsed ? 0 : null;
    this.say();
  }

  /** What a case can be opened for: asked once a day, and kept for days without signal. */
  private async askServices(): Promise<void> {
    const { cache } = this;
    if (cache === null || Date.now() - this.servicesAskedMs < SERVICES_AGAIN_MS) return;
    this.servicesAskedMs = Date.now();
    if (Date.now() - (await cache.services()).atMs < SERVICES_GOOD_MS) return;
    await cache.keepServices(await this.city.services(), Date.now());
    await this.read();
  }

  /** The streets around the jobs, for where there is no signal; not where the phone is told to be sparing. */
  private async keepStreets(): Promise<void> {
    const isSparing = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
    if (isSparing || Date.now() < this.streetsNextMs) return;
    this.streetsNextMs = Date.now() + SERVICES_AGAIN_MS;
    const { keepBasemap } = await import("../map/keep");
    const places = this.jobs.flatMap(({ lat, lon }) => (lat !== null && lon !== null ? [{ lat, lon }] : []));
    if (await keepBasemap(boundsAround(places, AROUND_JOBS_M), Date.now())) this.streetsNextMs = Date.now() + STREETS_GOOD_MS;
  }

  async protect(): Promise<void> {
    this.isProtected = (await navigator.storage?.persist?.().catch(() => false)) ?? null;
    this.say();
  }

  /** May the city wake this phone? Where it may, it learns by which address, each time the app starts. */
  private async lookAtWaking(): Promise<void> {
    this.waking = await lookAtWaking(this.city).catch(() => this.waking);
    this.say();
  }

  /** From a touch: browsers ask for the permission only then. */
  async wakeMe(): Promise<void> {
    this.waking = await wake(this.city).catch(() => "failed" as const);
    this.say();
  }

  async lookAtPosition(): Promise<void> {
    try {
      const permission = await navigator.permissions.query({ name: "geolocation" });
      const follow = () => {
        this.positionState = permission.state;
        if (permission.state === "granted") this.watchPosition();
        this.say();
      };
      permission.onchange = follow;
      follow();
    } catch {
      this.positionState = "prompt";
    }
  }

  watchPosition(): void {
    if (this.watch !== null || !("geolocation" in navigator)) return;
    this.watch = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) => {
        this.positionState = "granted";
        this.position = {
          lat: round6(coords.latitude),
          lon: round6(coords.longitude),
          accuracy_m: Math.round(coords.accuracy * 10) / 10,
          atMs: timestamp,
        };
        this.say();
      },
      (error) => {
        if (error.code === error.PERMISSION_DENIED) {
          this.positionState = "denied";
          if (this.watch !== null) navigator.geolocation.clearWatch(this.watch);
          this.watch = null;
        }
        this.say();
      },
      { enableHighAccuracy: true, maximumAge: 15_000, timeout: 60_000 },
    );
  }

  /** Where the phone is now, if it knew it within the last two minutes. */
  freshPlace(): Place | null {
    const it = this.position;
    return it !== null && Date.now() - it.atMs < 120_000 ? { lat: it.lat, lon: it.lon, accuracy_m: it.accuracy_m } : null;
  }
}

const NO_CASE = { id: null, number: "", service: "", address: "" };
/** How often a job may turn late. */
const LATE_EVERY_MS = 30_000;
/** A form's worth of photos. */
const PHOTO_ROOM_BYTES = 20 * 1024 * 1024;
const SERVICES_GOOD_MS = 24 * 3600_000;
const SERVICES_AGAIN_MS = 10 * 60_000;
const STREETS_GOOD_MS = 6 * 3600_000;
const AROUND_JOBS_M = 2_000;
const BALLAST_BYTES = 8 * 1024 * 1024;
const LARGE_BALLAST_BYTES = 30 * 1024 * 1024;
const LARGE_QUOTA_BYTES = 2 * 1024 * 1024 * 1024;

async function freeBytes(): Promise<number | null> {
  const { usage, quota } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  return usage === undefined || quota === undefined ? null : Math.max(0, quota - usage);
}

/** When nobody is at it: hold some room for the day on which the phone is full, as long as there is plenty now. */
function holdRoom(): void {
  if (!("requestIdleCallback" in self)) return;
  requestIdleCallback(
    () => {
      void (async () => {
        const { quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
        const bytes = quota > LARGE_QUOTA_BYTES ? LARGE_BALLAST_BYTES : BALLAST_BYTES;
        await fillBallast(bytes, async () => {
          await new Promise((resolve) => requestIdleCallback(resolve));
          return ((await freeBytes()) ?? 0) > bytes + PHOTO_ROOM_BYTES;
        });
      })().catch(() => {});
    },
    { timeout: 60_000 },
  );
}

function round6(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

export const app = new App();

/** Re-render with the app, and each half minute so that "in 20 min" stays true. */
export function useApp(): { app: App; nowMs: number } {
  const [nowMs, set] = useState(Date.now());
  useEffect(() => {
    const look = () => set(Date.now());
    const stop = app.subscribe(look);
    const timer = setInterval(look, 30_000);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, []);
  return { app, nowMs };
}
