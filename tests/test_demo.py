"""The demo tells the whole story by real requests, checks itself, stays up until it is told to stop, and cleans up."""

import http.client
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from plexe_auth import READ_ONLY, READ_WRITE, Auth

ROOT = Path(__file__).parent.parent
SVG = "{http://www.w3.org/2000/svg}"
DEMO = (sys.executable, "-m", "examples.demo")
STORY = [
    "200 OK",
    "401 Unauthorized  invalid_key",
    "401 Unauthorized  invalid_key",
    "200 OK",
    "403 Forbidden  insufficient_permissions",
    "201 Created",
    "200 OK",
    "200 OK",
    "200 OK",
    "401 Unauthorized  revoked_key",
    "200 OK",
]

# The demo with another API behind it: APP is the body of a Flask view that answers every request.
WITH_OTHER_API = """
import os, signal, sys
from flask import Flask
from examples.demo import __main__ as demo, show

def create_app(auth):
    app = Flask("other")
    @app.before_request
    def answer():
        APP
    return app

show.create_app = create_app
sys.exit(demo.main())
"""


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder), "PYTHONIOENCODING": "utf-8", **more}


def run(folder: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment(folder, **more),
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=120,
    )


@contextmanager
def staying_up(folder: Path, *command: str) -> Iterator[tuple[subprocess.Popen[str], list[str], str]]:
    """The demo after its tour, the curl lines that it offers, each with the status that it tells for it, and all."""
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    ) as demo:
        try:
            yield demo, *offered(demo)
        finally:
            demo.kill()


def offered(demo: subprocess.Popen[str]) -> tuple[list[str], str]:
    assert demo.stdout is not None
    lines: list[str] = []
    told = ""
    for line in demo.stdout:
        told += line
        lines += [line] if line.lstrip().startswith(("# ", "curl ")) else []
        if line.lstrip().startswith("curl ") and lines[-2].split() == ["#", "401"]:  # the last of them
            return [f"{status} {curl}" for status, curl in zip(lines[::2], lines[1::2], strict=True)], told
    raise AssertionError("the demo ended")


