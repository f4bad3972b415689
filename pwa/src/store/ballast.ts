/**
 * Room held for the day on which the phone is full: let go, it makes place for the crew's work. Files of their own, not
 * records: a database gives back what was deleted in it only much later, and takes more room while it does.
 */

const FOLDER = "crew311-ballast";
const PIECE_BYTES = 1024 * 1024;
/** The most random bytes a browser gives at once. */
const RANDOM_BYTES = 64 * 1024;

/** Hold `bytes` of room, piece by piece, as long as `mayGoOn` says so. Random, for what compresses holds no room. */
export async function fillBallast(bytes: number, mayGoOn: () => Promise<boolean>): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(FOLDER, { create: true });
  for (let n = 0; n < Math.ceil(bytes / PIECE_BYTES); n++) {
    const file = await folder.getFileHandle(String(n), { create: true });
    if ((await file.getFile()).size === PIECE_BYTES) continue;
    if (!(await mayGoOn())) return;
    const piece = new Uint8Array(PIECE_BYTES);
    for (let at = 0; at < PIECE_BYTES; at += RANDOM_BYTES) crypto.getRandomValues(piece.subarray(at, at + RANDOM_BYTES));
    const writing = await file.createWritable();
    await writing.write(piece);
    await writing.close();
  }
}

/** Let all of it go. Says whether there was any. */
export async function freeBallast(): Promise<boolean> {
  try {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(FOLDER, { recursive: true });
    return true;
  } catch {
    return false;
  }
}
