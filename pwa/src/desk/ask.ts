/**
 * What the desk asks before it does something: which crew, or why, or until when. `cases`: as they were when it was asked;
 * if a colleague moves one meanwhile, that is told, and not overwritten by who did not see it.
 */

import type { CaseDeed } from "../core/deeds";
import type { Case } from "../core/picture";

export type Asked =
  | { is: "crew"; deed: "assign" | "pin"; cases: Case[] }
  | { is: "why"; deed: CaseDeed; cases: Case[] }
  | { is: "deed"; deed: CaseDeed; cases: Case[] }
  | { is: "hand-over"; from: number }
  | { is: "lend"; crew: number }
  | { is: "surge" }
  | { is: "help" };
