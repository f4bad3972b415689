/** Everything this phone ever asks of the city but the photos' bytes (see tus.ts). */

import {
  readIdentity,
  readPullAnswer,
  readPullPage,
  readPushAnswer,
  readServices,
  readWakingKey,
  type Identity,
  type NothingNew,
  type PullPage,
  type PushAnswer,
  type PushRequest,
  type Service,
} from "../core/wire";
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

  /** With a cursor, an answer that has nothing new may be a short one. `held`: the lowest number we still wait to see; `unsent`: how many deeds are still here. */
  async pull(cursor: string | null, device: string, held: number | null = null, unsent: number | null = null): Promise<PullPage | NothingNew> {
    const query = new URLSearchParams({ device, columns: "1" });
    if (cursor !== null) query.set("cursor", cursor);
    if (cursor !== null) query.set("brief", "1");
    if (held !== null) query.set("held", String(held));
    if (unsent !== null) query.set("unsent", String(unsent));
    const answer = await askJson(this.fetch, `/sync/v1/pull?${query.toString()}`, { method: "GET" });
    return cursor === null ? readPullPage(answer) : readPullAnswer(answer);
  }

  /** The key to subscribe with; null where this city wakes nobody. */
  async wakingKey(): Promise<string | null> {
    return readWakingKey(await askJson(this.fetch, "/sync/v1/web-push/key", { method: "GET" }));
  }

  async keepSubscription(subscription: PushSubscriptionJSON): Promise<void> {
    const body = JSON.stringify({ endpoint: subscription.endpoint, keys: subscription.keys });
    await askJson(this.fetch, "/sync/v1/web-push/subscription", { method: "PUT", headers: JSON_TYPE, body });
  }

  async dropSubscription(endpoint: string): Promise<void> {
    await askJson(this.fetch, "/sync/v1/web-push/subscription", { method: "DELETE", headers: JSON_TYPE, body: JSON.stringify({ endpoint }) });
  }

  async services(): Promise<Service[]> {
    return readServices(await askJson(this.fetch, "/sync/v1/services", { method: "GET" }));
  }
}
