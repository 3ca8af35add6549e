"""What answers tell alike is written once for each rate, and as many rates as customers choose take bounded room."""

from plexe_auth.admission import Constant
from plexe_auth.wire import fields

MOST = 1024
ALIKE = ("cache-control", "no-store")


def test_each_rate_is_told_beside_what_is_told_anyway_and_few_are_kept() -> None:
    constant = Constant(fields(ALIKE))
    for count in range(1, 2 * MOST + 10):
        expected = fields(ALIKE, ("ratelimit-policy", f'"default";q={count};w=60'))
        assert constant[count, 60] == constant[count, 60] == expected
        assert len(constant) <= MOST
    assert constant[7, 3600] == fields(ALIKE, ("ratelimit-policy", '"default";q=7;w=3600'))
    assert constant.unrated == fields(ALIKE)


def test_a_rate_that_is_kept_is_not_written_again() -> None:
    constant = Constant(fields())
    assert constant[7, 60] is constant[7, 60]
