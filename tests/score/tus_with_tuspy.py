"""Run by tests/score/tus.py in an environment that has tuspy and nothing of ours: uploads files by the plain client."""

import hashlib
import json
import sys
import time

from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.storage.filestorage import FileStorage

order = json.load(sys.stdin)
client = TusClient(order["address"], headers=order["headers"])
storage = FileStorage(order["storage"])
tries = 0
for number, file in enumerate(order["files"]):
    with open(file["path"], "rb") as stream:
        sha256 = hashlib.sha256(stream.read()).hexdigest()
    for _ in range(200):
        tries += 1
        try:
            uploader = client.uploader(
                file["path"],
                chunk_size=order["chunk_bytes"] if number % 2 else sys.maxsize,
                metadata={"photo": file["photo"], "sha256": sha256},
                retries=2,
                retry_delay=0.05,
                store_url=True,
                url_storage=storage,
                upload_checksum=number % 4 == 1,
            )
            uploader.upload()
            break
        except (TusCommunicationError, TusUploadFailed) as error:
            print(f"tuspy: {file['photo']}: {error}"[:200], file=sys.stderr, flush=True)
            time.sleep(0.05)
    else:
        sys.exit(f"{file['path']} did not get through")
    print(json.dumps({"photo": file["photo"]}), flush=True)
print(json.dumps({"tries": tries}), flush=True)
