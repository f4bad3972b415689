/** What a desk asks of the office's routes and does through them (docs/console-api.md). */

import { readDetail, readDone, readPrice, readWhy, type CaseDeed, type Detail, type Done, type Price, type Seen, type Why } from "../core/deeds";
import { readStarted, readSurges, type Started, type Surge } from "../core/surge";
import { askJson, Refused, type Ask, type Fetch } from "./http";

const AT = "/console/api";
const SURGE_MS = 120_000;

export class Office {
  constructor(private readonly fetch: Fetch) {}

  /** What came of it, also where that is nothing (409) or a wait for a second person (202); Refused says why it may not be. */
  async do(deed: CaseDeed, cases: Seen[], more: { crew?: number; why?: string } = {}): Promise<Done> {
    return this.tell(`cases/${deed}`, { cases, ...more });
  }

  async handOver(fromCrew: number, to: number, why: string): Promise<Done> {
    return this.tell(`crews/${fromCrew}/hand-over`, { to, why });
  }

  async lend(crew: number, department: number, untilS: number, why: string): Promise<Done> {
    return this.tell(`crews/${crew}/lend`, { department, until: untilS, why });
  }

  /** The latest, with those that are over. */
  async surges(): Promise<Surge[]> {
    return readSurges(await askJson(this.fetch, `${AT}/surges`, { method: "GET" }));
  }

  /** Good hashes of two hundred passwords take a while. */
  async startSurge(name: string, untilS: number, csv: string): Promise<Started> {
    return readStarted(await askJson(this.fetch, `${AT}/surges`, { ...post({ name, until: untilS, csv }), patienceMs: SURGE_MS }));
  }

  async endSurge(id: number): Promise<Done> {
    return this.tell(`surges/${id}/end`, {});
  }

  async undo(deedId: number): Promise<Done> {
    return this.tell(`deeds/${deedId}/undo`, { why: "" });
  }

  async whatIf(cases: number[], crew: number, leave?: AbortSignal): Promise<Price> {
    return readPrice(await askJson(this.fetch, `${AT}/what-if`, { ...post({ cases, crew }), ...(leave === undefined ? {} : { leave }) }));
  }

  async why(caseId: number): Promise<Why> {
    return readWhy(await askJson(this.fetch, `${AT}/cases/${caseId}/why`, { method: "GET" }));
  }

  async detail(caseId: number): Promise<Detail> {
    return readDetail(await askJson(this.fetch, `/console/live/cases/${caseId}`, { method: "GET" }));
  }

  private async tell(path: string, body: unknown): Promise<Done> {
    try {
      return readDone(await askJson(this.fetch, `${AT}/${path}`, post(body), [200, 202]));
    } catch (error) {
      if (error instanceof Refused && error.status === 409 && Array.isArray(error.problem["left"])) return readDone(error.problem);
      throw error;
    }
  }
}

function post(body: unknown): Ask {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}
