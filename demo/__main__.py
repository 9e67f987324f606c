"""`make demo`: a simulated Hub with the sample listing, crawled into a local Neo4j, and two questions answered.

Everything is in var/demo: its settings, archive, snapshots, graph and password. Run again, it crawls again and finds
that nothing has changed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from demo import SAMPLE
from demo.simulated_hub import SimulatedHub

REPOSITORY = Path(__file__).resolve().parent.parent
HOME = REPOSITORY / "var" / "demo"
SETTINGS = HOME / "hub-genealogy.yml"
COMMAND = (".venv/bin/hub-genealogy", "--config", str(SETTINGS.relative_to(REPOSITORY)))

SETTINGS_TEXT = """\
# Written by make demo. A crawl of the real Hub needs none of these settings.
home: {home}
hub:
  endpoint: {endpoint}
sweep:
  max_tail_age: off  # the sample's newest model is old: on the real Hub that would mean that the end of the list is missing
"""

ENDING = """
The graph stays, and so does its server. What next?

  Look at it     {browser} in your web browser, connect to {uri},
                 user {username}, password in {password_file}; then try
                 MATCH p = (:Model)-[:DERIVED_FROM*1..3]->(:Model {{id: 'mistralai/Mistral-7B-v0.1'}}) RETURN p
  Ask more       {ask} NAME=ancestors MODEL=TheBloke/zephyr-7B-beta-GGUF
                 {ask} NAME=path MODEL=mlabonne/NeuralBeagle14-7B OTHER=mistralai/Mistral-7B-v0.1 FORMAT=json
                 .venv/bin/hub-genealogy query --list
  Stop it        make db-stop
  Crawl the Hub  make crawl (half an hour; see README.md)"""


def main() -> int:
    """Run the demo; returns the exit code of the first command that failed, or 0."""
    HOME.mkdir(parents=True, exist_ok=True)
    with SimulatedHub(SAMPLE) as hub:
        SETTINGS.write_text(
            SETTINGS_TEXT.format(home=json.dumps(str(HOME)), endpoint=json.dumps(hub.url)), encoding="utf-8"
        )
        say(f"A simulated Hub at {hub.url} serves the {len(hub.records())} models of demo/sample/listing.jsonl.")
        say("\nThe nightly job: list the models, compare with the night before, load what changed into Neo4j.")
        show("crawl")
    say("\nWhat descends from Mistral 7B, in two steps at most?")
    show("query", "descendants", "--model", "mistralai/Mistral-7B-v0.1", "-p", "max_depth=2")
    say("\nWhich way does this quantised copy descend from it?")
    show("query", "path", "-p", "model=mlabonne/NeuralBeagle14-7B-GGUF", "-p", "other=mistralai/Mistral-7B-v0.1")
    status = json.loads(run("db", "status", "--format", "json", capture=True))
    own_graph = any((REPOSITORY / "var" / "changes").glob("*"))
    say(ENDING.format(**status, ask="HUB_GENEALOGY_HOME=var/demo make query" if own_graph else "make query"))
    return 0


def say(text: str) -> None:
    """Print at once, in order with what the commands print."""
    print(text, flush=True)


def show(*arguments: str) -> None:
    """Run a command and print it above what it prints."""
    say(f"$ {' '.join((*COMMAND, *arguments))}")
    run(*arguments)


def run(*arguments: str, capture: bool = False) -> str:
    """Run a command of this checkout on the demo's state, whatever the environment says about others."""
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
