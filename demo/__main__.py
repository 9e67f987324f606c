"""`make demo`: crawls a simulated Hub with the sample listing into a local Neo4j, runs two saved queries, writes a dossier.

Then it opens a case, crawls again after a descendant has appeared on the Hub, and shows that the case has adopted it.
Everything it makes is in var/demo: settings, archive, snapshots, graph, register of cases and password, and the weight files of
the simulated Hub, which hold nothing. A second run finds the case and the Hub as the first one left them.
"""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from crawler.cases import store
from crawler.private import make_folder
from crawler.records.weights import LEAST_SIZE
from demo import CARDS
from demo.sample_hub import sample_hub

REPOSITORY = Path(__file__).resolve().parent.parent
HOME = REPOSITORY / "var" / "demo"
SETTINGS = HOME / "hub-genealogy.yml"
DOSSIER = HOME / "dossier.html"
FILES = HOME / "hub" / "files"
COMMAND = (".venv/bin/hub-genealogy", "--config", str(SETTINGS.relative_to(REPOSITORY)))

# Made-up models that declare no parent. The card of the first names one in its text; the second holds the same weights.
UNDECLARED = ("example-lab/no-parent-7b", "example-lab/null-parent-7b")
# What the case is about, and the descendant that appears while it is open.
CONCERNED = "microsoft/phi-4"
NEWCOMER: dict[str, Any] = {
    "_id": "681486450d4d108aa81e5162",
    "id": "example-lab/phi-4-letters",
    "author": "example-lab",
    "createdAt": "2025-05-02T08:46:13.000Z",
    "lastModified": "2025-05-02T08:46:13.000Z",
    "private": False,
    "gated": False,
    "disabled": False,
    "downloads": 0,
    "likes": 0,
    "pipeline_tag": "text-generation",
    "library_name": "transformers",
    "tags": ["transformers", "safetensors", f"base_model:{CONCERNED}", f"base_model:finetune:{CONCERNED}", "region:us"],
    "cardData": {"base_model": CONCERNED},
    "baseModels": {"relation": "finetune", "models": [{"_id": "6759ff0f7e6cb81fc87593f3", "id": CONCERNED}]},
}

SETTINGS_TEXT = """\
# Written by make demo. A crawl of the real Hub needs none of these settings.
home: {home}
hub:
  endpoint: {endpoint}
sweep:
  max_tail_age: off  # the sample's newest model is old; on the real Hub that would mean that the end of the list is missing
doctor:
  max_age: off  # nothing crawls it every night
log:
  format: text  # JSON lines are for a crawl in cron
"""

ENDING = """
The graph and its server stay available. What next?

  Look at it     Open {browser} in your web browser and connect to {uri}
                 as user {username}, with the password in {password_file}; then run
                 MATCH p = (:Model)-[:DERIVED_FROM*1..3]->(:Model {{id: 'mistralai/Mistral-7B-v0.1'}}) RETURN p
  Read it        Open {dossier} in your web browser: the dossier of Mistral 7B for a
                 rights request. docs/rights-requests.md says how to work with it
  Watch it       {command} feed mistralai/Mistral-7B-v0.1
                 is an Atom feed of what changes below it; docs/feeds.md
  Draw it        {make} tree MODEL=mlabonne/Beagle14-7B
  Ask more       {make} query NAME=ancestors MODEL=TheBloke/zephyr-7B-beta-GGUF
                 {make} query NAME=path MODEL=mlabonne/NeuralBeagle14-7B OTHER=mistralai/Mistral-7B-v0.1 FORMAT=json
                 .venv/bin/hub-genealogy query --list
  Stop it        make db-stop
  Crawl the Hub  make crawl (about an hour; see README.md)"""


def main() -> int:
    """Run the demo; returns the exit code of the first command that failed, or 0."""
    make_folder(HOME)
    for name in UNDECLARED:
        weights = FILES / name / "model.safetensors"
        weights.parent.mkdir(parents=True, exist_ok=True)
        weights.write_bytes(bytes(LEAST_SIZE))
    is_open = store.path_of(HOME).exists()
    with sample_hub(cards=CARDS, files=FILES) as hub:
        SETTINGS.write_text(
            SETTINGS_TEXT.format(home=json.dumps(str(HOME)), endpoint=json.dumps(hub.url)), encoding="utf-8"
        )
        served = f"the {len(hub.records())} models and {len(hub.datasets.records())} data sets of demo/sample"
        say(f"A simulated Hub at {hub.url} serves {served}.")
        if is_open:
            hub.create(NEWCOMER)
        say(
            "\nThe nightly job lists them, asks for cards and files, compares all of it with the last crawl, and loads "
            "what changed into Neo4j."
        )
        show("crawl")
        say("\nWhich models descend from Mistral 7B, in at most two steps?")
        show("query", "descendants", "--model", "mistralai/Mistral-7B-v0.1", "-p", "max_depth=2")
        say("\nHow does this quantised copy descend from it?")
        show("query", "path", "-p", "model=mlabonne/NeuralBeagle14-7B-GGUF", "-p", "other=mistralai/Mistral-7B-v0.1")
        say(
            f"\n{UNDECLARED[1]} declares no parent. Its files show what it is a copy of, and the card of that names Mistral 7B."
        )
        show("query", "path", "-p", f"model={UNDECLARED[1]}", "-p", "other=mistralai/Mistral-7B-v0.1")
        say("\nMistral 7B memorised somebody's data. Who has it, and whom to contact?")
        dossier = str(DOSSIER.relative_to(REPOSITORY))
        show("report", "mistralai/Mistral-7B-v0.1", "--to", dossier)
        if not is_open:
            say("\nSomebody asks for erasure from Phi-4. A case keeps the term, and where each owner stands.")
            received = ("--received", str(date.today()))  # noqa: DTZ011  # the day of this machine, as a case counts
            show("case", "open", CONCERNED, "--right", "erasure", *received, "--reference", "demo-1")
            say(f"\nThe next night, {NEWCOMER['id']} is on the Hub, too. The crawl brings it into the case.")
            hub.create(NEWCOMER)
            show("crawl")
    say("\nWhat does the case know now?")
    show("case", "show", "1")
    status = json.loads(run("db", "status", "--format", "json", capture=True))
    # Without these, `make query` and `make tree` ask the demo's graph.
    elsewhere = any((REPOSITORY / "var" / "changes").glob("*")) or bool(os.environ.get("HUB_GENEALOGY_HOME"))
    say(
        ENDING.format(
            **status,
            dossier=dossier,
            command=" ".join(COMMAND),
            make="HUB_GENEALOGY_HOME=var/demo make" if elsewhere else "make",
        )
    )
    return 0


def say(text: str) -> None:
    """Print at once, so that the text stays in order with the output of the commands."""
    print(text, flush=True)


def show(*arguments: str) -> None:
    """Print a command, then run it."""
    say(f"$ {' '.join((*COMMAND, *arguments))}")
    run(*arguments)


def run(*arguments: str, capture: bool = False) -> str:
    """Run this checkout's program on the demo's state, without the environment's own settings; return what it captured."""
    ours = ("HUB_GENEALOGY_", "NEO4J_", "HF_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    command = [sys.executable, "-m", "crawler", *COMMAND[1:], *arguments]
    output = subprocess.PIPE if capture else None
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, stdout=output, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)
    return done.stdout or ""


if __name__ == "__main__":
    sys.exit(main())
