"""Views of the list of cases that somebody keeps."""

from __future__ import annotations

from typing import Any

from crew_app.errors import NotFound
from crew_app.models import SavedView
from crew_app.transaction import Tx


def save_view(tx: Tx, person_id: int, name: str, filters: dict[str, Any], is_shared: bool) -> SavedView:
    view = SavedView(person_id=person_id, name=name, filters=filters, is_shared=is_shared)
    tx.session.add(view)
    return view


def forget_view(tx: Tx, view_id: int, person_id: int) -> None:
    """Only whoever saved it may; of other people's not even their number is known."""
    view = tx.session.get(SavedView, view_id)
    if view is None or view.person_id != person_id:
        raise NotFound("There is no such view of yours.")
    tx.session.delete(view)
