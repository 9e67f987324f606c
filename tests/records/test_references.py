"""What a spelling of a parent names, or why it names nothing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.records.references import (
    LONGEST,
    PLACEHOLDERS,
    REPOSITORY,
    TypedKind,
    Unreadable,
    read_address,
    read_reference,
    read_typed,
    visible,
)

PARTS = st.from_regex(r"\A[A-Za-z0-9._-]{1,20}\Z")
SPELLINGS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="aX09/._-@:#? ,;\n\t\"'<>[](){}\\~", max_size=40),
    st.builds("{}/{}".format, PARTS, PARTS),
    st.builds("https://huggingface.co/{}/{}".format, PARTS, PARTS),
    st.builds("{}@{}".format, PARTS, PARTS),
    st.lists(st.builds("{}/{}".format, PARTS, PARTS), max_size=4).map(", ".join),
    st.builds("hf://{}/{}".format, PARTS, PARTS),
    st.builds("models--{}--{}".format, PARTS, PARTS),
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
        pytest.param("https://huggingface.co:443/org/model", ("org/model",), id="an address with a port"),
        pytest.param("https://huggingface.co/org/model/commits/main", ("org/model",), id="the address of a history"),
        pytest.param(
            "https://huggingface.co/gpt2/commits/main", ("gpt2",), id="the address of a legacy name's history"
        ),
        pytest.param("https://huggingface.co/org/model@main", ("org/model",), id="an address with a revision"),
        pytest.param(
            "https://huggingface.co/org/Model%2D7B", ("org/Model-7B",), id="an address with a hyphen in percent"
        ),
        pytest.param("https://huggingface.co/org%2Fmodel", ("org/model",), id="an address with a slash in percent"),
        pytest.param("https://huggingface.co/api/models/org/model", ("org/model",), id="an address of the API"),
        pytest.param("hf://org/model", ("org/model",), id="the client's scheme"),
        pytest.param("HF://org/model@refs%2Fpr%2F1/config.json", ("org/model",), id="a file in the client's scheme"),
        pytest.param("hf://gpt2@main/config.json", ("gpt2",), id="a legacy name's revision in the client's scheme"),
        pytest.param("hf://models/org/model", ("org/model",), id="the kind in the client's scheme"),
        pytest.param("\ufefforg/model", ("org/model",), id="a byte-order mark"),
        pytest.param("org/\u200bmo\u00addel\u200d", ("org/model",), id="characters without width"),
        pytest.param("\u202eorg/model\u202c", ("org/model",), id="marks of direction"),
        pytest.param("models--org--model", ("org/model",), id="a folder of the cache"),
        pytest.param("models--gpt2", ("gpt2",), id="a legacy name's folder of the cache"),
        pytest.param(
            "/home/me/.cache/huggingface/hub/models--org--model/snapshots/607a30d7/",
            ("org/model",),
            id="a path in the cache",
        ),
        pytest.param(
            r"C:\Users\a b\hub\models--org--model\snapshots\607a", ("org/model",), id="a path in the cache of Windows"
        ),
        pytest.param("file:///hub/models--org--model", ("org/model",), id="a path in the cache as an address"),
        pytest.param("hub/models--org--model", ("org/model",), id="a path in the cache that looks like a name"),
        pytest.param(
            "/hub/models--org--a/snapshots/1, /hub/models--org--b/snapshots/2", ("org/a", "org/b"), id="two such paths"
        ),
        pytest.param("org/a, org/b", ("org/a", "org/b"), id="two names in one string"),
        pytest.param("org/a org/b\norg/c;org/a", ("org/a", "org/b", "org/c"), id="several names, each once"),
        pytest.param("https://hf.co/org/a, org/b", ("org/a", "org/b"), id="an address and a name"),
        pytest.param("", (), id="empty"),
        pytest.param(" \n\t ", (), id="blanks only"),
        pytest.param('""', (), id="empty quotes"),
        pytest.param("[]", (), id="an empty list as text"),
        pytest.param("\ufeff", (), id="a byte-order mark alone"),
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
        pytest.param(
            "https://huggingface.co/transformers/model_doc/bert.html", "not_a_model", id="an old page of help"
        ),
        pytest.param("https://huggingface.co/", "not_a_model", id="the front page"),
        pytest.param("https://huggingface.co/models?search=x", "not_a_model", id="the page of all models"),
        pytest.param("https://huggingface.co/tasks/translation", "not_a_model", id="the page of a task"),
        pytest.param("https://huggingface.co/api/whoami-v2", "not_a_model", id="another address of the API"),
        pytest.param("hf://datasets/org/data", "not_a_model", id="a dataset in the client's scheme"),
        pytest.param("datasets--org--data", "not_a_model", id="a dataset in the cache"),
        pytest.param("/hub/spaces--org--app/snapshots/1", "not_a_model", id="a space in the cache"),
        pytest.param("models--org--a--b", "not_a_repository_name", id="a folder of the cache with a part too many"),
        pytest.param("models--none", "placeholder", id="a folder of the cache of none"),
        pytest.param("llama:latest", "not_a_repository_name", id="a name of another registry"),
        pytest.param("\u200b/home/x", "local_path", id="what remains without its zero-width space is a path"),
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


@pytest.mark.parametrize(
    ("spelling", "read"),
    [
        pytest.param("https://hf.co/datasets/org/data/viewer/a/b", ("org/data",), id="the viewer"),
        pytest.param("https://hf.co/datasets/squad/viewer/a/b", ("squad",), id="the viewer of a legacy name"),
        pytest.param("https://hf.co/api/datasets/org/data", ("org/data",), id="an address of the API"),
        pytest.param("datasets--org--data", ("org/data",), id="a folder of the cache"),
        pytest.param("https://hf.co/org/model", Unreadable("not_a_dataset"), id="a model"),
        pytest.param("models--org--model", Unreadable("not_a_dataset"), id="a model in the cache"),
        pytest.param("https://hf.co/papers/2401.1", Unreadable("not_a_dataset"), id="a paper"),
    ],
)
def test_where_a_dataset_is_declared_an_address_must_be_of_one(
    spelling: str, read: tuple[str, ...] | Unreadable
) -> None:
    assert read_reference(spelling, "dataset") == read


MIRROR = "https://mirror.example/hub"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("org/model", "org/model", id="a name"),
        pytest.param(" org/model\n", "org/model", id="blanks around"),
        pytest.param("\ufefforg/model", "org/model", id="a byte-order mark"),
        pytest.param("gpt2", "gpt2", id="a legacy name"),
        pytest.param("org/model@main", "org/model", id="a revision"),
        pytest.param("a fine model", "a fine model", id="words"),
        pytest.param("someone@example.org", "someone@example.org", id="an e-mail"),
        pytest.param("https://huggingface.co/org/model", "org/model", id="an address"),
        pytest.param("http://hf.co/org/model/", "org/model", id="the short address"),
        pytest.param("huggingface.co/org/model/blob/main/config.json", "org/model", id="the address of a file"),
        pytest.param("https://huggingface.co/org/model?x=y#usage", "org/model", id="an address with a query"),
        pytest.param("https://huggingface.co/api/models/org/model", "org/model", id="an address of the API"),
        pytest.param("https://huggingface.co/gpt2/tree/main", "gpt2", id="the address of a legacy name's branch"),
        pytest.param("https://HuggingFace.co/org/m%2Bodel", "org/m+odel", id="a name that the Hub would not allow"),
        pytest.param("https://mirror.example/hub/org/model/tree/main", "org/model", id="an address of the mirror"),
        pytest.param("https://mirror.example/org/model", "org/model", id="an address of the mirror's host"),
        pytest.param("mirror.example/hub/org/model", "org/model", id="an address of the mirror without scheme"),
        pytest.param("hf://org/model", "org/model", id="the client's scheme"),
        pytest.param("/hub/models--org--model/snapshots/1", "org/model", id="a path in the cache"),
        pytest.param("https://elsewhere.example/org/model", "https://elsewhere.example/org/model", id="another site"),
        pytest.param("https://huggingface.co/datasets/org/data", Unreadable("not_a_model"), id="a dataset"),
        pytest.param("https://mirror.example/hub/", Unreadable("not_a_model"), id="the mirror's front page"),
        pytest.param("hf://spaces/org/app", Unreadable("not_a_model"), id="a space in the client's scheme"),
    ],
)
def test_what_a_user_types_is_read_as_the_name_in_it(text: str, name: str | Unreadable) -> None:
    assert read_typed(text, MIRROR) == name


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("https://huggingface.co/datasets/org/data/viewer", "dataset", "org/data"),
        ("datasets/org/data", "dataset", "org/data"),
        ("squad@main", "dataset", "squad"),
        ("https://huggingface.co/org/model", "dataset", Unreadable("not_a_dataset")),
        ("https://huggingface.co/org", "owner", "org"),
        ("https://huggingface.co/org/models", "owner", "org"),
        ("https://mirror.example/hub/datasets/org/data", "owner", "org"),
        ("org/model", "owner", "org/model"),
        ("https://huggingface.co/spaces/org/app", "owner", Unreadable("not_a_owner")),
    ],
)
def test_a_user_may_mean_a_data_set_or_an_owner(text: str, kind: TypedKind, name: str | Unreadable) -> None:
    assert read_typed(text, MIRROR, kind) == name


@given(SPELLINGS)
def test_a_user_and_a_card_mean_the_same_by_an_address(text: str) -> None:
    address, declared = read_address(text), read_reference(text)
    if address and address.kind == "model" and REPOSITORY.fullmatch(address.name) and isinstance(declared, tuple):
        assert read_reference(str(read_typed(text, MIRROR))) == declared


@given(SPELLINGS)
@example("https://huggingface.co/org/model./tree/main")
@example("cache/models--hf.co--x")
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
        assert all(character in "\"'`<>[]()" or character.isspace() for character in visible(spelling))


@given(PARTS, PARTS)
def test_a_name_stays_itself_unless_it_ends_with_a_dot_or_means_none(owner: str, name: str) -> None:
    spelling = f"{owner}/{name}"
    address = owner.lower() in {"hf.co", "huggingface.co", "www.hf.co"}
    cached = name.startswith(("models--", "datasets--", "spaces--"))
    if not (name.endswith(".") or not owner.strip(".") or spelling.lower() in PLACEHOLDERS or address or cached):
        assert read_reference(spelling) == (spelling,)
