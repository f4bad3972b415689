/** A UUID of version 7 (RFC 9562): sorts by the moment it was made. `random` is at least 10 bytes, made by the caller. */
export function uuid7(nowMs: number, random: Uint8Array): string {
  if (random.length < 10) throw new Error("a UUID needs 10 random bytes");
  const time = Math.max(0, Math.floor(nowMs)).toString(16).padStart(12, "0").slice(-12);
  const bytes = Array.from(random.subarray(0, 10));
  bytes[0] = ((bytes[0] ?? 0) & 0x0f) | 0x70;
  bytes[2] = ((bytes[2] ?? 0) & 0x3f) | 0x80;
  const rest = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}`;
}

export function isUuid(value: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(value);
}

/** The moment a UUID of version 7 was made, by the clock of its maker; NaN for anything else. */
export function uuid7Ms(id: string): number {
  return isUuid(id) && id[14] === "7" ? parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : NaN;
}
