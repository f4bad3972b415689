// Run by tests/score/tus.py with tus-js-client beside it: uploads files by the plain client.
const fs = require("node:fs");
const path = require("node:path");
const order = JSON.parse(fs.readFileSync(0, "utf8"));
const tus = require(path.join(order.modules, "tus-js-client"));

const urlStorage = new tus.FileUrlStorage(order.storage);
let tries = 0;

async function uploadOne(file, number) {
  const options = {
    endpoint: order.address,
    headers: order.headers,
    metadata: { photo: file.photo, sha256: file.sha256 },
    chunkSize: number % 2 ? order.chunk_bytes : Infinity,
    uploadDataDuringCreation: number % 4 === 2,
    retryDelays: [20, 50, 100, 200],
    urlStorage,
    fingerprint: () => Promise.resolve(file.photo),
  };
  await new Promise((resolve, reject) => {
    const upload = new tus.Upload(fs.createReadStream(file.path), { ...options, uploadSize: file.size, onError: reject, onSuccess: resolve });
    upload.findPreviousUploads().then((previous) => {
      if (previous.length) upload.resumeFromPreviousUpload(previous[0]);
      upload.start();
    }, reject);
  });
}

(async () => {
  for (const [number, file] of order.files.entries()) {
    for (let left = 200; ; left -= 1) {
      tries += 1;
      try {
        await uploadOne(file, number);
        break;
      } catch (error) {
        process.stderr.write(`tus-js-client: ${file.photo}: ${String(error).slice(0, 200)}\n`);
        if (!left) process.exit(1);
        await new Promise((again) => setTimeout(again, 50));
      }
    }
    console.log(JSON.stringify({ photo: file.photo }));
  }
  console.log(JSON.stringify({ tries }));
})();
