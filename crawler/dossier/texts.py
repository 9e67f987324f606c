"""The texts of a dossier: one catalogue for each language, and the form that it gives to numbers, shares and dates.

A text is a format with named places: `{n}` is the number that decides between its forms, a name in it comes from strangers.
What is filled in is escaped, unless it is markup already; so no name becomes part of the page.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup, escape

from crawler.pictures.labels import Labels, clean

CATALOGUES = Path(__file__).parent / "texts"
# The first is the default.
LANGUAGES = ("en", "fr")
# Which numbers take the form for one; all others take the form for others.
_IS_ONE: Mapping[str, Callable[[int], bool]] = {"en": lambda n: n == 1, "fr": lambda n: n < 2}


def name(text: str) -> Markup:
    """A name from strangers, as markup: its direction ends where it ends."""
    shown = escape(clean(text))
    return shown if text.isascii() else Markup("<bdi>{}</bdi>").format(shown)


class Texts:
    """A language."""

    def __init__(self, language: str, catalogue: Mapping[str, Any]) -> None:
        self.language = language
        self._catalogue = catalogue
        self._is_one = _IS_ONE[language]
        self._formats: dict[tuple[str, str | None], Markup] = {}

    def __call__(self, key: str, n: int | None = None, /, **values: Any) -> Markup:
        """The text of that key, `section.name`, filled in; KeyError where the catalogue lacks it."""
        filled = {place: self._written(value) for place, value in values.items()}
        if n is not None:
            filled["n"] = self._written(n)
        return self._format(key, n).format(**filled)

    def has(self, key: str) -> bool:
        """Whether there is a text of that key."""
        try:
            self._leaf(key)
        except KeyError:
            return False
        return True

    def _format(self, key: str, n: int | None) -> Markup:
        form = None if n is None else "zero" if n == 0 else "one" if self._is_one(n) else "other"
        if (key, form) not in self._formats:
            leaf = self._leaf(key)
            if isinstance(leaf, Mapping):
                if n is None:
                    raise KeyError(f"{key} needs a number")
                spare = "one" if self._is_one(n) else "other"
                leaf = leaf.get(form, leaf[spare])
            self._formats[key, form] = escape(leaf)
        return self._formats[key, form]

    def _leaf(self, key: str) -> Any:
        found: Any = self._catalogue
        for part in key.split("."):
            if not isinstance(found, Mapping) or part not in found:
                raise KeyError(f"the texts in {self.language} lack {key}")
            found = found[part]
        return found

    def _written(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self.moment(value) if isinstance(value, date) else value
        return self.number(value) if isinstance(value, int) else self.share(value)

    def number(self, value: int) -> str:
        """A whole number with the language's separator of thousands."""
        return f"{value:,}".replace(",", self._leaf("form.thousands"))

    def share(self, value: float) -> str:
        """A share of 1 in percent. Only nothing is 0, and only all is 100."""
        kept = min(max(value, 0.0), 1.0)
        text = f"{kept * 100:.1f}"
        sign = ""
        if 0 < kept < 0.0005:
            sign, text = "< ", "0.1"
        elif 0.9995 <= kept < 1:
            sign, text = "> ", "99.9"
        return sign + str(self._leaf("form.percent")).format(n=text.replace(".", self._leaf("form.decimal")))

    def day(self, value: date) -> str:
        """A day, with the name of its month."""
        first = "first_of_month" if value.day == 1 and self.has("form.first_of_month") else "day"
        month = self._leaf("form.months")[value.month - 1]
        return str(self._leaf(f"form.{first}")).format(day=value.day, month=month, year=value.year)

    def moment(self, value: date) -> str:
        """A day, with the time if there is one."""
        if not isinstance(value, datetime):
            return self.day(value)
        form = str(self._leaf("form.moment"))
        return form.format(day=self.day(value), hour=value.hour, minute=f"{value.minute:02}")

    def when(self, text: str) -> str:
        """A day or a time that is written as ISO 8601."""
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return self.day(date.fromisoformat(text))
        return self.moment(datetime.fromisoformat(text))

    def joined(self, items: Iterable[Any]) -> Markup:
        """The items as a list in a sentence."""
        shown = [item if isinstance(item, Markup) else escape(item) for item in items]
        if len(shown) < 2:
            return Markup("").join(shown)
        return self("form.last", items=Markup(", ").join(shown[:-1]), item=shown[-1])

    def labels(self) -> Labels:
        """The texts of pictures."""
        texts: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in self._leaf("picture").items()
        }
        return Labels(language=self.language, number=self.number, **texts)


@cache
def texts(language: str) -> Texts:
    """The texts of that language, one of LANGUAGES."""
    catalogue = yaml.safe_load((CATALOGUES / f"{language}.yaml").read_text(encoding="utf-8"))
    return Texts(language, catalogue)
