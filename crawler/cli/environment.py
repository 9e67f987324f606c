"""Environment variables that are almost ours: they change nothing, and whoever set them thinks that they do."""

import logging
from collections.abc import Mapping
from difflib import get_close_matches

from crawler.settings import PREFIX, SETTINGS

logger = logging.getLogger(__name__)

# An unknown variable that begins with the program's own prefix is an error; these are shared with other programs.
BEGINNINGS = ("NEO4J", "HF_", "HUBG", "HUB_G")
# Of those, variables of other programs that are nearer to ours than LIKENESS.
OTHERS = ("HF_TOKEN_PATH", "HF_HUB_TOKEN_PATH")
LIKENESS = 0.8


def warn_of_mistyped(environment: Mapping[str, str]) -> None:
    """Name each variable that is spelt almost like one of this program, and the right one."""
    known = {variable for setting in SETTINGS for variable in (setting.alias, setting.variable) if variable}
    for name, value in environment.items():
        if not value or name in known or name in OTHERS or not name.startswith(BEGINNINGS) or name.startswith(PREFIX):
            continue
        begun = [variable for variable in sorted(known) if variable.startswith(name)]
        for right in begun[:1] or get_close_matches(name, known, n=1, cutoff=LIKENESS):
            logger.warning("the environment variable %s is not used: did you mean %s?", name, right)
