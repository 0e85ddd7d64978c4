"""What tests/support/storage_faults.c is told: which storage call of a program fails, and how."""

import os
import re

LIBRARY = None  # path of the preloaded library; set by the test's main


def environment(under, act, at, lasting=False, operations=None, only=None, rank=None, report=None):
    """The variables that make the at-th storage call below the folder `under` fail."""
    words = {"LD_PRELOAD": LIBRARY, "FAULTS_UNDER": under, "FAULTS_ACT": act}
    words["FAULTS_AT"] = f"{at}-" if lasting else str(at)
    optional = {"OPS": operations, "ONLY": only, "RANK": rank, "REPORT": report}
    words |= {f"FAULTS_{name}": str(value) for name, value in optional.items() if value is not None}
    return words


def recording(under, record):
    """The variables that record the storage calls below the folder `under`."""
    return {"LD_PRELOAD": LIBRARY, "FAULTS_UNDER": under, "FAULTS_RECORD": record}


class Report:
    """What the library did in one run of the program."""

    def __init__(self, path):
        text = ""
        if os.path.exists(path):
            with open(path) as file:
                text = file.read()
        self.acts = re.findall(r"^acted \d+ (\w+) (.*)$", text, re.MULTILINE)
        self.synced_again = re.findall(r"^synced again (.*)$", text, re.MULTILINE)

    def places(self):
        """Operation and kind of file of each act, such as ("fsync", ".tmp-step.h5")."""
        return {(operation, kind_of(path)) for operation, path in self.acts}


def kind_of(path):
    """The name of a file without process ids, counters and steps."""
    return re.sub(r"-\d+", "", os.path.basename(path))
