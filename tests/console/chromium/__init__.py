"""The Console in a real browser, Debian's Chromium, on real servers in both colours and with a real mail server."""
