/** What the desk asks before it does something: which crew, or why, or until when. */

import type { CaseDeed } from "../core/deeds";

export type Asked =
  | { is: "crew"; deed: "assign" | "pin"; ids: number[] }
  | { is: "why"; deed: CaseDeed; ids: number[] }
  | { is: "deed"; deed: CaseDeed; ids: number[] }
  | { is: "hand-over"; from: number }
  | { is: "lend"; crew: number }
  | { is: "help" };
