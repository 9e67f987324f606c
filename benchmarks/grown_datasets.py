"""The data sets of a made Hub. Names, dates and links are invented, by a fixed seed.

The Hub lists about 700,000 data sets beside 3.1 million models. No replay of them is at hand: all other shares are guesses.
"""

import json

from benchmarks.growing import Growing, iso

SEED = 20250522
# Data sets for each model.
SHARE = 0.226
# The cards of 10 data sets in 100 name the data set that they were made from. Two of these 10 name one that is not listed.
DERIVED, LOST = 10, 2
OWNERS = 7919
LICENSES = ("apache-2.0", "mit", "cc-by-4.0", "cc-by-nc-4.0", "other", None, None, None)


class GrownDatasets(Growing):
    """The data sets of a made Hub, by their number."""

    def __init__(self, size: int, seed: int = SEED) -> None:
        super().__init__(size, seed)
        for _ in range(size):
            self.grow()

    def first_name(self, number: int) -> str:
        """The name under which a data set was made, which models go on using."""
        return f"maker-{number * 31 % OWNERS}/data-{number}"

    def record(self, number: int) -> bytes:
        """One record, with the fields that a crawl asks for."""
        mix = self._mix(number)
        version, name = self._versions[number], self._renamed(self.first_name(number), number)
        license_ = LICENSES[(mix + version) % len(LICENSES)]
        card: dict[str, object] = {"language": ["en"], "pretty_name": f"Data of number {number}"}
        tags = ["language:en", "region:us", f"size_categories:{mix % 10}K<n<100K", f"note-{mix % 4096}"]
        if license_:
            card["license"] = license_
            tags.append(f"license:{license_}")
        if number and mix % 100 < DERIVED:
            lost = mix % 100 < LOST
            source = f"absent-{mix % 97}/data-{mix % 997}" if lost else self.first_name((mix >> 7) % number)
            card["source_datasets"] = [f"extended|{source}"]
            tags.append(f"source_datasets:extended|{source}")
        card["dataset_info"] = [{"config_name": f"part-{part}", "splits": ["train", "test"]} for part in range(mix % 8)]
        record = {
            "_id": f"{self._created(number):08x}d{number:015x}",
            "id": name,
            "author": name.partition("/")[0],
            "cardData": card,
            "createdAt": iso(self._created(number)),
            "disabled": False,
            "downloads": mix % 3000 + (self.night * 5 if mix % 3 else 0),
            "gated": "auto" if mix % 40 == 0 else False,
            "lastModified": iso(self._modified[number]),
            "likes": mix % 40,
            "private": False,
            "sha": self._revision(number),
            "tags": tags,
        }
        return json.dumps(record, separators=(",", ":")).encode()
