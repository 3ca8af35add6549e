"""What the frames of our own code hold that an error came through: what a report of the error could show."""


def framed(error: BaseException) -> str:
    """All that the frames of our own code hold that an error came through, and those of what led to it."""
    found, one = [], error.__traceback__
    while one is not None:
        if "/plexe_auth/" in one.tb_frame.f_code.co_filename:
            found.append(repr(one.tb_frame.f_locals))
        one = one.tb_next
    led = error.__cause__ or error.__context__
    return " ".join(found) + (framed(led) if led is not None else "")
