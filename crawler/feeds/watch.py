"""The feeds that the settings ask for, as files in a folder. Each crawl keeps them up to date; any web server can serve them."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

import neo4j

from crawler.answers.run import read_session
from crawler.cases import register
from crawler.cases.follow import noted
from crawler.cases.register import Acting, no_case
from crawler.changes.diff import ChangeSet
from crawler.feeds import history
from crawler.feeds.atom import document
from crawler.feeds.entries import Feed
from crawler.feeds.history import History
from crawler.feeds.make import of_case, of_name
from crawler.files import is_there, read_bytes, replacing, writing
from crawler.graph.connection import Graph
from crawler.settings import Settings
from crawler.state import State

# Names that are names of files as they are. No name of the Hub has two hyphens, which stand for the slash.
_PLAIN = re.compile(r"(?!.*--)[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?", re.ASCII)
_NEXT = "the next crawl tries again"


@dataclass
class Kept:
    """What became of the feeds in a crawl."""

    written: int = 0
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)


def file_name(about: str, name: str) -> str:
    """The name of the file of a feed, from what the settings say: a model that is renamed keeps its file.

    Different names have different files, and none leads out of a folder or is hidden in it.
    """
    if _PLAIN.fullmatch(name):
        return f"{about}--{name.replace('/', '--')}.atom"
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:16]
    return f"{about}--{re.sub(r'[^A-Za-z0-9]+', '-', name[:80]).strip('-')}~{digest}.atom"


@dataclass(frozen=True)
class Watcher:
    """The watched feeds of a state folder."""

    settings: Settings
    state: State
    acting: Acting

    def keep(self, graph: Graph, at: str) -> Kept | None:
        """Write each feed that differs from its file, as of the crawl `at`; None where nothing is watched.

        What fails is a problem, and no other feed lacks anything for it: the crawl itself is done.
        """
        watched, folder = self.settings["feeds.watched"], self.settings["feeds.folder"]
        if not watched:
            return None
        done = Kept()
        if folder is None:
            done.problems.append("no feed is written: feeds.watched is set, and feeds.folder is not")
            return done
        sets = [ChangeSet(self.state.changes / crawl) for crawl in self.state.crawls(self.state.changes) if crawl <= at]
        with noted(done.problems, "the feeds were not brought up to date", _NEXT):
            with writing(f"the folder of feeds.folder, {folder},"):
                folder.mkdir(parents=True, exist_ok=True)
            with read_session(graph) as session, history.opened(sets) as crawls:
                for about, name in watched:
                    with noted(done.problems, f"feeds.watched: {about} {name} has no feed of this crawl", _NEXT):
                        if self._keep(about, name, session, crawls):
                            done.written += 1
                        else:
                            done.unchanged += 1
        return done

    def _keep(self, about: str, name: str, session: neo4j.Session, crawls: History) -> bool:
        """Bring one file up to date; say whether it was written. One that is as it must be is not touched."""
        if about == "case":
            made = self._of_case(int(name))
        else:
            made = of_name(session, crawls, about, name, self.settings["hub.endpoint"])
        file = self.settings["feeds.folder"] / file_name(about, name)
        content = document(made, self.state.id)
        with writing(f"the feed {file}"):
            if is_there(file) and read_bytes(file) == content:
                return False
            with replacing(file) as out:
                out.write(content)
        return True

    def _of_case(self, number: int) -> Feed:
        with register.opened(self.state.home, self.acting) as cases:
            if cases is None:
                raise no_case(number)
            case, _, events = cases.whole(number)
        return of_case(case, events)


def standing(settings: Settings) -> dict[str, Any] | None:
    """How many feeds are watched, and how many of these were written once; None where the settings ask for none."""
    watched, folder = settings["feeds.watched"], settings["feeds.folder"]
    if not watched or folder is None:
        return None
    return {
        "folder": str(folder),
        "watched": len(watched),
        "written": sum(is_there(folder / file_name(*one)) for one in watched),
    }
