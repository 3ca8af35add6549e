"""Metrics count what the access log holds, tell how it is doing, and name nobody."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import CollectorRegistry, generate_latest

from plexe_auth import InvalidKey, RevokedKey, Settings
from plexe_auth.contrib import opentelemetry, prometheus

Series = tuple[str, str, str]


def prometheus_reader(auth: Any) -> tuple[Callable[[], dict[Series, float]], Callable[[str], float], Callable[[], str]]:
    registry = CollectorRegistry()
    prometheus.instrument(auth, registry)

    def counted() -> dict[Series, float]:
        (family,) = [one for one in registry.collect() if one.name == "plexe_auth_entries"]
        samples = [one for one in family.samples if one.name.endswith("_total")]
        return {(one.labels["action"], one.labels["outcome"], one.labels["code"]): one.value for one in samples}

    def gauge(name: str) -> float:
        full = {"waiting": "plexe_auth_log_waiting_entries", "lost": "plexe_auth_log_lost_entries_total"}[name]
        value = registry.get_sample_value(full)
        assert value is not None
        return value

    return counted, gauge, lambda: generate_latest(registry).decode()


def opentelemetry_reader(
    auth: Any,
) -> tuple[Callable[[], dict[Series, float]], Callable[[str], float], Callable[[], str]]:
    reader = InMemoryMetricReader()
    opentelemetry.instrument(auth, MeterProvider([reader], shutdown_on_exit=False))

    def points(name: str) -> list[Any]:
        data = reader.get_metrics_data()
        metrics = [
            metric
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
        ]
        return [point for metric in metrics if metric.name == name for point in metric.data.data_points]

    def counted() -> dict[Series, float]:
        return {
            (
                point.attributes["plexe_auth.action"],
                point.attributes["plexe_auth.outcome"],
                point.attributes.get("error.type", ""),
            ): point.value
            for point in points("plexe_auth.entries")
        }

    def text() -> str:
        data = reader.get_metrics_data()
        return "" if data is None else data.to_json()

    return counted, lambda name: points(f"plexe_auth.log.{name}")[0].value, text


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the write lock of a database, so that nobody can store anything."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


READERS: dict[str, Callable[[Any], Any]] = {"prometheus": prometheus_reader, "opentelemetry": opentelemetry_reader}


@pytest.fixture(params=READERS)
def reading(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    return READERS[request.param]


@pytest.fixture
def alone(face: str, opened: Callable[..., Any]) -> Any:
    return opened(face, "memory://")


def test_each_entry_of_the_access_log_is_counted_by_what_it_was(reading: Callable[[Any], Any], alone: Any) -> None:
    counted, gauge, _text = reading(alone)
    issued = alone.keys.create("acct_42", name="CI")
    for _ in range(3):
        alone.keys.verify(issued.secret.reveal())
    alone.keys.revoke(issued.key.id)
    for text, refusal in ((issued.secret.reveal(), RevokedKey), ("nothing", InvalidKey)):
        with pytest.raises(refusal):
            alone.keys.verify(text)
    alone.log.flush()
    assert counted() == {
        ("key.create", "allowed", ""): 1,
        ("key.verify", "allowed", ""): 3,
        ("key.revoke", "allowed", ""): 1,
        ("key.verify", "denied", "revoked_key"): 1,
        ("key.verify", "denied", "invalid_key"): 1,
    }
    assert gauge("waiting") == gauge("lost") == 0


def test_what_waits_for_a_store_that_is_down_is_told(
    reading: Callable[[Any], Any], face: str, opened: Callable[..., Any], tmp_path: Path
) -> None:
    auth = opened(face, f"sqlite:///{tmp_path / 'a.db'}")
    _counted, gauge, _text = reading(auth)
    secret = auth.keys.create("acct_42", name="CI").secret.reveal()
    auth.keys.verify(secret)
    auth.log.flush()
    with locked(tmp_path / "a.db"):
        for _ in range(5):
            auth.keys.verify(secret)
        assert gauge("waiting") == auth.log.waiting == 5
    auth.log.flush()
    assert gauge("waiting") == auth.log.waiting == 0


def test_what_a_full_spool_loses_is_told(
    reading: Callable[[Any], Any], face: str, opened: Callable[..., Any], tmp_path: Path
) -> None:
    settings = Settings(log_outage="serve", spool_limit=65_536)
    auth = opened(face, f"sqlite:///{tmp_path / 'a.db'}", settings=settings)
    _counted, gauge, _text = reading(auth)
    secret = auth.keys.create("acct_42", name="CI").secret.reveal()
    auth.keys.verify(secret)  # from now on it is remembered, and nothing has to be written for that
    with locked(tmp_path / "a.db"):
        while not auth.log.lost:
            auth.keys.verify(secret)
        assert gauge("lost") == auth.log.lost == 1


def test_H12_no_label_names_anybody(reading: Callable[[Any], Any], alone: Any) -> None:
    _counted, _gauge, text = reading(alone)
    issued = alone.keys.create("canary_account", name="canary_name")
    alone.keys.verify(issued.secret.reveal(), ip="192.0.2.77")
    alone.log.flush()
    told = text()
    assert "key.verify" in told
    for canary in (issued.secret.reveal(), issued.key.id, "canary", "192.0.2.77"):
        assert canary not in told


def test_a_registry_takes_one_auth(opened: Callable[..., Any]) -> None:
    registry = CollectorRegistry()
    prometheus.instrument(opened("blocking", "memory://"), registry)
    with pytest.raises(ValueError, match="Duplicated"):
        prometheus.instrument(opened("blocking", "memory://"), registry)
