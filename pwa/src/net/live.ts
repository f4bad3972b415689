/** What the desk asks of the live picture: the whole, what changed after a number, and a stream of it. */

import { frameReader } from "../core/frames";
import { readNews, readPicture, type News, type Picture } from "../core/picture";
import { NotOurs, shape } from "../core/read";
import { askJson, exchange, parse, refusalOf, bodyText, type Fetch } from "./http";

const AT = "/console/live";
/** It beats every ten seconds where there is no news (crew_app/routes/live.py). */
export const STREAM_STALL_MS = 13_000;
const FIRST_WORD_MS = 3_000;

export class Live {
  constructor(private readonly fetch: Fetch) {}

  async picture(): Promise<Picture> {
    return readPicture(await askJson(this.fetch, `${AT}/picture`, { method: "GET" }));
  }

  /** The districts as GeoJSON, which the map reads. */
  async outlines(): Promise<GeoJSON.FeatureCollection> {
    const { type, features } = shape(await askJson(this.fetch, `${AT}/outlines`, { method: "GET" }), "outlines");
    if (type !== "FeatureCollection" || !Array.isArray(features)) throw new NotOurs("outlines");
    return { type, features };
  }

  async changes(after: number, tag: string): Promise<News> {
    return readNews(await askJson(this.fetch, `${AT}/changes?after=${after}&crews=${tag}`, { method: "GET", patienceMs: FIRST_WORD_MS }));
  }

  /** Until the server ends it, which it does each minute, or `hear` has enough of it; a beat is told as null. */
  stream(after: number, tag: string, hear: (news: News | null) => boolean, leave: AbortSignal): Promise<void> {
    const headers = { Accept: "text/event-stream", "Last-Event-ID": String(after) };
    const ask = { method: "GET", headers, patienceMs: FIRST_WORD_MS, stallMs: STREAM_STALL_MS, leave };
    return exchange(this.fetch, `${AT}/stream?crews=${tag}`, ask, async (response, alive) => {
      const type = response.headers.get("Content-Type") ?? "";
      if (response.status !== 200) throw refusalOf(response, await bodyText(response, alive).catch(() => ""));
      if (!type.startsWith("text/event-stream") || response.body === null) throw new NotOurs(`a stream of type ${type}`);
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      const frames = frameReader();
      if (!hear(null)) return; // open: live, also where nothing happens for a while
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        alive();
        for (const { event, data } of frames(decoder.decode(value, { stream: true }))) {
          if (event !== "news" && event !== "beat") continue;
          if (!hear(event === "news" ? readNews(parse(data)) : null)) return;
        }
      }
    });
  }
}
