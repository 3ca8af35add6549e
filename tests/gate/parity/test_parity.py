"""The same bytes get the same decision, status and code from every server whose app is asked at all."""

from collections import Counter

import pytest

from tests.gate.keys import Made
from tests.gate.parity.cases import EVERYBODY, Case, corpus
from tests.gate.parity.raw import Address, Got, exchange
from tests.gate.parity.serve import ASGI, SERVERS, WSGI

CASES = corpus()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_H05_the_same_bytes_get_the_same_decision(servers: dict[str, Address], wire_keys: Made, case: Case) -> None:
    data = case.sent(wire_keys.text)
    for server, address in servers.items():
        got = exchange(address, data)
        if not got.is_ours:
            assert server in case.own, (server, got)
            assert got.status == 0 or 400 <= got.status < 600, (server, got)
        else:
            assert told(got, wire_keys) == case.by(server), (server, got)


def told(got: Got, keys: Made) -> str:
    """What an answer says, in the words of the corpus."""
    if "location" in got.headers:
        return f"{got.status} {got.headers['location']}"
    if not got.body:
        return str(got.status)
    if got.status != 200:
        return f"{got.status} {got.code}"
    names = {key_id: name for name, key_id in keys.id.items()}
    return f"200 {names.get(got.who or '', 'nobody')}"


def test_H05_the_corpus_is_large_and_lets_in_as_well_as_out() -> None:
    assert len(CASES) >= 500
    assert len({case.data for case in CASES}) == len(CASES)
    decided = Counter(case.expected.split()[0] for case in CASES)
    assert decided["200"] > 150
    assert decided["401"] > 150
    assert decided["403"] > 70


def test_H05_every_server_is_named_and_most_of_the_corpus_reaches_it() -> None:
    assert set(EVERYBODY) == set(SERVERS)
    assert (len(WSGI), len(ASGI)) == (3, 2)
    for server in SERVERS:
        assert sum(server in case.own for case in CASES) < len(CASES) / 7
    documented = [case for case in CASES if set(case.otherwise) - {"wsgiref"}]
    assert len(documented) < 15
