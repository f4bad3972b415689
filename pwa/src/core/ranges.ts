/** Stretches of a file's bytes, first and last included, as HTTP ranges count them. */

export interface Range {
  from: number;
  to: number;
}

/** In order, those that touch or lie within `gap` bytes of each other as one. */
export function merged(ranges: readonly Range[], gap = 0): Range[] {
  const all: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = all[all.length - 1];
    if (last !== undefined && range.from <= last.to + 1 + gap) last.to = Math.max(last.to, range.to);
    else all.push({ ...range });
  }
  return all;
}

/** In pieces of at most so many bytes: what a lost signal costs. */
export function inPieces(ranges: readonly Range[], most: number): Range[] {
  return ranges.flatMap(({ from, to }) => {
    const count = Math.ceil((to - from + 1) / most);
    return Array.from({ length: count }, (_, i) => ({ from: from + i * most, to: Math.min(to, from + (i + 1) * most - 1) }));
  });
}

/** What of `wanted` is not among `held`. */
export function lacking(wanted: readonly Range[], held: readonly Range[]): Range[] {
  const there = merged(held);
  return merged(wanted).flatMap(({ from, to }) => {
    const gaps: Range[] = [];
    let at = from;
    for (const part of there) {
      if (part.to < at || part.from > to) continue;
      if (part.from > at) gaps.push({ from: at, to: part.from - 1 });
      at = part.to + 1;
    }
    if (at <= to) gaps.push({ from: at, to });
    return gaps;
  });
}

/** The pieces, in order, that together hold all of `asked`; null where a byte is missing. */
export function covering<T extends Range>(held: readonly T[], asked: Range): T[] | null {
  const chosen: T[] = [];
  let at = asked.from;
  for (const piece of [...held].sort((a, b) => a.from - b.from)) {
    if (at > asked.to) break;
    if (piece.to < at) continue;
    if (piece.from > at) return null;
    chosen.push(piece);
    at = piece.to + 1;
  }
  return at > asked.to ? chosen : null;
}

/** "bytes=100-199"; null for what is not one closed stretch. */
export function readRange(header: string | null): Range | null {
  const found = /^bytes=(\d+)-(\d+)$/.exec(header ?? "");
  const range = { from: Number(found?.[1]), to: Number(found?.[2]) };
  return found !== null && range.from <= range.to ? range : null;
}
