/** Everything this phone ever asks of the city but the photos' bytes (see tus.ts). */

import { readIdentity, readPullPage, readPushAnswer, type Identity, type PullPage, type PushAnswer, type PushRequest } from "../core/wire";
import { askJson, type Fetch } from "./http";

const JSON_TYPE = { "Content-Type": "application/json" };

export class City {
  constructor(readonly fetch: Fetch) {}

  async signIn(email: string, password: string): Promise<Identity> {
    const body = JSON.stringify({ email, password });
    return readIdentity(await askJson(this.fetch, "/sync/v1/sign-in", { method: "POST", headers: JSON_TYPE, body, patienceMs: 20_000 }));
  }

  async me(): Promise<Identity> {
    return readIdentity(await askJson(this.fetch, "/sync/v1/me", { method: "GET" }));
  }

  async signOut(): Promise<void> {
    await askJson(this.fetch, "/sync/v1/sign-out", { method: "POST", headers: JSON_TYPE, body: "{}" }).catch(() => {});
  }

  async push(request: PushRequest): Promise<PushAnswer> {
    const body = JSON.stringify(request);
    const answer = await askJson(this.fetch, "/sync/v1/push", { method: "POST", headers: JSON_TYPE, body, patienceMs: 30_000 });
    return readPushAnswer(answer, request.device, request.operations.map((operation) => operation.id));
  }

  async pull(cursor: string | null, device: string): Promise<PullPage> {
    const query = new URLSearchParams({ device, ...(cursor === null ? {} : { cursor }) });
    return readPullPage(await askJson(this.fetch, `/sync/v1/pull?${query.toString()}`, { method: "GET" }));
  }
}
