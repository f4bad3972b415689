"""What every queue promises, on SQLite, Redis and PostgreSQL as they are."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from huey import Huey

from config import Config
from crew_app.adapters.job_queue import open_queue


@pytest.fixture(params=["sqlite", "redis", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs' / 'jobs.sqlite'}"
    found: str = request.getfixturevalue("redis_address" if request.param == "redis" else "postgres_server")
    return found


@pytest.fixture
def queue(address: str) -> Iterator[Huey]:
    huey = open_queue(address)
    huey.flush()
    yield huey
    huey.storage.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # huey leaves a thread's connection to the collector
def test_a_call_waits_until_a_worker_takes_it_and_is_done_once(queue: Huey) -> None:
    done: list[int] = []
    happened = threading.Event()

    @queue.task()
    def note(number: int) -> None:
        done.append(number)
        if number == 2:
            happened.set()

    note(1)
    note(2)
    assert [task.name for task in queue.pending()] == ["note", "note"]
    consumer = queue.create_consumer(workers=1, initial_delay=0.05, max_delay=0.1, periodic=False)
    consumer.start()
    try:
        assert happened.wait(15)
    finally:
        consumer.stop(graceful=True)
    assert done == [1, 2]
    assert queue.pending() == []
    gc.collect()


def test_another_process_of_the_city_sees_the_call(queue: Huey, address: str) -> None:
    @queue.task()
    def wake() -> None: ...

    wake()
    other = open_queue(address)
    try:
        assert other.pending_count() == 1
    finally:
        other.storage.close()


def test_an_address_of_no_known_kind_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="HUEY_URL=amqp://"):
        open_queue("amqp://localhost")


@pytest.mark.parametrize(
    ("settings", "queue"),
    [
        ({"REDIS_URL": "redis://there/1", "DATABASE_URL": "postgresql+psycopg://here/city"}, "redis://there/1"),
        ({"DATABASE_URL": "postgresql+psycopg://here/city"}, "postgresql+psycopg://here/city"),
        ({}, "sqlite:///INSTANCE/jobs.sqlite"),
        ({"HUEY_URL": "redis://mine/2", "REDIS_URL": "redis://there/1"}, "redis://mine/2"),
    ],
)
def test_all_processes_of_a_city_share_the_queue_of_its_largest_engine(
    settings: dict[str, str], queue: str, tmp_path: Path
) -> None:
    config = Config({"INSTANCE": str(tmp_path), "SECRET_KEY": "test", **settings})
    assert queue.replace("INSTANCE", str(tmp_path)) == config.HUEY_URL
