import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { covering, inPieces, lacking, merged, readRange, type Range } from "../src/core/ranges";

const ranges = fc.array(fc.tuple(fc.nat(200), fc.nat(40)).map(([from, more]) => ({ from, to: from + more })), { maxLength: 12 });
const bytesOf = (list: readonly Range[]) => new Set(list.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)));

describe("which bytes of the map are kept", () => {
  it("says the same bytes, merged or in pieces", () => {
    fc.assert(
      fc.property(ranges, fc.integer({ min: 1, max: 50 }), (list, most) => {
        expect(bytesOf(merged(list))).toEqual(bytesOf(list));
        const pieces = inPieces(merged(list), most);
        expect(bytesOf(pieces)).toEqual(bytesOf(list));
        expect(pieces.every(({ from, to }) => to >= from && to - from < most)).toBe(true);
      }),
    );
  });

  it("fetches each lacking byte once and none that is held", () => {
    fc.assert(
      fc.property(ranges, ranges, (wanted, held) => {
        const there = bytesOf(held);
        expect(bytesOf(lacking(wanted, held))).toEqual(new Set([...bytesOf(wanted)].filter((byte) => !there.has(byte)).sort((a, b) => a - b)));
      }),
    );
  });

  it("answers a range if every byte of it is held, whichever pieces hold it", () => {
    fc.assert(
      fc.property(ranges, fc.nat(200), fc.nat(60), (held, from, more) => {
        const asked = { from, to: from + more };
        const there = bytesOf(held);
        const isHeld = [...bytesOf([asked])].every((byte) => there.has(byte));
        const found = covering(held, asked);
        expect(found !== null).toBe(isHeld);
        if (found !== null) expect([...bytesOf([asked])].every((byte) => bytesOf(found).has(byte))).toBe(true);
      }),
    );
  });

  it("reads one closed stretch, and nothing else", () => {
    expect(readRange("bytes=0-16383")).toEqual({ from: 0, to: 16383 });
    for (const other of [null, "", "bytes=5-", "bytes=-5", "bytes=9-5", "bytes=0-1,4-5", "items=0-1"]) expect(readRange(other)).toBeNull();
  });
});
