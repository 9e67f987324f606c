"""The catalogues of both languages, and what they make of numbers, dates and names."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml
from markupsafe import Markup

from crawler.answers import library, parameters
from crawler.dossier import contacts, html, limits
from crawler.dossier.groups import APART
from crawler.dossier.texts import CATALOGUES, LANGUAGES, Texts, name, texts
from crawler.pictures import marks
from crawler.pictures.labels import ENGLISH, Labels, clean
from crawler.records import words
from crawler.records.evidence import SOURCES
from crawler.resources import shipped

THIN = "\u202f"
FORMS = {"zero", "one", "other"}


def leaves(tree: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every text with its key; the forms of one text stay together."""
    if isinstance(tree, Mapping) and not set(tree) <= FORMS:
        for part, below in tree.items():
            yield from leaves(below, f"{key}.{part}" if key else part)
    else:
        yield key, tree


def catalogue(language: str) -> dict[str, Any]:
    return dict(leaves(yaml.safe_load((CATALOGUES / f"{language}.yaml").read_text(encoding="utf-8"))))


def forms(leaf: Any) -> list[str]:
    return list(leaf.values()) if isinstance(leaf, Mapping) else leaf if isinstance(leaf, list) else [leaf]


def places(leaf: Any) -> set[str]:
    return {place for form in forms(leaf) for _, place, _, _ in Formatter().parse(form) if place}


# In order: two processes must collect the same tests.
LIMITS = sorted(
    {
        *re.findall(r'code="(\w+)"', Path(limits.__file__).read_text(encoding="utf-8")),
        *("unclear", "gone", "absent", "withdrawn"),
    }
)
REASONS = sorted(set(re.findall(r"THEN '(\w+)'", library.load(shipped("queries"))["look_alikes"].text)))
ENGLISH_TEXTS, FRENCH_TEXTS = catalogue("en"), catalogue("fr")


def test_both_languages_have_the_same_texts_but_for_the_first_of_a_month() -> None:
    assert ENGLISH_TEXTS.keys() ^ FRENCH_TEXTS.keys() == {"form.first_of_month"}


@pytest.mark.parametrize("key", ENGLISH_TEXTS)
def test_a_text_has_the_same_places_and_depends_on_a_number_in_both_languages(key: str) -> None:
    here, there = ENGLISH_TEXTS[key], FRENCH_TEXTS[key]
    assert type(here) is type(there)
    assert places(here) == places(there)
    for leaf in (here, there):
        assert not isinstance(leaf, Mapping) or {"one", "other"} <= leaf.keys()
        assert not isinstance(leaf, list) or len(leaf) == len(here)
        assert all(isinstance(form, str) for form in forms(leaf))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_asks_for_a_text_that_is_not_there(language: str) -> None:
    sources = [path.read_text(encoding="utf-8") for path in html.TEMPLATES.glob("*.html")]
    asked = {key for source in sources for key in re.findall(r'\bt\("([a-z_.0-9]+)"[,)]', source)}
    assert len(asked) > 60
    assert [key for key in sorted(asked) if not texts(language).has(key)] == []


