"""Wherever plexe_auth is installed, pytest has our fixtures; they cost a run that does not use them next to nothing."""

import textwrap

import pytest

import plexe_auth.testing

pytest_plugins = ["pytester"]

# Under `python -O` pytest says that plain asserts are gone; those of the hosts here are rewritten and are not.
STRICT = (
    "-W",
    "error",
    "-W",
    "ignore:assertions not in test modules",
    "--strict-markers",
    "--strict-config",
    "-p",
    "no:cacheprovider",
)

HOST = '''
    """A host's test that knows nothing but the fixtures."""

    import asyncio
    from datetime import timedelta

    import pytest

    from plexe_auth import ExpiredKey, Policy
    from plexe_auth.wsgi import AuthMiddleware

    @pytest.mark.parametrize("_n", range(3))
    def test_blocking(plexe_auth, plexe_key, plexe_clock, plexe_mailbox, _n):
        header = plexe_key("models:read", expires_in=timedelta(hours=1))
        assert plexe_auth.keys.verify(header["x-api-key"], "models:read").account_id == "acct_test"
        plexe_clock.advance(timedelta(hours=1))
        with pytest.raises(ExpiredKey):
            plexe_auth.keys.verify(header["x-api-key"])
        assert list(plexe_mailbox) == []

    def test_awaited(plexe_auth_async, plexe_key):
        async def main():
            return await plexe_auth_async.keys.verify(plexe_key()["x-api-key"])
        assert asyncio.run(main()).account_id == "acct_test"

    @pytest.mark.anyio
    async def test_in_a_test_that_is_a_coroutine(plexe_auth_async, plexe_key):
        assert (await plexe_auth_async.keys.verify(plexe_key()["x-api-key"])).account_id == "acct_test"

    @pytest.fixture
    def anyio_backend():
        return "asyncio"
'''


def run(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    """Run a host's tests in a fresh folder and a process of its own, as its own pytest would."""
    pytester.makepyfile(textwrap.dedent(source))
    return pytester.runpytest_subprocess(*STRICT, *options)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_fixtures_work_in_a_fresh_project_where_warnings_are_errors(
    pytester: pytest.Pytester, workers: str
) -> None:
    run(pytester, HOST, "-n", workers).assert_outcomes(passed=5)


def test_a_run_that_uses_no_fixture_loads_nothing_but_the_plugin(pytester: pytest.Pytester) -> None:
    source = """
        import sys

        def test_loaded():
            ours = {name for name in sys.modules if name.partition(".")[0] == "plexe_auth"}
            assert ours == {"plexe_auth", "plexe_auth.testing", "plexe_auth.testing.plugin"}
            assert not {"sqlalchemy", "passlib", "limits", "alembic"} & set(sys.modules)
    """
    run(pytester, source).assert_outcomes(passed=1)


def test_a_run_that_uses_them_loads_no_database_either(pytester: pytest.Pytester) -> None:
    source = """
        import sys

        def test_loaded(plexe_auth, plexe_auth_async, plexe_key):
            plexe_auth.keys.verify(plexe_key()["x-api-key"])
            assert not {"sqlalchemy", "passlib", "limits", "alembic"} & set(sys.modules)
    """
    run(pytester, source).assert_outcomes(passed=1)


def test_the_fixtures_can_be_turned_off(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(plexe_auth): ...", "-p", "no:plexe_auth")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'plexe_auth' not found*"])


def test_the_fixtures_can_be_loaded_where_plugins_are_not(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    source = "def test_it(plexe_auth, plexe_key): plexe_auth.keys.verify(plexe_key()['x-api-key'])"
    run(pytester, source, "-p", "plexe_auth.testing.plugin").assert_outcomes(passed=1)


def test_a_host_may_put_its_own_clock_in_place(pytester: pytest.Pytester) -> None:
    source = """
        from datetime import UTC, datetime

        import pytest

        from plexe_auth import AuthError

        @pytest.fixture
        def plexe_clock():
            return lambda: datetime.now(UTC)

        def test_it(plexe_auth, plexe_key):
            assert plexe_key().key.created_at.year >= datetime.now(UTC).year - 1
            with pytest.raises(AuthError, match="expired"):
                plexe_auth.keys.verify(plexe_key(expired=True)["x-api-key"])
    """
    run(pytester, source).assert_outcomes(passed=1)


def test_a_failed_test_prints_no_key_among_its_locals(pytester: pytest.Pytester) -> None:
    source = """
        def test_it(plexe_auth, plexe_key):
            header = plexe_key()
            plexe_auth.keys.revoke(header.key.id)
            plexe_auth.keys.verify(header["x-api-key"])
    """
    result = run(pytester, source, "-vv", "--showlocals")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*KeyHeader(x-api-key: plx_sk_????…????)*"])
    result.stdout.no_re_match_line(r".*plx_sk_\w{20}")


def test_every_fixture_says_what_it_is_where_pytest_lists_them(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONOPTIMIZE", raising=False)  # which takes the docstrings away
    listed = pytester.runpytest_subprocess("--fixtures").stdout.str()
    ours = ("plexe_auth", "plexe_auth_async", "plexe_clock", "plexe_key", "plexe_mailbox", "plexe_settings")
    found = {line.split()[0] for line in listed.splitlines() if line.startswith(("plexe_", "_plexe_"))}
    assert found == set(ours)
    assert "no docstring available" not in listed[listed.index("plexe_clock") :].partition("\n\n\n")[0]


def test_the_package_offers_what_hosts_name_in_annotations() -> None:
    assert dir(plexe_auth.testing) == sorted(plexe_auth.testing.__all__)
    assert [getattr(plexe_auth.testing, name).__name__ for name in dir(plexe_auth.testing)] == dir(plexe_auth.testing)


def test_the_package_offers_nothing_else() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = plexe_auth.testing.Nothing  # pyright: ignore[reportAttributeAccessIssue]
