"""`python -m demo.simulated_hub --listing FILE.jsonl.gz`."""

import sys
from pathlib import Path

if not __package__:  # run as a folder: Python then looks for modules inside it, the import below needs the one above
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from demo.simulated_hub.command import main

if __name__ == "__main__":
    main()
