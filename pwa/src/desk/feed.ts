/**
 * Keeps a picture true: reads the whole, then follows the stream; where there is no stream to be had, asks again every few
 * seconds; where nothing answers, tries again and says since when it knows nothing.
 */

import { apply, learn, type News, type Picture, type Told } from "../core/picture";
import { Refused } from "../net/http";
import type { Live } from "../net/live";

/** `asking`: no stream, but news every few seconds. `trying`: nothing answers. `out`: somebody must sign in. */
export type Contact = "starting" | "live" | "asking" | "trying" | "out";

export interface FeedNews {
  contact: Contact;
  /** When the city last spoke, by this machine's clock. */
  heardMs: number | null;
  picture: Picture | null;
  /** The cases that are another since the last time; null: the whole was read. */
  changed: number[] | null;
}

const ASK_EVERY_MS = 3_000;
/** Where all streams are taken; each is held for a minute at most. */
const STREAM_TAKEN_MS = 20_000;
/** A stream that breaks is taken up again as soon as the city answers; one that breaks each time, less and less often. */
const STREAM_BROKEN_MS = [0, 5_000, 20_000, 60_000];
/** Short, for the picture must be right within five seconds once the network is back. */
const PAUSES_MS = [250, 500, 1_000, 1_500];
const nth = (pauses: readonly number[], n: number) => pauses[Math.min(n, pauses.length) - 1] ?? 0;

export class Feed {
  private picture: Picture | null = null;
  private contact: Contact = "starting";
  private heardMs: number | null = null;
  private failures = 0;
  private brokenStreams = 0;
  private noStreamUntilMs = 0;
  private leave: AbortController | null = null;
  private wake: (() => void) | null = null;

  constructor(
    private readonly live: Pick<Live, "picture" | "changes" | "stream">,
    private readonly tell: (news: FeedNews) => void,
  ) {}

  start(): void {
    if (this.leave !== null) return;
    this.leave = new AbortController();
    void this.run(this.leave.signal);
  }

  stop(): void {
    this.leave?.abort();
    this.leave = null;
    this.wake?.();
  }

  /** The network may be back, or somebody looks again: no reason to wait any longer. */
  poke(): void {
    this.wake?.();
  }

  /** What an answer to this desk told, ahead of the stream. */
  learn(told: Told): void {
    if (this.picture === null) return; // it is being read anew
    const { picture, changed } = learn(this.picture, told);
    this.picture = picture;
    this.say(changed);
  }

  private async run(leave: AbortSignal): Promise<void> {
    while (!leave.aborted) {
      try {
        await this.step(leave);
      } catch (error) {
        if (!leave.aborted) await this.pause(this.afterTrouble(error));
      }
    }
  }

  /** The whole, or a stream to its end, or one question. Throws what the city or the network says to it. */
  private async step(leave: AbortSignal): Promise<void> {
    if (this.picture === null) {
      this.take(await this.live.picture(), null);
    } else if (this.contact !== "trying" && Date.now() >= this.noStreamUntilMs) {
      await this.follow(this.picture.seq, this.picture.crews.tag, leave);
    } else {
      const goesOn = this.hear(await this.live.changes(this.picture.seq, this.picture.crews.tag), "asking");
      if (goesOn && Date.now() < this.noStreamUntilMs) await this.pause(ASK_EVERY_MS);
    }
  }

  /** From here on. Not of a picture: a stream lasts a minute, and would hold on to it for as long. */
  private async follow(seq: number, tag: string, leave: AbortSignal): Promise<void> {
    const hear = (news: News | null) => {
      this.brokenStreams = 0;
      return this.hear(news, "live");
    };
    try {
      await this.live.stream(seq, tag, hear, leave);
    } catch (error) {
      const isTaken = error instanceof Refused && error.status === 503;
      if (leave.aborted || (error instanceof Refused && !isTaken)) throw error;
      if (!isTaken) this.brokenStreams += 1;
      this.noStreamUntilMs = Date.now() + (isTaken ? STREAM_TAKEN_MS : nth(STREAM_BROKEN_MS, this.brokenStreams));
      this.contact = isTaken ? "asking" : "trying";
    }
  }

  /** Does it go on from here? If not, the whole must be read anew; what is shown stays until that is here. */
  private hear(news: News | null, contact: "live" | "asking"): boolean {
    this.heardMs = Date.now();
    this.contact = contact;
    this.failures = 0;
    const applied = news === null || this.picture === null ? null : apply(this.picture, news);
    if (applied?.is === "again") {
      this.picture = null;
      return false;
    }
    if (applied?.is === "next") this.take(applied.picture, applied.changed);
    else this.say([]);
    return true;
  }

  private take(picture: Picture, changed: number[] | null): void {
    this.picture = picture;
    this.heardMs = Date.now();
    if (this.contact !== "live") this.contact = "asking";
    this.failures = 0;
    this.say(changed);
  }

  private afterTrouble(error: unknown): number {
    const isOut = error instanceof Refused && (error.status === 401 || error.status === 403);
    this.contact = isOut ? "out" : "trying";
    this.failures += 1;
    this.say([]);
    return nth(PAUSES_MS, this.failures);
  }

  private say(changed: number[] | null): void {
    this.tell({ contact: this.contact, heardMs: this.heardMs, picture: this.picture, changed });
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake?.(), ms);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = null;
        resolve();
      };
    });
  }
}
