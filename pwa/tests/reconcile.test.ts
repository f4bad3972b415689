import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { reconcile, type CaseView, type Operation, type Outcome } from "../src/core/reconcile";

const FILE = new URL("../../tests/vectors/reconcile.json", import.meta.url);

interface Vector {
  name: string;
  why: string;
  view: CaseView;
  operation: Operation;
  outcome: Outcome;
}

describe("the sync rule, mirrored", () => {
  it("has the vectors that bind it to sync/reconcile.py", () => {
    expect(existsSync(FILE), "tests/vectors/reconcile.json is missing: it is made from the Python rule").toBe(true);
  });

  const vectors: Vector[] = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as Vector[]) : [];
  it.each(vectors.map((vector) => [vector.name, vector] as const))("%s", (_, { view, operation, outcome, why }) => {
    expect(reconcile(view, operation), why).toEqual(outcome);
  });
});