def test_no_text_stands_in_a_template() -> None:
    for path in html.TEMPLATES.glob("*.html"):
        source = re.sub(r"\{[{%#].*?[}%#]\}|<[^<>]*>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert set(source.replace("hub-genealogy report --check", "").split()) <= {"()"}, path.name


@pytest.mark.parametrize("key", FRENCH_TEXTS)
def test_french_signs_have_the_spaces_that_do_not_break(key: str) -> None:
    for form in forms(FRENCH_TEXTS[key]):
        assert not re.search(r" [;:!?»]|« |[^\s\u202f\u00a0][;!?](?!\w)|'", form), form
        assert not re.search(r"[^\s\u00a0/]:(?!//)", form.replace("https:", "")), form


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_called_safe(language: str) -> None:
    said = " ".join(form for leaf in catalogue(language).values() for form in forms(leaf))
    assert re.findall(r"\b(?:un)?safe\w*|harmless|\bsûre?s?\b|sans (?:danger|risque)|inoffensi\w+", said) == []


@pytest.mark.parametrize(
    "term",
    [
        "responsable de traitement",
        "personne concernée",
        "droit à l'effacement",
        "droit d'opposition",
        "limitation du traitement",
        "autorité de contrôle",
    ],
)
def test_the_french_terms_are_those_of_the_regulation(term: str) -> None:
    assert term in FRENCH_TEXTS["page.purpose"].replace("\u2019", "'")


@pytest.mark.parametrize(
    "key",
    [
        *(f"class.{word}.{part}" for word in contacts.TURNS for part in ("name", "title", "meaning")),
        *(f"summary.classes.{word}" for word in ("trained_on", *words.CLASSES)),
        *(f"certainty.{word}.{part}" for word in words.CERTAINTIES for part in ("name", "meaning")),
        *(f"relation.{word}.{part}" for word in words.RELATIONS for part in ("name", "of")),
        *(f"source.{source}" for source in SOURCES if source != "imported"),
        *(f"contacts.{word}" for word in (*contacts.DIRECTIONS, "discussion", "owner_page", "none")),
        *(f"contacts.kinds.{word}" for word in parameters.FILTERS["owner_kind"]),
        *(f"apart.{part}{end}" for part in APART for end in ("", "_meaning")),
        *(f"limits.{code}" for code in LIMITS),
        *(f"look_alikes.codes.{code}" for code in REASONS),
        *(f"licences.{term}" for term in ("commercial_use", "share_alike", "use_restrictions")),
        *(
            f"picture.words.{word}"
            for word in (*marks.MARKS, *words.CLASSES, *words.CERTAINTIES, "gone", "absent", "gated")
        ),
    ],
)
def test_every_word_of_the_data_has_a_text(key: str) -> None:
    assert [language for language in LANGUAGES if not made(language).has(key)] == []


def test_no_text_is_left_of_a_limit_or_a_reason_that_the_data_does_not_have() -> None:
    found = {key for key in ENGLISH_TEXTS if key.startswith(("limits.", "look_alikes.codes."))}
    known = {*(f"limits.{code}" for code in LIMITS), *(f"look_alikes.codes.{code}" for code in REASONS)}
    assert found - known == {"limits.heading", "limits.never_complete"}


def made(language: str) -> Texts:
    return texts(language)


@pytest.mark.parametrize(
    ("language", "n", "said"),
    [
        ("en", 0, "0 hold the same weights"),
        ("en", 1, "1 holds the same weights"),
        ("en", 2, "2 hold the same weights"),
        ("en", 28_000, "28,000 hold the same weights"),
        ("fr", 0, "0 contient les mêmes poids"),
        ("fr", 1, "1 contient les mêmes poids"),
        ("fr", 2, "2 contiennent les mêmes poids"),
        ("fr", 28_000, f"28{THIN}000 contiennent les mêmes poids"),
    ],
)
def test_none_is_singular_in_french_and_plural_in_english(language: str, n: int, said: str) -> None:
    assert made(language)("summary.classes.same_weights", n) == said


@pytest.mark.parametrize(("language", "said"), [("en", "No known model"), ("fr", "Aucun modèle connu")])
def test_a_text_may_have_a_form_of_its_own_for_none(language: str, said: str) -> None:
    text = made(language)("summary.naming", 0, dataset="s/set")
    assert text.startswith(said)


@pytest.mark.parametrize(
    ("share", "english", "french"),
    [
        (0.0, "0.0%", f"0,0{THIN}%"),
        (0.0001, "< 0.1%", f"< 0,1{THIN}%"),
        (0.685, "68.5%", f"68,5{THIN}%"),
        (0.99999, "> 99.9%", f"> 99,9{THIN}%"),
        (1.0, "100.0%", f"100,0{THIN}%"),
    ],
)
def test_shares_are_written_as_each_language_does(share: float, english: str, french: str) -> None:
    assert (made("en").share(share), made("fr").share(share)) == (english, french)


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (date(2026, 11, 28), "28 November 2026", "28 novembre 2026"),
        (date(2026, 8, 1), "1 August 2026", "1er août 2026"),
        (
            datetime(2026, 2, 3, 4, 5, tzinfo=UTC),
            "3 February 2026, 4:05 UTC",
            "3 février 2026 à 4\u00a0h\u00a005 (UTC)",
        ),
    ],
)
def test_days_and_times_are_written_as_each_language_does(value: date, english: str, french: str) -> None:
    assert (made("en").moment(value), made("fr").moment(value)) == (english, french)
    assert made("en").when(value.isoformat()) == english


def test_what_is_filled_in_is_text_and_never_markup_or_a_format() -> None:
    text = made("en")("page.asked", asked="<b>{n.__class__}</b>")
    assert text == Markup("Asked for as “&lt;b&gt;{n.__class__}&lt;/b&gt;”.")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("org/model", "org/model"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200fb\u200b\ufeff", "a\\u200fb\\u200b\\ufeff"),
        ("\x1b[31m\x00\x7f\t\n", "\\u001b[31m\\u0000\\u007f\\u0009\\u000a"),
        ("\U000e0041\ud800\u2028", "\\U000e0041\\ud800\\u2028"),
        ("模型/é", "模型/é"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_the_direction_of_a_name_ends_where_the_name_ends() -> None:
    assert name("שם/<i>") == Markup("<bdi>שם/&lt;i&gt;</bdi>")
    assert name("org/model") == Markup("org/model")


def test_a_text_that_is_missing_is_an_error_that_names_it() -> None:
    with pytest.raises(KeyError, match=r"the texts in fr lack page\.nothing"):
        made("fr")("page.nothing")


def test_the_english_labels_of_pictures_are_those_of_tree() -> None:
    labels = made("en").labels()
    for field in Labels.__dataclass_fields__:
        if field not in {"words", "number"}:
            assert getattr(labels, field) == getattr(ENGLISH, field), field
    assert {word: labels.word(word) for word in labels.words} == {word: ENGLISH.word(word) for word in labels.words}
    assert labels.number(1_234) == ENGLISH.number(1_234)


def test_french_labels_fill_every_text_of_a_picture() -> None:
    labels = made("fr").labels()
    same = [field for field in Labels.__dataclass_fields__ if getattr(labels, field) == getattr(ENGLISH, field)]
    assert same == ["of_group"]
