"""Takes people out of texts: e-mail addresses, and the names of users in the paths of their home folders.

Nothing that a Hub could hold has such a name, so no link is lost. The archive and the parser mask alike, and masking
twice changes nothing: what was masked in the archive is read as the text that was received would be.
"""

import re

# Between these, a text is one word. Each word is looked at once: the time is linear, whatever the text is.
_AT = re.compile("(@|%40)")
_WORD = re.compile(r"[^\s/\\<>()\[\]{}\"'`,;:=?&|#]+")
# The end of a domain has letters only: `org/model@v1.0` is a revision.
_DOMAIN = re.compile(r"(?:@|%40)(?!…)[^@%\s]*?\.(?:[^\W\d_]{2,}|xn--[a-z0-9-]+)(?![\w-])", re.IGNORECASE)
# A Hub may have owners called `home` and `users`: their addresses are no paths. The folder of a model in the Hub client's
# cache names the model, wherever it is.
_END = r"(?=[/\\](?:models|datasets|spaces)--|[,;\n]|\Z)"
_HOME = re.compile(
    r"((?<!\.co)(?<!hf:/)[/\\](?:home|users|documents and settings)[/\\]++|(?<![^\s:=\"'(\[,;|])~(?=[^\W\d_]))"
    rf"(?!…{_END})[^,;\n]+?{_END}",
    re.IGNORECASE,
)
_IN_HOME = re.compile(r"[/\\](?:home|users|documents and settings)[/\\]")
_MASKED_EMAIL = re.compile("(?:@|%40)…")
_MASKED_HOME = re.compile(r"[/\\~]…")


def redacted(text: str) -> str:
    """`text` with `j…@…` for each e-mail address, and `/home/…` for each path in a home folder."""
    if not may_be_redacted(text.lower()):
        return text
    return _HOME.sub(r"\1…", _WORD.sub(_without_address, text))


def may_be_redacted(lower: str) -> bool:
    """Whether `redacted` could change a text, which is given in lower case."""
    # Single characters are found much faster than words.
    if "@" in lower or "~" in lower or ("%" in lower and "%40" in lower):
        return True
    # `diffusers` is the library of one model in ten.
    return ("home" in lower or "users" in lower or "settings" in lower) and bool(_IN_HOME.search(lower))


def _without_address(word: re.Match[str]) -> str:
    if not _DOMAIN.search(word[0]):
        return word[0]
    name, at, _ = _AT.split(word[0], 1)
    # What stands behind a slash may be a name, and what stands behind its `@` a revision.
    named = word.start() > 0 and word.string[word.start() - 1] in "/\\"
    return f"{name if named else name[:1] + '…'}{at}…"


def masked(text: str) -> str | None:
    """What `redacted` masked in `text`: `email` or `local_path`; None where it masked nothing."""
    if "…" not in text:
        return None
    return "email" if _MASKED_EMAIL.search(text) else "local_path" if _MASKED_HOME.search(text) else None
