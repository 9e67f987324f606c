"""Each failure has the exit code of its class, and a wrong name is answered with the nearest right ones."""

import inspect

import pytest

from crawler import errors
from crawler.cases.follow import noted
from crawler.errors import HubGenealogyError, InterruptedRunError, TryLaterError, nearest

# style: 0 done, 1 failed, 2 usage, 3 a safety check refused part, 75 try later, 130 and 143 interrupted
CODES = {
    "HubGenealogyError": 1,
    "OutputLostError": 1,
    "ReaderGoneError": 1,
    "UsageError": 2,
    "SafetyRefusedError": 3,
    "TryLaterError": 75,
    "LockHeldError": 75,
    "HubUnreachableError": 75,
    "GraphUnreachableError": 75,
    "GraphBeingBuiltError": 75,
    "InterruptedRunError": 130,
}


def test_every_error_has_the_exit_code_of_its_kind() -> None:
    found = {
        name: kind.exit_code
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, HubGenealogyError | InterruptedRunError)
    }
    assert found == CODES
    for name, code in CODES.items():
        assert issubclass(getattr(errors, name), TryLaterError) == (code == 75)


def test_every_error_stands_in_the_modules_picture() -> None:
    assert errors.__doc__ is not None
    assert [name for name in CODES if name not in errors.__doc__] == []


def test_what_goes_on_after_an_error_does_not_go_on_after_a_signal() -> None:
    problems: list[str] = []
    with pytest.raises(InterruptedRunError), noted(problems, "the cases cannot be followed"):
        raise InterruptedRunError("stopped", 15)
    assert problems == []
    with noted(problems, "the cases cannot be followed"):
        raise HubGenealogyError("the disk is full")
    assert len(problems) == 1


@pytest.mark.parametrize(("signal", "code"), [(2, 130), (15, 143)])
def test_a_run_that_a_signal_stopped_has_the_code_of_that_signal(signal: int, code: int) -> None:
    assert InterruptedRunError("stopped", signal).exit_code == code


@pytest.mark.parametrize(
    ("name", "known", "message"),
    [
        pytest.param("descendant", ["descendants", "roots"], "; nearest: descendants", id="a letter is missing"),
        pytest.param("ROOTS", ["roots", "names"], "; nearest: roots", id="another case"),
        pytest.param("root", ["Roots"], "; nearest: Roots", id="the right spelling is kept"),
        pytest.param("xyz", ["roots"], "", id="nothing is close"),
        pytest.param("roots", [], "", id="nothing is known"),
    ],
)
def test_the_nearest_names(name: str, known: list[str], message: str) -> None:
    assert nearest(name, known) == message


def test_no_more_than_the_asked_number_of_names_is_given() -> None:
    assert nearest("model1", [f"model{n}" for n in range(9)], prefix=" ", count=2).count("model") == 2
