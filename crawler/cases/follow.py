"""What a crawl does with the cases: it brings the open ones up to date with the graph, and mirrors all of them into it.

Each case is a transaction of its own, and comparing twice finds nothing the second time: what a kill or a failure leaves out,
the next crawl makes up for. Nothing of it fails a crawl, which is in the graph by then.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neo4j.exceptions import DriverError, Neo4jError

from crawler.answers.run import read_session
from crawler.cases import register, store
from crawler.cases.form import OPEN, Case
from crawler.cases.gather import key_now, models_of
from crawler.cases.register import Acting, Register
from crawler.errors import HubGenealogyError
from crawler.graph import mirror
from crawler.graph.connection import Graph
from crawler.graph.mirror import Mirrored

NEXT = "the next crawl makes up for it"


@dataclass
class Followed:
    """What became of the cases in a crawl."""

    terms: dict[str, int] = field(default_factory=dict)
    """How many are open, due soon, overdue; nothing where there is no register, or none that can be read."""
    found: Counter[str] = field(default_factory=Counter)
    """Kind of event → how many of it the crawl brought into open cases."""
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Follower:
    """The cases of the state folder `home` beside their graph."""

    graph: Graph
    home: Path
    acting: Acting

    def follow(self, crawl: str, *, refused: bool) -> Followed:
        """Bring every open case up to date with the crawl, unless a safety check refused part of it; mirror all cases."""
        done = Followed()
        with noted(done.problems, "the cases were not brought up to date"):
            cases = self._cases()
            if refused and cases:
                done.problems.append(
                    f"the cases were not brought up to date: a safety check refused part of this crawl; {NEXT}"
                )
            for case in cases if not refused else ():
                with noted(done.problems, f"case {case.id} was not brought up to date"):
                    self._adopt(case, crawl, done.found)
        self.mirror(done)
        with noted(done.problems, "the terms of the cases are not known"):
            done.terms = self._with_register(lambda cases: cases.terms()) or {}
        return done

    def mirror(self, done: Followed) -> None:
        """Make the mirror of all cases in the graph anew, where it differs."""
        with noted(done.problems, "the graph does not show the cases as they are"):
            numbers = self._with_register(lambda cases: [case.id for case in cases.cases(ended=True)]) or []
            mirror.keep_only(self.graph, numbers)
            for number in numbers:
                self.mirror_one(number)

    def mirror_one(self, number: int) -> None:
        """Bring the mirror of one case up to date."""
        mirror.put(self.graph, number, lambda: self._mirrored(number))

    def _adopt(self, case: Case, crawl: str, found: Counter[str]) -> None:
        with read_session(self.graph) as session:
            now = key_now(session, case.about, case.key)
            models = models_of(session, case.about, now)

        def adopt(cases: Register) -> None:
            if cases.case(case.id).state == OPEN:  # somebody may have ended it just now
                found.update(change.kind for change in cases.adopt(case.id, models, crawl, now))

        self._with_register(adopt)

    def _mirrored(self, number: int) -> Mirrored:
        with register.opened(self.home, self.acting) as cases:
            if cases is None:
                raise HubGenealogyError(f"the register {store.path_of(self.home)} was removed just now")
            case, states = cases.states_of(number)
        properties = {column.name: getattr(case, column.name) for column in mirror.CASE}
        return Mirrored(properties, states)

    def _cases(self) -> list[Case]:
        return self._with_register(lambda cases: cases.cases()) or []

    def _with_register(self, work: Callable[[Register], Any]) -> Any:
        with register.opened(self.home, self.acting) as cases:
            return None if cases is None else work(cases)


@contextmanager
def noted(problems: list[str], what: str, then: str = NEXT) -> Iterator[None]:
    """Note what fails in the block, and go on after it; `then` says what becomes of it."""
    try:
        yield
    except HubGenealogyError as error:
        problems.append(f"{what} ({error}); {then}")
    except (DriverError, Neo4jError) as error:
        problems.append(f"{what} (the graph failed: {' '.join(str(error).split())[:300]}); {then}")
