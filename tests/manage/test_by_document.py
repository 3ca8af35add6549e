"""All that ``/openapi.json`` allows is done or refused as it says, and all that it does not allow is refused."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from schemathesis import GenerationMode

from tests.manage.mounts import PREFIX, Asgi, Mount

EXAMPLES = 15
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large, HealthCheck.large_base_example]
BOTH = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.fixture
def schema(kind: type[Mount], api: Mount) -> Any:
    load = schemathesis.openapi.from_asgi if kind is Asgi else schemathesis.openapi.from_wsgi
    return load(f"{PREFIX}/openapi.json", api.app)


def can_be_wrong(operation: Any) -> bool:
    return bool(operation.body) or any(one.location == "query" for one in operation.iter_parameters())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_H02_what_the_document_says_is_what_is_done(schema: Any, key: str, auth: Any) -> None:
    asked = [result.ok() for result in schema.get_all_operations()]
    assert len(asked) == 9  # all but that of the document itself
    ways = [(one, mode) for one in asked for mode in BOTH if mode is BOTH[0] or can_be_wrong(one)]
    assert len(ways) == 15
    for operation, mode in ways:
        held(operation.as_strategy(generation_mode=mode), key)


def is_of_a_long_span(case: Any) -> bool:
    """Whether usage is asked for of more than it totals at once: that is refused, which no schema can say."""
    query = case.query or {}
    if not case.operation.path.endswith("/usage") or "since" not in query:
        return False
    try:
        since, until = (datetime.fromisoformat(query[name]) for name in ("since", "until"))
    except (KeyError, TypeError, ValueError):
        return True
    return until - since > timedelta(days=31)


def held(cases: Any, key: str) -> None:
    @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=SLOW)
    @given(case=cases)
    def check(case: Any) -> None:
        assume(not is_of_a_long_span(case))
        case.call_and_validate(headers={"x-api-key": key})

    check()
