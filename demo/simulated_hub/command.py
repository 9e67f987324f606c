"""The command that serves a simulated Hub."""

import argparse
import gc
import sys
import threading
from pathlib import Path

from demo.simulated_hub.control import start_with
from demo.simulated_hub.listing import Listing, read_lines
from demo.simulated_hub.quota import UNLIMITED, Quota
from demo.simulated_hub.server import Door
from demo.simulated_hub.site import Beside, Site


def main() -> None:
    """Serve until interrupted."""
    gc.disable()  # millions of small objects that stay, no cycles among them: looking through them is most of the time
    options = _parser().parse_args()
    quota = Quota(anonymous=options.quota, token=options.token_quota or options.quota, window=options.window)
    site = Site(
        Listing(read_lines(options.listing) if options.listing else ()),
        quota,
        options.host,
        Beside(cards=options.cards, files=options.files, owners=options.owners),
    )
    start_with(site, options.changes)
    door = Door(options.port, site)
    door.open()
    print(f"http://127.0.0.1:{door.port}", flush=True)
    if options.obey_stdin:
        _obey(door)
        return
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        sys.exit(130)


def _obey(door: Door) -> None:
    """Take orders that no port is needed for, until the one who gives them is gone."""
    for line in sys.stdin:
        match line.split():
            case ["pause"]:
                door.close()
            case ["pause", seconds]:
                door.close(float(seconds))
            case ["resume"]:
                door.open()
        print("done", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulated_hub", description="A Hugging Face Hub on loopback.")
    parser.add_argument("--listing", type=Path, metavar="FILE", help="its models, JSON Lines, .gz or not")
    parser.add_argument(
        "--changes", type=Path, metavar="FILE", action="append", default=[], help="applied at the start"
    )
    parser.add_argument("--cards", type=Path, metavar="FOLDER", help="the cards: <owner>/<name>/README.md")
    parser.add_argument(
        "--owners", type=Path, metavar="FILE", help='a JSON file of owners: {"name": {"isVerified": true}}'
    )
    parser.add_argument("--files", type=Path, metavar="FOLDER", help="the files of models: <owner>/<name>/…")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument(
        "--host", default="", help="the host that links and redirects name, if not the one that was asked"
    )
    parser.add_argument("--quota", type=int, default=UNLIMITED, help="requests in a window, anonymous")
    parser.add_argument("--token-quota", type=int, help="requests in a window, with a token")
    parser.add_argument("--window", type=float, default=300, help="seconds of a window")
    parser.add_argument("--obey-stdin", action="store_true", help="read `pause` and `resume`, end with the input")
    return parser
