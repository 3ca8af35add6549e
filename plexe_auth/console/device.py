"""A device in plain words, as far as its browser says what it is; what it says proves nothing."""

_LONGEST = 80
_ANY = "unknown device"

# The first that is named: browsers name those as well that they want to be taken for.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Macintosh": "macOS",
    "Linux": "Linux",
}


def device(user_agent: str | None) -> str:
    """Return what a ``User-Agent`` means, such as ``Firefox on Linux``; one that we do not know is cut short."""
    if not user_agent:
        return _ANY
    browser, system = (_first(known, user_agent) for known in (_BROWSERS, _SYSTEMS))
    return f"{browser} on {system}" if browser and system else user_agent[:_LONGEST]


def _first(known: dict[str, str], user_agent: str) -> str:
    return next((plain for sign, plain in known.items() if sign in user_agent), "")
