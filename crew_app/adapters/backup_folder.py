"""Where backups lie: a folder, best on another machine. With an age key (age-encryption.org) nothing in it can be read there.

The key given to the city's server is the public half, `age1...`; who holds the private half, elsewhere, can restore.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pyrage

from crew_app.adapters.photo_store import flush

SEALED = ".age"


class BackupFolder:
    def __init__(self, folder: Path, recipient: str = "") -> None:
        """ValueError if `recipient` is no age public key."""
        self.folder = folder
        try:
            self.recipient = pyrage.x25519.Recipient.from_str(recipient) if recipient else None
        except pyrage.RecipientError as error:
            raise ValueError(f"BACKUP_KEY={recipient!r} is no age public key (age1...): {error}") from None

    def put(self, source: Path, name: str) -> None:
        """Keep a file's bytes under the name, in place of what was there; on disk when this returns."""
        target = self.folder / (name + SEALED if self.recipient else name)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(target.name + ".partial")
        if self.recipient:
            pyrage.encrypt_file(str(source), str(partial), [self.recipient])
        else:
            shutil.copyfile(source, partial)
        partial.chmod(0o600)
        flush(partial)
        partial.rename(target)
        flush(target.parent)

    def holds(self, name: str) -> bool:
        return any((self.folder / kept).exists() for kept in (name, name + SEALED))

    def names(self, beginning: str) -> list[str]:
        """The names that lie in the folder `beginning`, in order."""
        found = {path.name.removesuffix(SEALED) for path in (self.folder / beginning).glob("*") if path.suffix != ".partial"}
        return sorted(f"{beginning}/{name}" for name in found)

    def fetch(self, name: str, target: Path, identity: str = "") -> None:
        """Bring the bytes back. Sealed ones need the private key `identity`; ValueError if that is not the one."""
        plain = self.folder / name
        if plain.exists():
            shutil.copyfile(plain, target)
            return
        if not identity:
            raise ValueError(f"{name} is sealed: give the private key (--key FILE)")
        try:
            key = pyrage.x25519.Identity.from_str(identity.strip().splitlines()[-1])
            pyrage.decrypt_file(str(plain) + SEALED, str(target), [key])
        except (pyrage.IdentityError, pyrage.DecryptError) as error:
            raise ValueError(f"{name} cannot be opened with this key: {error}") from None

    def drop(self, name: str) -> None:
        """Remove a folder of the backup and all in it."""
        shutil.rmtree(self.folder / name)