def got(url: str, cookie: str = "") -> tuple[int, dict[str, str], str]:
    """Look at a page, as a browser that follows nothing."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request("GET", urlsplit(url).path, headers={"cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


def status_of(curl: str) -> int:
    """Do what a curl line does."""
    words = shlex.split(curl)
    url = next(word for word in words if word.startswith("http://"))
    name, value = words[words.index("-H") + 1].split(": ")
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request("PUT" if "-X PUT" in curl else "GET", urlsplit(url).path, headers={name: value})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    return run(tmp_path_factory.mktemp("tour"), *DEMO, "--once")


def test_the_tour_tells_the_whole_story_and_ends_well(tour: subprocess.CompletedProcess[str]) -> None:
    answers = re.findall(r"← (\d+ [\w ]+?(?:  \w+_\w+)?)(?=  )", tour.stdout)
    assert (tour.returncode, tour.stderr, answers) == (0, "", STORY)
    assert "✓ All 11 answers were as promised." in tour.stdout
    assert "✓ All 7 pages of the Console answer." in tour.stdout


def test_a_rotated_key_is_told_of_its_end(tour: subprocess.CompletedProcess[str]) -> None:
    rotated = tour.stdout.partition("auth.keys.rotate")[2].partition("\n\n")[2]
    old, new = rotated.split("\n\n")[:2]
    assert re.search(r"deprecation: @\d+\n +sunset: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$", old)
    assert "deprecation" not in new
    assert "sunset" not in new


def test_the_tour_is_plain_text_without_a_terminal_and_shows_no_whole_key(
    tour: subprocess.CompletedProcess[str],
) -> None:
    assert "\x1b" not in tour.stdout
    assert not re.search(r"plx_sk_\w{20}", tour.stdout)


def test_the_python_that_is_shown_is_python_that_works(tour: subprocess.CompletedProcess[str]) -> None:
    shown = re.findall(r">>> (.+)", tour.stdout)
    with Auth.open("memory://") as auth:
        names = {"auth": auth, "READ_ONLY": READ_ONLY, "READ_WRITE": READ_WRITE, "timedelta": timedelta}
        names["dashboard"] = eval(shown[0], names)
        names["pipeline"] = eval(shown[1], names)
        assert eval(shown[2], names).key.id != names["pipeline"].key.id
        assert eval(shown[3], names).revoked_reason == "leaked"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stays_up_for_the_curl_lines_it_prints_until_it_is_told_to_stop(tmp_path: Path, how: signal.Signals) -> None:
    with staying_up(tmp_path, *DEMO) as (demo, lines, _told):
        told = [int(line.split()[1]) for line in lines]
        assert [status_of(line) for line in lines] == told == [200, 403, 201, 401]
        assert list(tmp_path.iterdir()) != []
        demo.send_signal(how)
        assert demo.wait(timeout=60) == 0
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConnectionRefusedError):
        status_of(lines[0])


def test_it_ends_in_a_console_that_a_link_opens_once_and_in_which_the_tour_is_to_be_seen(tmp_path: Path) -> None:
    with staying_up(tmp_path, *DEMO) as (_demo, _lines, told):
        [link] = re.findall(r"(http://localhost:\d+/console/demo/\w+)", told)
        status, headers, _page = got(link)
        assert (status, headers["location"]) == (303, "/console/keys")
        cookie = headers["set-cookie"].partition(";")[0]
        base = link.partition("/console")[0]
        pages = {name: got(f"{base}/console/{name}", cookie) for name in ("keys", "logs", "usage", "security")}
        assert {status for status, _headers, _page in pages.values()} == {200}
        assert "pipeline" in pages["keys"][2]
        assert "PUT /models/churn" in pages["logs"][2]
        assert "set-cookie" not in got(link)[1]


def test_it_stops_by_an_interrupt_also_where_a_shell_had_that_ignored(tmp_path: Path) -> None:
    in_the_background = ("sh", "-c", 'trap "" INT; exec "$@"', "sh", *DEMO)
    with staying_up(tmp_path, *in_the_background) as (demo, _lines, _told):
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=60) == 0


def test_an_answer_that_is_not_as_promised_ends_it_with_a_failure(tmp_path: Path) -> None:
    ended = run(tmp_path, sys.executable, "-c", WITH_OTHER_API.replace("APP", "return 'welcome'"))
    assert ended.returncode == 1
    assert "✗ promised was 401 invalid_key www-authenticate" in ended.stdout
    assert "✗ 6 of 11 answers were not as promised." in ended.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_tour_is_no_success_and_leaves_nothing(tmp_path: Path) -> None:
    interrupting = WITH_OTHER_API.replace("APP", "os.kill(os.getpid(), signal.SIGINT); return 'welcome'")
    ended = run(tmp_path, sys.executable, "-c", interrupting, "--once")
    assert (ended.returncode, ended.stderr) == (130, "")
    assert list(tmp_path.iterdir()) == []


def test_a_screen_without_our_signs_still_gets_the_tour(tmp_path: Path) -> None:
    ended = run(tmp_path, *DEMO, "--once", PYTHONIOENCODING="ascii")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "? 401 Unauthorized  revoked_key" in ended.stdout


def test_a_picture_of_it_is_drawn_for_the_documentation(tmp_path: Path) -> None:
    file = tmp_path / "images" / "demo.svg"
    assert run(tmp_path, sys.executable, "-m", "examples.demo.picture", str(file)).returncode == 0
    words = " ".join(" ".join(text.itertext()) for text in ET.parse(file).iter(f"{SVG}text"))
    assert all(answer.split()[-1] in words for answer in STORY)
    assert "read & write" in words


def test_a_misspelt_option_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path, *DEMO, "--one").returncode == 2
