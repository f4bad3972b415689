/**
 * When to sync: at the start, after each deed, when the phone or the network wakes, when a worker or another tab says
 * so, and by a timer while something waits. `navigator.onLine` decides nothing: it only knows of an interface.
 */

import { mayTryAtOnce, pauseMs } from "../core/backoff";
import type { Phase, Trouble } from "../core/line";
import { CHANNEL, LOCK, runLocked, type Told } from "./lock";
import type { RunParts, RunReport } from "./run";
import { moment } from "../store/phone";

/** While the screen is on: what the office changes shows within five seconds. A look without news is half a kilobyte. */
const LOOK_EVERY_MS = 4_000;
/** In a hand, it shows within two. Most phones of a city lie on a seat most of the day: these few cost it little. */
const IN_HAND_LOOK_EVERY_MS = 1_400;
const IN_HAND_FOR_MS = 60_000;
const SIGNED_OUT_PAUSE_MS = 300_000;
const LOCK_PAUSE_MS = 4_000;

export interface SyncNews {
  phase: Phase;
  trouble: Trouble | null;
  /** When the next try is due by the timer, or null. */
  nextTryMs: number | null;
  /** The office has switched this phone off: its owner wipes what it shows. */
  isRevoked?: boolean;
}

export class Driver {
  private running = false;
  private again = false;
  private stopped = false;
  private failures = 0;
  private isWaiting = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** By the clock that nobody sets: with the wall clock set back a day, the phone would not look for a day. */
  private lastRunMs = 0;
  private lastTouchMs = -Infinity;
  private news: SyncNews = { phase: { is: "idle" }, trouble: null, nextTryMs: null };
  private readonly channel: BroadcastChannel | null;

  constructor(
    private readonly parts: Omit<RunParts, "tell" | "changed" | "untilMs">,
    private readonly onNews: (news: SyncNews) => void,
    private readonly onChange: () => void,
    private readonly onSession: () => void,
  ) {
    this.channel = "BroadcastChannel" in self ? new BroadcastChannel(CHANNEL) : null;
    if (this.channel !== null) this.channel.onmessage = ({ data }: MessageEvent<Told>) => this.hear(data);
  }

  start(): void {
    addEventListener("online", this.wake);
    addEventListener("pageshow", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    addEventListener("pointerdown", this.touch);
    this.touch();
    this.kick();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    removeEventListener("online", this.wake);
    removeEventListener("pageshow", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    removeEventListener("pointerdown", this.touch);
    this.channel?.close();
  }

  /** Try now, whatever the timer says. A kick during a run makes another run after it. */
  kick(): void {
    if (this.stopped) return;
    this.again = true;
    if (!this.running) void this.run();
  }

  /** Tell the other tabs that stored things have changed. */
  changed(): void {
    this.say({ is: "changed" });
    this.onChange();
  }

  sessionChanged(): void {
    this.say({ is: "session" });
  }

  private readonly wake = (): void => {
    if (document.visibilityState === "visible") {
      // A fresh chance: forget how often it failed before.
      this.failures = 0;
      this.kick();
    } else if (this.isWaiting) {
      // Our timers may stop any moment now. One try too early is the price of the browser's going on without us.
      void askWorkerToSync();
    }
  };

  /** Taken into the hand again: it may have been still for longer than it would be now. Waiting work has its own timer. */
  private readonly touch = (): void => {
    const wasInHand = this.lookEveryMs === IN_HAND_LOOK_EVERY_MS;
    this.lastTouchMs = moment().monoMs;
    if (!wasInHand && !this.isWaiting && this.news.trouble === null && this.lastRunMs > 0) this.kick();
  };

  private get lookEveryMs(): number {
    return moment().monoMs - this.lastTouchMs < IN_HAND_FOR_MS ? IN_HAND_LOOK_EVERY_MS : LOOK_EVERY_MS;
  }

  private hear(told: Told): void {
    if (told.is === "changed") this.onChange();
    if (told.is === "phase" && !this.running) this.inform({ ...this.news, phase: told.phase, trouble: told.trouble });
    if (told.is === "session") this.onSession();
  }

  private say(told: Told): void {
    this.channel?.postMessage(told);
  }

  private inform(news: SyncNews): void {
    if (this.stopped) return; // a run that outlived its owner speaks to nobody
    this.news = news;
    this.onNews(news);
  }

  private async run(): Promise<void> {
    this.running = true;
    clearTimeout(this.timer);
    let report: RunReport | null = null;
    try {
      while (this.again && !this.stopped) {
        this.again = false;
        report = await runLocked({
          ...this.parts,
          untilMs: Infinity,
          tell: (phase) => {
            this.inform({ ...this.news, phase, nextTryMs: null });
            this.say({ is: "phase", phase, trouble: this.news.trouble });
          },
          changed: () => this.changed(),
        });
        if (report !== null) {
          this.lastRunMs = moment().monoMs;
          this.failures = report.trouble === null ? 0 : this.failures + 1;
          this.inform({ phase: { is: "idle" }, trouble: report.trouble, nextTryMs: null, isRevoked: report.revoked });
          this.say({ is: "phase", phase: { is: "idle" }, trouble: report.trouble });
        }
      }
    } catch (error) {
      // A fault of our own. The work is on the phone; say so, and try again like after any other trouble.
      console.error(error);
      this.failures++;
      this.inform({ phase: { is: "idle" }, trouble: "storage", nextTryMs: null });
    } finally {
      this.running = false;
    }
    if (!this.stopped) await this.plan(report);
  }

  /** When the timer tries next: soon while something waits, every few seconds while the screen is on. */
  private async plan(report: RunReport | null): Promise<void> {
    const waiting = await this.parts.outbox.entries().then((entries) => entries.length > 0, () => true);
    this.isWaiting = waiting;
    const { trouble } = this.news;
    let inMs: number;
    if (report === null && trouble === null) inMs = waiting ? LOCK_PAUSE_MS : this.lookEveryMs;
    else if (trouble !== null) inMs = pauseMs(this.failures, Math.random(), report?.retryAfterS ?? null);
    else inMs = this.lookEveryMs;
    // Signed out: only a person, or a new start, changes that.
    if (trouble === "sign_in" || trouble === "other_person") inMs = SIGNED_OUT_PAUSE_MS;
    if (waiting && mayTryAtOnce(trouble)) void askWorkerToSync();
    this.inform({ ...this.news, nextTryMs: trouble !== null && waiting ? Date.now() + inMs : null });
    if (this.again && !this.running) return void this.run();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tick(waiting), inMs);
  }

  private tick(waiting: boolean): void {
    // Nobody looks and nothing waits: rest. Becoming visible wakes us.
    if (!waiting && document.visibilityState !== "visible") return;
    if (!waiting && moment().monoMs - this.lastRunMs < this.lookEveryMs / 2) return void this.plan(null);
    this.kick();
  }
}

/** A hint to the browser that something waits; where there is no Background Sync it does nothing. */
async function askWorkerToSync(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker?.getRegistration();
    await (registration as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync?.register(LOCK);
  } catch {
    // Not allowed or not there: our own timer does it.
  }
}
