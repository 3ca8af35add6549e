"""What people are, by the plainest rules: which of their sessions, links and answers are good when."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pyotp.totp import TOTP

MINUTE = timedelta(minutes=1)
IDLE, LIFETIME = 30 * MINUTE, 50 * MINUTE
LASTS = {"register": 24 * 60 * MINUTE, "verify": 24 * 60 * MINUTE, "email": 60 * MINUTE, "reset": 30 * MINUTE}
CHALLENGE, MAILED = 10 * MINUTE, 10 * MINUTE
WRONG = "invalid_credentials"
MAY = {
    None: {"owner", "admin", "member", "viewer"},
    "models:read": {"owner", "admin", "member", "viewer"},
    "models:write": {"owner", "admin", "member"},
    "keys:manage": {"owner", "admin"},
}


@dataclass(eq=False)
class App:
    """An authenticator app, confirmed or not."""

    id: str
    secret: str
    last_step: int | None = None

    def shown(self, now: datetime, off: int = 0) -> str:
        totp = TOTP(self.secret)
        return totp.generate_otp(totp.timecode(now) + off)

    def step_of(self, code: str, now: datetime) -> int | None:
        """The newest half minute of those around now whose code this is, unless one as new was used up."""
        totp = TOTP(self.secret)
        current = totp.timecode(now)
        steps = [step for step in (current - 1, current, current + 1) if totp.generate_otp(step) == code]
        return max((step for step in steps if self.last_step is None or step > self.last_step), default=None)


@dataclass(eq=False)
class Person:
    """A person. What they had once is kept, so that it can be tried again."""

    id: str
    account: str
    email: str
    password: str
    role: str = "owner"
    verified: bool = False
    disabled: bool = False
    deleted: bool = False
    app: App | None = None
    begun: App | None = None
    codes: list[str] = field(default_factory=list)
    former_passwords: list[str] = field(default_factory=list)
    former_codes: list[str] = field(default_factory=list)
    former_totps: list[str] = field(default_factory=list)
    former_apps: list[App] = field(default_factory=list)

    @property
    def usable(self) -> bool:
        return not (self.disabled or self.deleted)

    def ways(self, shown: tuple[str, ...]) -> tuple[str, ...]:
        """By which second factors they may answer who have shown some of them."""
        if self.app is None:
            return ()
        by_mail = self.verified and "reset" not in shown
        return ("totp", *(("email",) if by_mail else ()), *(("recovery",) if self.codes else ()))

    def take_password(self, new: str) -> None:
        self.former_passwords.append(self.password)
        self.password = new

    def take_codes(self, new: list[str]) -> None:
        self.former_codes += self.codes
        self.codes = new

    def use_code(self, code: str) -> None:
        self.codes.remove(code)
        self.former_codes.append(code)


@dataclass(eq=False)
class Session:
    """Somebody who is signed in, or was."""

    token: str
    id: str
    person: Person
    methods: tuple[str, ...]
    used_at: datetime
    expires_at: datetime
    idles_at: datetime = field(init=False)
    ended: bool = False

    def __post_init__(self) -> None:
        self.idles_at = min(self.used_at + IDLE, self.expires_at)

    def alive(self, now: datetime) -> bool:
        return not self.ended and self.person.usable and now < min(self.idles_at, self.expires_at)

    def fault(self, now: datetime, suspended: set[str]) -> str | None:
        """The wire code with which it is refused."""
        if self.ended or not self.person.usable:
            return "invalid_session"
        if self.person.account in suspended:
            return "account_suspended"
        return None if self.alive(now) else "expired_session"

    def use(self, now: datetime) -> None:
        if now >= self.used_at + IDLE / 30:
            self.used_at, self.idles_at = now, min(now + IDLE, self.expires_at)


@dataclass(eq=False)
class Challenge:
    """Somebody who has shown something and has to show more."""

    token: str
    person: Person
    shown: tuple[str, ...]
    ends_at: datetime
    over: bool = False
    codes: list[str] = field(default_factory=list)  # by mail; the last one counts
    code_ends_at: datetime | None = None

    def good(self, now: datetime) -> bool:
        return not self.over and now < self.ends_at and self.person.usable

    def fits(self, code: str, now: datetime) -> bool:
        ends_at = self.code_ends_at
        return bool(self.codes) and code == self.codes[-1] and ends_at is not None and now < ends_at


@dataclass(eq=False)
class Link:
    """A link in a letter: of a registration it has the password, of all others the person."""

    kind: str
    text: str
    email: str
    ends_at: datetime
    person: Person | None = None
    password: str = ""
    over: bool = False

    def good(self, now: datetime) -> bool:
        whose = self.person is None or self.person.usable
        return whose and not self.over and now < self.ends_at


class Town:
    """All people and what they have been given."""

    def __init__(self) -> None:
        self.people: list[Person] = []
        self.sessions: list[Session] = []
        self.challenges: list[Challenge] = []
        self.links: list[Link] = []
        self.suspended: set[str] = set()

    def whose(self, email: str) -> Person | None:
        return next((one for one in self.people if one.email == email and not one.deleted), None)

    def send(self, link: Link | None, kind: str, whose: Person | str) -> None:
        """A newer link of a kind takes the place of the older, even where no letter could be sent with it."""
        for one in self.links:
            if one.kind == kind and whose in (one.person, one.email if one.person is None else None):
                one.over = True
        if link is not None:
            self.links.append(link)

    def forget(self, person: Person) -> None:
        """Nothing that was sent to them or asked of them is good any more."""
        for one in (*self.links, *self.challenges):
            if one.person is person:
                one.over = True

    def end(self, person: Person, keep: str | None = None) -> int:
        """End their sessions but one, and return how many that were."""
        standing = [one for one in self.sessions if one.person is person and not one.ended and one.id != keep]
        for one in standing:
            one.ended = True
        return len(standing)
