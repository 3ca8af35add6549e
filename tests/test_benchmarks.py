"""A benchmark leaves nothing out: what cannot be measured is told with its reason; a goal is judged from its side."""

import asyncio
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from benchmarks import chart, table
from benchmarks.__main__ import BENCHMARKS, measured
from benchmarks.effort import Effort
from benchmarks.environments import NotMade
from benchmarks.finding import Bar, Finding, Ratio, Sheet
from benchmarks.load import clocked
from benchmarks.missed import missed
from benchmarks.peers import catalogue
from benchmarks.peers.catalogue import PEERS, Peer
from benchmarks.peers.race import race
from benchmarks.peers.report import told
from benchmarks.peers.result import Result

SCRIPTS = Path(catalogue.__file__).parent
NOBODY = Peer("key", "nobody", "not there", "nobody", "")


@pytest.mark.parametrize(
    ("value", "at_least", "verdict"),
    [(0.5, False, "met"), (0.9, False, "MISSED"), (0.5, True, "MISSED"), (0.9, True, "met")],
)
def test_a_goal_is_judged_from_its_own_side(value: float, at_least: bool, verdict: str) -> None:
    assert Ratio("kept", value, 0.8, at_least).verdict == verdict


@pytest.mark.parametrize("at_least", [False, True])
def test_a_goal_that_is_just_reached_is_met(at_least: bool) -> None:
    assert Ratio("kept", 0.88, 0.88, at_least).verdict == "met"


@pytest.mark.parametrize(
    ("value", "floor", "verdict"),
    [(0.9, 0.9, "met"), (0.7, 0.9, "MISSED"), (0.7, 0.75, "MISSED, by the floor too"), (0.7, None, "MISSED")],
)
def test_a_goal_that_the_floor_misses_too_is_told_so(value: float, floor: float | None, verdict: str) -> None:
    assert Ratio("kept", value, 0.8, at_least=True, floor=floor).verdict == verdict


def test_what_misses_its_goal_is_told_in_one_place_with_its_floor() -> None:
    ratios = [Ratio("good", 1.0, 2.0), Ratio("slow", 3.0, 2.0, floor=2.5), Ratio("without a goal", 9.0)]
    (found,) = missed([Finding("one", "", ratios=ratios), Finding("two", "", ratios=ratios[:1])])
    assert [one.name for one in found.ratios] == ["slow"]
    assert "| slow | 3.00 | ≤ 2 | 2.50 | MISSED, by the floor too |" in table.page([found], "here", [])
    assert missed([Finding("two", "", ratios=ratios[:1])]) == []


def test_a_picture_of_goals_marks_where_the_floor_is() -> None:
    plain, marked = (chart.goals([Finding("", "", ratios=[Ratio("", 3.0, 2.0, floor=one)])]) for one in (None, 1.5))
    assert marked.count("<line") - plain.count("<line") == 1


def test_peers_take_turns_and_one_that_cannot_start_is_told_with_its_reason() -> None:
    ours, nobody = race([catalogue.WARM, NOBODY], rounds=2, milliseconds=2)
    assert not ours.missing
    assert len(ours.ratios) == 2
    assert len(ours.floors) == len(ours.batches) == len(ours.singles)
    assert ours.ratio > 1  # a verification does more than hash its key
    assert "benchmarks.peers.nobody" in nobody.missing


def children(_effort: Effort) -> list[Finding]:
    child = get_context("spawn").Process(target=print)
    child.start()
    child.join()
    return [Finding("children", f"ended with {child.exitcode}")]


def test_a_benchmark_has_a_process_of_its_own_and_may_have_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BENCHMARKS, "children", children)
    (found,) = measured(["children"], Effort(quick=True, ten_million=False))
    assert found.how == "ended with 0"


def test_what_is_missing_is_in_the_report() -> None:
    keys, sessions = told([Result(one, missing="there is no network") for one in PEERS])
    notes = "\n".join(keys.notes + sessions.notes)
    assert [one.title for one in PEERS if f"{one.title}: not measured, for there is no network" not in notes] == []


def test_what_cannot_be_counted_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("os.geteuid", lambda: 1)  # nobody who could install it
    (found,) = BENCHMARKS["counted"](Effort(quick=True, ten_million=False))
    assert found.how == "Not measured: valgrind is not installed (Debian: apt install valgrind)."


def test_every_peer_has_its_script_and_versions_that_are_pinned() -> None:
    scripts = {file.stem for file in SCRIPTS.glob("*.py")}
    assert [one.title for one in PEERS if one.script not in scripts] == []
    assert [one for peer in PEERS for one in peer.requirements if "==" not in one] == []


def test_words_of_others_cannot_break_the_page_or_a_picture() -> None:
    odd = "a | b & <c>"
    bars, ratios = [Bar(odd, 3.0, is_ours=True)], [Ratio(odd, 3.0, 2.0)]
    finding = Finding("odd", odd, ratios=ratios, sheets=[Sheet(("", "µs"), [(odd, "1")])], bars=bars)
    for picture in (chart.race([finding]), chart.goals([finding])):
        assert odd in "".join(ET.fromstring(picture).itertext())
    rows = [line for line in table.page([finding], "here", []).splitlines() if "<c>" in line and line.startswith("|")]
    assert [row.count("|") for row in rows] == [3, 5]


@pytest.mark.parametrize("told", [None, "", "9000\n"])
def test_a_worker_that_answered_too_little_to_be_timed_is_told_so(told: str | None, tmp_path: Path) -> None:
    file = tmp_path / "times"
    if told is not None:
        file.write_text(told)
    with pytest.raises(NotMade, match="too few"):
        clocked.median(file)
    file.write_text("9000\n4000\n6000\n")
    assert clocked.median(file) == 5.0


@pytest.fixture
def spend(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets so many nanoseconds pass by the clock by which a middleware is timed. Each request is written down."""
    now = 0

    def spend(nanoseconds: int) -> None:
        nonlocal now
        now += nanoseconds

    monkeypatch.setattr(clocked, "_clock", lambda: now)
    monkeypatch.setattr(clocked, "EACH", 1)
    return spend


def test_what_a_wsgi_middleware_takes_is_neither_the_apps_nor_the_servers(spend: Any, tmp_path: Path) -> None:
    def app(_environ: Any, start_response: Any) -> list[bytes]:
        spend(100)
        start_response("204 No Content", [])
        spend(100)
        return []

    def front(app: Any) -> Any:
        def guarded(environ: Any, start_response: Any) -> Any:
            def begun(*told: Any) -> Any:
                spend(3)
                return start_response(*told)

            spend(5)
            body = app(environ, begun)
            spend(7)
            return body

        return guarded

    clocked.wsgi(front, app, clocked.Samples(str(tmp_path / "times")))({}, lambda *_told: spend(1000))
    assert (tmp_path / "times").read_text() == "15\n"


def test_what_an_asgi_middleware_takes_is_neither_the_apps_nor_the_servers(spend: Any, tmp_path: Path) -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        spend(100)
        await send({})
        spend(100)

    def front(app: Any) -> Any:
        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            async def begun(message: Any) -> None:
                spend(3)
                await send(message)

            spend(5)
            await app(scope, receive, begun)
            spend(7)

        return guarded

    async def send(_message: Any) -> None:
        spend(1000)

    asyncio.run(clocked.asgi(front, app, clocked.Samples(str(tmp_path / "times")))({}, None, send))
    assert (tmp_path / "times").read_text() == "15\n"
