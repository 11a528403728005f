"""What goes wrong on the way to a platform. ``retryable``: the same request may go through later."""

from tracelib.errors import SettingsError, SyncError


class UnreachableError(SyncError):
    """No connection: the request certainly did not arrive."""

    code = "sync.unreachable"
    retryable = True
    template = "{platform} cannot be reached: {detail}. Nothing was sent; try again later."


class ReplyLostError(SyncError):
    """The request left and no usable answer came: it may have been carried out or not."""

    code = "sync.reply_lost"
    retryable = True
    template = "{platform} gave no usable answer ({detail}): what became of the request is not known and will be asked."


class BusyError(SyncError):
    """The platform asks to come back later; it took nothing. ``retry_after_s`` in ``params`` where it said when."""

    code = "sync.busy"
    retryable = True
    template = "{platform} takes nothing now (status {status}): it asks to come back later."


class LoginRefusedError(SyncError):
    """401 or 403."""

    code = "sync.login_refused"
    template = "{platform} refuses the access (status {status}): check the token that the setting sync.token names."


class WrongAddressError(SyncError):
    """404, 405, 406, 415, 501 where the interface should be."""

    code = "sync.wrong_address"
    template = "{platform} has no EPCIS 2.0 capture interface at {path} (status {status}): check the setting sync.url."


class RedirectRefusedError(SyncError):
    """A redirect, or an answer that points to another host. Never followed: the token would go there too."""

    code = "sync.redirect"
    template = "{platform} points to {location}; redirects are not followed. Set sync.url to the right address."


class AnswerTooLargeError(SyncError):
    """More bytes in an answer than any answer needs."""

    code = "sync.answer_too_large"
    retryable = True
    template = "{platform} answered with more than {limit} bytes; the answer was not read to its end."


class UnusableAnswerError(SyncError):
    """An answer that is not what the REST binding says."""

    code = "sync.unusable_answer"
    retryable = True
    template = "{platform} answered something that cannot be used: {detail}."


class SyncAddressError(SettingsError):
    """The setting sync.url is missing or no address."""

    code = "sync.address"
    template = (
        "The setting sync.url is «{given}»; expected the base address of an EPCIS capture interface, such as "
        "https://hub.example.com/epcis, without user name, password or query."
    )


class TokenError(SettingsError):
    """The setting sync.token names nothing that can be read."""

    code = "sync.token"
    template = "The setting sync.token is «{given}»: {detail}. Expected env:NAME or file:PATH; never the token itself."
