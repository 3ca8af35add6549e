"""The tests on every version that we promise, one lane per promise: `pipx run nox`, or `nox -s lowest`."""

import nox

nox.options.default_venv_backend = "virtualenv"
nox.options.sessions = ["tests", "lowest", "libpass", "optimized"]

PYTHONS = ["3.11", "3.12", "3.13"]


def install(session: nox.Session) -> None:
    session.install("-e", ".[all]", "--group", "test")


def test(session: nox.Session, *arguments: str, **environment: str) -> None:
    session.run("pytest", "-n", "auto", *arguments, *session.posargs, env=environment)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Every Python, with the newest of everything."""
    install(session)
    test(session)


@nox.session(python=PYTHONS[0])
def lowest(session: nox.Session) -> None:
    """The lowest versions that pyproject.toml allows."""
    session.install("uv")
    session.run("uv", "pip", "install", "--resolution", "lowest-direct", "-e", ".[all]", "--group", "test")
    test(session)


@nox.session(python=PYTHONS)
def libpass(session: nox.Session) -> None:
    """The maintained fork in place of passlib; both own one folder, so one leaves before the other comes."""
    install(session)
    session.run("pip", "uninstall", "--yes", "passlib")
    session.install("libpass")
    test(session)


@nox.session(python=PYTHONS[0])
@nox.parametrize("level", ["1", "2"])
def optimized(session: nox.Session, level: str) -> None:
    """`python -O` and `-OO`: nothing of ours leans on `assert` or on a docstring being there.

    By environment, which the workers inherit. pytest rewrites the asserts of tests, so these still hold, and
    warns of all others. Without its docstring it also forgets that its own pytester asks not to be rewritten.
    """
    install(session)
    said = ("assertions not in test modules", "Module already imported so cannot be rewritten; _pytest.pytester")
    test(session, *(word for message in said for word in ("-W", f"ignore:{message}")), PYTHONOPTIMIZE=level)
