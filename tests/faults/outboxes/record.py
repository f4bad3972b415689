"""Records the outbox that the built app leaves on a phone, for the apps to come: each must deliver it (F30).

    python tests/faults/outboxes/record.py 1     with each new shape of the outbox; writes 1.json beside this file

On the phone are then: a closing whose words the city has and whose photo it has not, two closings and a progress without
signal, and a form half filled in with a photo.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2]))
sys.path.insert(0, str(HERE.parent))

import proxy as bad  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from rig import FaultServer, Phone, Rig, browser_rig, picture, wait_for  # noqa: E402

WHOLE_OUTBOX = """(personId) => new Promise((resolve, reject) => {
  const opening = indexedDB.open('crew311-outbox-' + personId);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = async () => {
    const db = opening.result, tx = db.transaction([...db.objectStoreNames]), stores = {};
    const all = (ask) => new Promise((yes) => { ask.onsuccess = () => yes(ask.result); });
    const plain = (value) => value instanceof ArrayBuffer
      ? { base64: btoa(String.fromCharCode(...new Uint8Array(value))) } : value;
    for (const name of db.objectStoreNames) {
      const store = tx.objectStore(name);
      const [keys, values] = await Promise.all([all(store.getAllKeys()), all(store.getAll())]);
      stores[name] = { keyPath: store.keyPath, rows: keys.map((key, i) => [key, plain(values[i])]) };
    }
    resolve({ version: db.version, stores });
  };
})"""


def record(rig: Rig) -> dict[str, Any]:
    phone: Phone = rig.phone()
    jobs = rig.server.new_jobs(phone.who, 5)
    phone.begin(jobs)
    phone.proxy.always("", "/sync/v1/photos", bad.refuse())
    phone.close_job(jobs[0], [picture(1, 40)])
    wait_for(lambda: any(entry["answer"] for entry in phone.stored()["entries"]), phone.page)
    phone.proxy.cut_off()
    phone.progress(jobs[1], "en_route")
    phone.close_job(jobs[1], 0)
    phone.close_job(jobs[2], [picture(2, 40), picture(3, 40)])
    phone.fill(jobs[3], [picture(4, 40)])
    wait_for(lambda: any(draft["note"] for draft in phone.stored()["drafts"]), phone.page)
    outbox: dict[str, Any] = phone.page.evaluate(WHOLE_OUTBOX, phone.who.person_id)
    return {"person": phone.who.person_id, "crew": phone.who.crew_id, "cases": [job.id for job in jobs], **outbox}


def main() -> None:
    chromium = subprocess.run([browser_rig.ROOT / "tests/browser/find-chromium"], capture_output=True, text=True, check=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = FaultServer(Path(folder) / "instance")
        server.make_city()
        server.start()
        path = chromium.stdout.strip()
        browser = playwright.chromium.launch(executable_path=path, args=browser_rig.CHROMIUM_ARGUMENTS)
        rig = Rig(server, browser, playwright, path, Path(folder))
        try:
            recorded = record(rig)
        finally:
            rig.end()
            browser.close()
            server.close()
    (HERE / f"{sys.argv[1]}.json").write_text(json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    main()
