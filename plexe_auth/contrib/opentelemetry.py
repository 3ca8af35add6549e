"""What the access log tells, counted for OpenTelemetry. No name of a customer, a key or an address is an attribute."""

from collections.abc import Callable, Iterator

from opentelemetry.metrics import CallbackOptions, Meter, MeterProvider, Observation, get_meter

from plexe_auth.auth import AsyncAuth, Auth
from plexe_auth.model.entry import LogEntry


def instrument(auth: Auth | AsyncAuth, meter_provider: MeterProvider | None = None) -> None:
    """Count what `auth` decides, and show how its access log is doing.

    ``plexe_auth.entries`` counts the entries of the access log by ``plexe_auth.action``, ``plexe_auth.outcome`` and,
    where something was refused, ``error.type`` (the wire code), once they are stored. ``plexe_auth.log.waiting`` is how
    many still wait for that, and ``plexe_auth.log.lost`` how many had no room, where the log may lose any.

    Args:
        auth: an `Auth` or an `AsyncAuth`. The provider keeps it alive.
        meter_provider: where the metrics go; the global provider by default.

    Example:
        >>> from opentelemetry.sdk.metrics import MeterProvider
        >>> from plexe_auth import Auth
        >>> with Auth.open("memory://") as auth:
        ...     instrument(auth, MeterProvider())
    """
    meter = get_meter("plexe_auth", meter_provider=meter_provider)
    entries = meter.create_counter("plexe_auth.entries", "{entry}", "Entries of the access log that were stored.")
    auth.on("*", lambda entry: entries.add(1, _attributes(entry)))
    _observe(meter, auth)


def _observe(meter: Meter, auth: Auth | AsyncAuth) -> None:
    meter.create_observable_up_down_counter(
        "plexe_auth.log.waiting",
        [_observed(lambda: auth.log.waiting)],
        "{entry}",
        "Entries of the access log that are not stored yet.",
    )
    meter.create_observable_counter(
        "plexe_auth.log.lost",
        [_observed(lambda: auth.log.lost)],
        "{entry}",
        "Entries of the access log that had no room.",
    )


def _attributes(entry: LogEntry) -> dict[str, str]:
    told = {"plexe_auth.action": entry.action, "plexe_auth.outcome": entry.outcome}
    return told if entry.code is None else {**told, "error.type": entry.code}


def _observed(value: Callable[[], int]) -> Callable[[CallbackOptions], Iterator[Observation]]:
    def observed(_options: CallbackOptions) -> Iterator[Observation]:
        yield Observation(value())

    return observed
