"""What the access log tells, counted for Prometheus. No name of a customer, a key or an address becomes a label."""

from collections.abc import Iterator

from prometheus_client import REGISTRY, CollectorRegistry, Counter
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from plexe_auth.auth import AsyncAuth, Auth


def instrument(auth: Auth | AsyncAuth, registry: CollectorRegistry = REGISTRY) -> None:
    """Count what `auth` decides, and show how its access log is doing.

    ``plexe_auth_entries_total`` counts the entries of the access log by ``action``, ``outcome`` and ``code``, once they
    are stored. ``plexe_auth_log_waiting_entries`` is how many still wait for that, and
    ``plexe_auth_log_lost_entries_total`` how many had no room, where the log may lose any. Each process tells its own.

    Args:
        auth: an `Auth` or an `AsyncAuth`. The registry keeps it alive.
        registry: where the metrics are registered.

    Raises:
        ValueError: the registry has these metrics already; give each `auth` of a process a registry of its own.

    Example:
        >>> from prometheus_client import CollectorRegistry
        >>> from plexe_auth import Auth
        >>> registry = CollectorRegistry()
        >>> with Auth.open("memory://") as auth:
        ...     instrument(auth, registry)
        ...     key = auth.keys.create("acct_42", name="CI").key
        >>> created = {"action": "key.create", "outcome": "allowed", "code": ""}
        >>> registry.get_sample_value("plexe_auth_entries_total", created)
        1.0
    """
    registry.register(_Log(auth))
    entries = Counter(
        "plexe_auth_entries",
        "Entries of the access log that were stored.",
        ("action", "outcome", "code"),
        registry=registry,
    )
    auth.on("*", lambda entry: entries.labels(entry.action, entry.outcome, entry.code or "").inc())


class _Log(Collector):
    def __init__(self, auth: Auth | AsyncAuth) -> None:
        self._log = auth.log

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "plexe_auth_log_waiting_entries", "Entries of the access log that are not stored yet.", self._log.waiting
        )
        yield CounterMetricFamily(
            "plexe_auth_log_lost_entries", "Entries of the access log that had no room.", self._log.lost
        )
