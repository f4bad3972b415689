"use strict";
// Phones with PouchDB, each with a database in memory. One JSON command a line on stdin, one answer a line on stdout.
const { createHash } = require("node:crypto");
const PouchDB = require("pouchdb");
PouchDB.plugin(require("pouchdb-adapter-memory"));

const phones = new Map();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function uuidOf(name) {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The same bytes as workload.photo_bytes: they do not compress. */
function photoBytes(name, size) {
  const blocks = [];
  for (let i = 0; i * 32 < size; i++) blocks.push(createHash("sha256").update(`${name}/${i}`).digest());
  const bytes = Buffer.concat(blocks).subarray(0, size);
  bytes.set([0xff, 0xd8, 0xff, 0xe0]);
  return bytes;
}

const commands = {
  open({ phone, address, place, batch }) {
    const local = new PouchDB(phone, { adapter: "memory" });
    phones.set(phone, { local, remote: new PouchDB(`${address}/${place}`, { skip_setup: true }), batch: batch ?? 500 });
  },
  async pull({ phone }) {
    const { local, remote, batch } = phones.get(phone);
    await local.replicate.from(remote, { batch_size: batch });
    return { jobs: (await local.info()).doc_count };
  },
  async close({ phone, cases, photos, size, outcome }) {
    const { local } = phones.get(phone);
    for (const id of cases) {
      const doc = await local.get(String(id));
      const closure = uuidOf(`${phone}/${id}`);
      doc.status = "closed";
      doc.closure = { id: closure, outcome, note: `Done by ${phone}.`, made_at: new Date().toISOString(), photos: [] };
      doc._attachments = {};
      for (let i = 0; i < photos; i++) {
        const data = photoBytes(`${closure}/${i}`, size);
        doc.closure.photos.push({ id: uuidOf(`${closure}/${i}`), sha256: createHash("sha256").update(data).digest("hex"), size });
        doc._attachments[uuidOf(`${closure}/${i}`)] = { content_type: "image/jpeg", data };
      }
      await local.put(doc);
    }
  },
  async push({ phone, most }) {
    const { local, remote, batch } = phones.get(phone);
    for (let attempts = 1; ; attempts++) {
      try {
        await local.replicate.to(remote, { batch_size: batch });
        return { attempts, done: true };
      } catch (error) {
        if (attempts >= most) return { attempts, done: false, error: String(error) };
        await pause(20);
      }
    }
  },
  async storm({ phones: names, within_s: withinS }) {
    const seconds = await Promise.all(
      names.map(async (phone, i) => {
        await pause((i / names.length) * withinS * 1000);
        const began = performance.now();
        for (let attempts = 0; attempts < 20; attempts++) {
          try {
            await commands.push({ phone, most: 1 });
            await commands.pull({ phone });
            break;
          } catch {
            await pause(200);
          }
        }
        return (performance.now() - began) / 1000;
      }),
    );
    return { seconds };
  },
  async forget({ phone }) {
    const { local } = phones.get(phone);
    phones.delete(phone);
    await local.destroy();
  },
};

async function main() {
  for await (const line of require("node:readline").createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    const began = performance.now();
    let answer;
    try {
      answer = await commands[command.do](command);
    } catch (error) {
      answer = { failed: String(error.stack ?? error) };
    }
    process.stdout.write(JSON.stringify({ ...answer, s: (performance.now() - began) / 1000 }) + "\n");
  }
  process.exit(0);
}
main();
