"""E-mail addresses, as a list or a sign-in gives them."""

import unicodedata

_LONGEST_ADDRESS = 254  # RFC 5321, less the angle brackets


def address(email: str) -> str | None:
    """The one spelling of an e-mail address: in lower case, NFC; None if it cannot be one."""
    text = email.strip()
    spelled = [unicodedata.normalize("NFC", c.lower()) for c in text]
    # A Kelvin sign becomes a k: whoever is verified as one address must not come in as another.
    is_other = any(one.isascii() and not c.isascii() for c, one in zip(text, spelled, strict=True))
    whole = unicodedata.normalize("NFC", text.lower())
    local, at, domain = whole.rpartition("@")
    is_one = bool(local and at and domain) and whole.isprintable() and " " not in whole and "@" not in local
    return whole if is_one and not is_other and len(whole) <= _LONGEST_ADDRESS else None
