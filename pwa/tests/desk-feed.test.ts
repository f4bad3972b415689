import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Feed, type FeedNews } from "../src/desk/feed";
import { readNews, readPicture, type News } from "../src/core/picture";
import { NoAnswer, Refused } from "../src/net/http";
import { columns, newsBody, pictureBody } from "./city-picture";

/** A city whose answers a test decides. */
class City {
  asked: string[] = [];
  seq = 10;
  isUp = true;
  streamsTaken = false;
  body = pictureBody([{}]);
  private hear: ((news: News | null) => boolean) | null = null;
  private end: ((error?: Error) => void) | null = null;

  private answer<T>(what: string, read: () => T): Promise<T> {
    this.asked.push(what);
    return this.isUp ? Promise.resolve(read()) : Promise.reject(new NoAnswer("no network"));
  }

  picture = () => this.answer("picture", () => readPicture({ ...this.body, seq: this.seq }));
  changes = (after: number) => this.answer(`changes ${after}`, () => readNews(newsBody(this.seq)));
  stream = (after: number, _tag: string, hear: (news: News | null) => boolean, leave: AbortSignal) =>
    this.answer(`stream ${after}`, () => {
      if (this.streamsTaken) throw new Refused(503, {}, 1);
    }).then(
      () =>
        new Promise<void>((resolve, reject) => {
          this.hear = hear;
          this.end = (error) => (error === undefined ? resolve() : reject(error));
          leave.addEventListener("abort", () => reject(new NoAnswer("left")));
        }),
    );

  async says(body: Record<string, unknown>): Promise<void> {
    this.seq = Number(body["seq"]);
    if (this.hear?.(readNews(body)) === false) this.end?.();
    await vi.advanceTimersByTimeAsync(1);
  }

  async cut(): Promise<void> {
    this.end?.(new NoAnswer("cut"));
    await vi.advanceTimersByTimeAsync(1);
  }
}

let city: City;
let told: FeedNews[];
let feed: Feed;
const last = () => told.at(-1);

beforeEach(async () => {
  vi.useFakeTimers();
  city = new City();
  told = [];
  feed = new Feed(city, (news) => told.push(news));
  feed.start();
  await vi.advanceTimersByTimeAsync(1);
});

afterEach(() => {
  feed.stop();
  vi.useRealTimers();
});

describe("the feed", () => {
  test("reads the whole, then follows the stream from its number", async () => {
    expect(city.asked).toEqual(["picture", "stream 10"]);
    await city.says(newsBody(11, { cases: columns([{ crew: 1, status: "assigned" }]) }));
    expect(last()).toMatchObject({ contact: "live", changed: [1] });
    expect(last()?.picture?.cases.get(1)?.crewId).toBe(1);
  });

  test("comes back after a cut with what it missed, within five seconds of the network's return, however long it was", async () => {
    for (const minutes of [0.1, 1, 30]) {
      city.isUp = false;
      await city.cut();
      await vi.advanceTimersByTimeAsync(minutes * 60_000);
      expect(last()?.contact).toBe("trying");
      const heard = last()?.heardMs ?? 0;
      expect(Date.now() - heard).toBeGreaterThanOrEqual(minutes * 60_000 - 1_000);
      city.isUp = true;
      city.seq += 5;
      await vi.advanceTimersByTimeAsync(2_000);
      expect(last()?.picture?.seq).toBe(city.seq);
      expect(city.asked.at(-1)).toBe(`stream ${city.seq}`);
    }
  });

  test("asks every few seconds where all streams are taken, and says that it does", async () => {
    city.streamsTaken = true;
    await city.cut();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(last()?.contact).toBe("asking");
    expect(city.asked.filter((it) => it.startsWith("changes")).length).toBeGreaterThanOrEqual(3);
    city.streamsTaken = false;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(city.asked.at(-1)).toMatch(/^stream/);
  });

  test("does not hammer a network that breaks every stream but lets questions through", async () => {
    const before = city.asked.length;
    for (let second = 0; second < 120; second++) {
      if (city.asked.at(-1)?.startsWith("stream")) await city.cut();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    const asked = city.asked.slice(before);
    expect(asked.filter((it) => it.startsWith("stream")).length).toBeLessThan(8);
    expect(asked.length).toBeLessThan(60);
  });

  test("reads the whole anew when news cannot follow, and shows the old one until then", async () => {
    city.isUp = false;
    await city.says(newsBody(5_000, { reset: true }));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(told.every((news) => news.picture === null || news.picture.cases.size === 1)).toBe(true);
    city.isUp = true;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(last()).toMatchObject({ changed: null, picture: { seq: 5_000 } });
  });

  test("does not wait when somebody looks again", async () => {
    city.isUp = false;
    await city.cut();
    await vi.advanceTimersByTimeAsync(60_000);
    city.isUp = true;
    feed.poke();
    await vi.advanceTimersByTimeAsync(1);
    expect(city.asked.at(-1)).toMatch(/^stream/);
  });
});
