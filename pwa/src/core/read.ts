/** What is believed of an answer: each reader gives the value it names, or throws NotOurs. */

export class NotOurs extends Error {
  override name = "NotOurs";
}

export type Shape = Record<string, unknown>;

export function refuse(what: string): never {
  throw new NotOurs(what);
}

export function shape(value: unknown, what: string): Shape {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Shape) : refuse(what);
}

export function list<T>(value: unknown, what: string, read: (item: unknown, what: string) => T): T[] {
  return Array.isArray(value) ? value.map((item, i) => read(item, `${what}[${i}]`)) : refuse(what);
}

export function text(value: unknown, what: string): string {
  return typeof value === "string" ? value : refuse(what);
}

export function filled(value: unknown, what: string): string {
  return text(value, what) || refuse(what);
}

export function num(value: unknown, what: string): number {
  return typeof value === "number" && Number.isFinite(value) ? value : refuse(what);
}

export function whole(value: unknown, what: string): number {
  return Number.isSafeInteger(value) ? (value as number) : refuse(what);
}

export function flag(value: unknown, what: string): boolean {
  return typeof value === "boolean" ? value : refuse(what);
}

export function maybe<T>(value: unknown, what: string, read: (value: unknown, what: string) => T): T | null {
  return value === null || value === undefined ? null : read(value, what);
}

/** A list of texts; none where it is absent. */
export function texts(value: unknown, what: string): string[] {
  return maybe(value, what, (it) => list(it, what, text)) ?? [];
}

/** A moment in ISO 8601, in milliseconds since 1970. */
export function moment(value: unknown, what: string): number {
  const ms = Date.parse(text(value, what));
  return Number.isFinite(ms) ? ms : refuse(what);
}

export function oneOf<T extends string>(value: unknown, what: string, words: readonly T[]): T {
  return words.includes(value as T) ? (value as T) : refuse(what);
}

/** A path on this same origin; anything else would leak what the crew looks at, or be blocked. */
export function ownPath(value: unknown, what: string): string {
  const path = text(value, what);
  return /^\/(?![/\\])/.test(path) ? path : refuse(what);
}

/** {"id": [4711, ...], "round": [2, ...], ...} as {"id": 4711, "round": 2, ...}, ... */
export function rowsOf(columns: Shape, what: string): Shape[] {
  const names = Object.keys(columns);
  const lists = names.map((name) => list(columns[name], `${what}.${name}`, (item) => item));
  const length = lists[0]?.length ?? 0;
  if (lists.some((column) => column.length !== length)) refuse(`${what}: columns of different lengths`);
  return Array.from({ length }, (_, i) => Object.fromEntries(names.map((name, n) => [name, lists[n]?.[i]])));
}
