"""What in a text looks like data about a person: an e-mail address, a telephone number, a date of birth. Pure functions.

The register holds nothing about the person who makes a request. These patterns find what is written down by mistake, in
English and French. They are a reminder and no proof: a name alone is not found, because models have such names too.
Names of models, dates of events and references such as DSR-2026-0042 are left alone.
"""

import re
import unicodedata

EMAIL = "an e-mail address"
TELEPHONE = "a telephone number"
BIRTH = "a date of birth"

# The end of a domain has letters only: `org/model@v1.0` is a revision.
_EMAIL = re.compile(
    r"[\w.%+'-]{1,64}(?:@|%40|\s?[(\[](?:at|arobase)[)\]]\s?)(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])",
    re.IGNORECASE,
)

# Not within a word, a name, a version or a longer number.
_BEFORE, _AFTER = r"(?<![\w.\-/+])", r"(?![\w]|[.\-/]\d)"
_TELEPHONES = (
    # +33 6 12 34 56 78, +1 (415) 555-2671
    re.compile(rf"(?<![\w+])\+[1-9](?:[ .\-/()]{{0,2}}\d){{7,14}}{_AFTER}"),
    # 0033 6 12 34 56 78; a shorter number with two zeros is a reference.
    re.compile(rf"{_BEFORE}00[1-9](?:[ .\-]?\d){{9,13}}{_AFTER}"),
    # 06 12 34 56 78; one separator throughout, so that a date and an hour are none.
    re.compile(rf"{_BEFORE}0[1-9]([ .\-]?)\d\d(?:\1\d\d){{3}}{_AFTER}"),
    # 020 7946 0958, 07700 900123
    re.compile(rf"{_BEFORE}0[1-9]\d{{1,3}} \d{{3,4}} \d{{3,4}}{_AFTER}"),
    re.compile(rf"{_BEFORE}07\d{{3}} \d{{6}}{_AFTER}"),
    # (415) 555-2671, 415-555-2671
    re.compile(rf"{_BEFORE}(?:\([2-9]\d\d\) ?|[2-9]\d\d([ .\-]))[2-9]\d\d[ .\-]\d{{4}}{_AFTER}"),
    # Whatever is called one.
    re.compile(
        r"\b(?:t[ée]l(?:[ée]phone)?|phone|mobile|portable)\b\.?(?: number| n[°o])?[ :]{1,3}[+(]?\d(?:[ .\-()]{0,2}\d){6,14}\b",
        re.IGNORECASE,
    ),
)

_MONTHS = (
    "jan(?:uary|vier)?|feb(?:ruary)?|f[ée]v(?:rier)?|mar(?:ch|s)?|apr(?:il)?|avr(?:il)?|may|mai|june?|juin|july?|juil(?:let)?"
    "|aug(?:ust)?|ao[uû]t|sep(?:t(?:ember|embre)?)?|oct(?:ober|obre)?|nov(?:ember|embre)?|d[ée]c(?:ember|embre)?"
)
_DAY_AND_MONTH = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th|er)? (?:of )?(?i:{_MONTHS})\.?|(?i:{_MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?),?"
)


def _dates(year: str) -> str:
    """A pattern of dates, in whichever order, with this pattern of the year."""
    numbers = rf"\d{{1,2}}[./-]\d{{1,2}}[./-]{year}|{year}-\d{{1,2}}-\d{{1,2}}"
    return rf"(?:(?<!\d)(?:{numbers}|{_DAY_AND_MONTH} {year})(?!\d))"


_ANY_DATE = _dates(r"(?:\d{4}|\d{2})")
# Of a year in which there was no Hub: what happened to a model is younger.
_OLD_DATE = _dates(r"(?:19\d\d|20(?:0\d|1[0-5]))")
_WORD = r"(?:[A-ZÀ-ÖØ-Þ](?:[^\W\d_]|['\u2019-])*[^\W\d_]|[A-ZÀ-ÖØ-Þ]\.)"
_NAME = rf"(?<![\w/-]){_WORD}(?: (?:d[eu] |van |von )?{_WORD}){{1,3}}"
_BETWEEN = r"[ ,;:(\u2013-]{1,4}"
_BIRTHS = (
    re.compile(
        r"(?:\bn[ée]e?(?:\([ée]\))?(?: en| le)\b|\bborn\b|\b(?:date of )?birth(?:day|date)?\b|\bd\.?o\.?b\b\.?"
        rf"|\b(?:date de )?naissance\b|\banniversaire\b)[^\d\n]{{0,25}}?{_ANY_DATE}",
        re.IGNORECASE,
    ),
    re.compile(rf"{_NAME}{_BETWEEN}(?:\* ?)?{_OLD_DATE}"),
    re.compile(rf"{_OLD_DATE}{_BETWEEN}{_NAME}"),
)


def personal_data(text: str) -> list[str]:
    """What of this kind the text seems to hold; nothing of the text itself, so that it can be said in a log."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    found = [EMAIL] if _EMAIL.search(text) else []
    found += [TELEPHONE] if any(pattern.search(text) for pattern in _TELEPHONES) else []
    found += [BIRTH] if any(pattern.search(text) for pattern in _BIRTHS) else []
    return found
