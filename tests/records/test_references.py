"""What a spelling of a parent names, or why it names nothing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.records.references import LONGEST, PLACEHOLDERS, REPOSITORY, Unreadable, read_reference

PARTS = st.from_regex(r"\A[A-Za-z0-9._-]{1,20}\Z")
SPELLINGS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="aX09/._-@:#? ,;\n\t\"'<>[](){}\\~", max_size=40),
    st.builds("{}/{}".format, PARTS, PARTS),
    st.builds("https://huggingface.co/{}/{}".format, PARTS, PARTS),
    st.builds("{}@{}".format, PARTS, PARTS),
    st.lists(st.builds("{}/{}".format, PARTS, PARTS), max_size=4).map(", ".join),
    st.sampled_from(sorted(PLACEHOLDERS)).map("hf.co/{}".format),
)


@pytest.mark.parametrize(
    ("spelling", "names"),
    [
        pytest.param("org/model", ("org/model",), id="a name as the Hub writes it"),
        pytest.param("gpt2", ("gpt2",), id="a name without owner, from the first years"),
        pytest.param("Org.x/Model_1.5-B", ("Org.x/Model_1.5-B",), id="every character that a name may hold, case kept"),
        pytest.param("o" * 96 + "/" + "m" * 96, ("o" * 96 + "/" + "m" * 96,), id="the longest name"),
        pytest.param(" \torg/model\n", ("org/model",), id="blanks around"),
        pytest.param("\u3000org/model\xa0", ("org/model",), id="blanks of another script"),
        pytest.param('"org/model"', ("org/model",), id="quotes around"),
        pytest.param("'org/model'.", ("org/model",), id="a dot after the quotes"),
        pytest.param("[org/model]", ("org/model",), id="a list that YAML did not see"),
        pytest.param("`org/model`", ("org/model",), id="Markdown's quotes"),
        pytest.param("org/model/", ("org/model",), id="a slash at the end"),
        pytest.param("org/model.", ("org/model",), id="a dot at the end"),
        pytest.param("org/model@main", ("org/model",), id="a revision"),
        pytest.param("gpt2@607a30d783dfa663caf39e06633721c8d4cfcd7e", ("gpt2",), id="a commit of a legacy name"),
        pytest.param("https://huggingface.co/org/model", ("org/model",), id="an address"),
        pytest.param("http://www.huggingface.co/org/model/", ("org/model",), id="an address with www and a slash"),
        pytest.param("HTTPS://HuggingFace.co/Org/Model", ("Org/Model",), id="an address in capitals"),
        pytest.param("huggingface.co/org/model", ("org/model",), id="an address without scheme"),
        pytest.param("hf.co/org/model", ("org/model",), id="the short address"),
        pytest.param("hf.co/gpt2", ("gpt2",), id="the short address of a legacy name, which looks like a name"),
        pytest.param("https://huggingface.co/org/model/tree/main", ("org/model",), id="the address of a branch"),
        pytest.param("https://huggingface.co/gpt2/tree/main", ("gpt2",), id="the address of a legacy name's branch"),
        pytest.param("https://huggingface.co/gpt2", ("gpt2",), id="the address of a legacy name"),
        pytest.param("https://huggingface.co/models/org/model", ("org/model",), id="an address under /models"),
        pytest.param("https://huggingface.co/org/model?library=mlx", ("org/model",), id="an address with a query"),
        pytest.param("https://huggingface.co/org/model#usage", ("org/model",), id="an address with a heading"),
        pytest.param("https://huggingface.co/org/model.", ("org/model",), id="an address at the end of a sentence"),
        pytest.param("org/a, org/b", ("org/a", "org/b"), id="two names in one string"),
        pytest.param("org/a org/b\norg/c;org/a", ("org/a", "org/b", "org/c"), id="several names, each once"),
        pytest.param("https://hf.co/org/a, org/b", ("org/a", "org/b"), id="an address and a name"),
        pytest.param("", (), id="empty"),
        pytest.param(" \n\t ", (), id="blanks only"),
        pytest.param('""', (), id="empty quotes"),
        pytest.param("[]", (), id="an empty list as text"),
    ],
)
def test_a_spelling_is_read_as_the_names_in_it(spelling: str, names: tuple[str, ...]) -> None:
    assert read_reference(spelling) == names


@pytest.mark.parametrize(
    ("spelling", "reason"),
    [
        pytest.param("x" * (LONGEST + 1), "too_long", id="4 kB of text"),
        pytest.param("None", "placeholder", id="none"),
        pytest.param("N/A", "placeholder", id="n/a, which looks like a name"),
        pytest.param('"null"', "placeholder", id="null in quotes"),
        pytest.param("https://huggingface.co/none", "placeholder", id="an address of none"),
        pytest.param("unknown@main", "placeholder", id="a revision of unknown"),
        pytest.param("org/model, n/a", "not_a_repository_name", id="a list with a placeholder in it"),
        pytest.param("https://example.com/org/model", "foreign_url", id="another site"),
        pytest.param("https://huggingface.co.evil.example/org/model", "foreign_url", id="a site that only begins so"),
        pytest.param("https://huggingface.co/datasets/org/data", "not_a_model", id="a dataset"),
        pytest.param("https://huggingface.co/spaces/org/app", "not_a_model", id="a space"),
        pytest.param("https://huggingface.co/", "not_a_model", id="the front page"),
        pytest.param("someone@example.org", "email", id="an e-mail"),
        pytest.param("/home/someone/model", "local_path", id="an absolute path"),
        pytest.param("~/model", "local_path", id="a path at home"),
        pytest.param("./model", "local_path", id="a path from here"),
        pytest.param("../model", "local_path", id="a path from above"),
        pytest.param(r"C:\models\base", "local_path", id="a path of Windows"),
        pytest.param(r"models\base", "local_path", id="a path with backslashes"),
        pytest.param("file:///models/base", "foreign_url", id="a file as an address"),
        pytest.param("models/base/checkpoint-1000", "local_path", id="a path of three parts"),
        pytest.param("a fine model of ours", "not_a_repository_name", id="a sentence"),
        pytest.param("org/a and org/b", "not_a_repository_name", id="names in a sentence"),
        pytest.param(".", "placeholder", id="a dot"),
        pytest.param("...", "placeholder", id="three dots"),
        pytest.param("/", "local_path", id="a slash"),
        pytest.param("....", "not_a_repository_name", id="nothing but dots"),
        pytest.param("o" * 97 + "/m", "not_a_repository_name", id="a part that is too long"),
        pytest.param("org/mod\u00e8le", "not_a_repository_name", id="a letter that no name has"),
        pytest.param("org/mo\x00del", "not_a_repository_name", id="a control character"),
    ],
)
def test_a_spelling_that_names_nothing_has_its_reason(spelling: str, reason: str) -> None:
    assert read_reference(spelling) == Unreadable(reason)


@given(SPELLINGS)
@example("https://huggingface.co/org/model./tree/main")
@example("org/model.@main")
@example("hf.co/none, org/x")
def test_a_name_that_was_read_reads_as_itself(spelling: str) -> None:
    names = read_reference(spelling)
    if isinstance(names, Unreadable):
        return
    assert len(set(names)) == len(names)
    for name in names:
        assert REPOSITORY.fullmatch(name)
        assert read_reference(name) == (name,)


@given(SPELLINGS)
@example("/.")
def test_only_quotes_and_blanks_denote_nothing(spelling: str) -> None:
    if read_reference(spelling) == ():
        assert all(character in "\"'`<>[]()" or character.isspace() for character in spelling)


@given(PARTS, PARTS)
def test_a_name_stays_itself_unless_it_ends_with_a_dot_or_means_none(owner: str, name: str) -> None:
    spelling = f"{owner}/{name}"
    address = owner.lower() in {"hf.co", "huggingface.co", "www.hf.co"}
    if not name.endswith(".") and owner.strip(".") and spelling.lower() not in PLACEHOLDERS and not address:
        assert read_reference(spelling) == (spelling,)
