#!/usr/bin/env python3
"""Commands of the program in Markdown: each verb is there, and its help has each option that is given.

A command begins an indented line with `lockstep`, alone or behind other words such as mpirun's, and goes on over lines
that end in a backslash. What follows a # is a comment. Options of other programs stand before `lockstep`.
"""

import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "repository"))
from repository_files import ROOT, repository_files

LOCKSTEP = sys.argv.pop(1)
COMMAND = re.compile(r"^    (?:.*\s)?(?:build/release/)?lockstep ([a-z].*)$")
OPTION = re.compile(r"^(--[a-z][a-z0-9-]*)(=.*)?$")


def commands_of(text):
    """The words behind `lockstep`, of each command."""
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        found = COMMAND.match(line)
        if found:
            yield re.sub(r"\s#.*", "", found.group(1)).split()


class DocumentedCommands(unittest.TestCase):
    helps = {}

    def help_of(self, words):
        """The help of a verb; `prepare` has one for each kind of data and each task."""
        verb = tuple(words[:2] if words[0] == "prepare" else words[:1])
        if "--task" in words:
            verb += tuple(words[words.index("--task") :][:2])
        if verb not in self.helps:
            done = subprocess.run([LOCKSTEP, *verb, "--help-all"], capture_output=True, text=True, check=False)
            self.helps[verb] = done.stdout if done.returncode == 0 else None
        return self.helps[verb]

    def test_options_of_all_commands_exist(self):
        count = 0
        for file in repository_files():
            if file.suffix != ".md":
                continue
            for words in commands_of(file.read_text()):
                with self.subTest(f"{file.relative_to(ROOT)}: lockstep {' '.join(words)}"):
                    text = self.help_of(words)
                    self.assertIsNotNone(text, "there is no such verb or task")
                    options = set(re.findall(r"--[a-z][a-z0-9-]*", text))
                    given = {found.group(1) for word in words if (found := OPTION.match(word))}
                    self.assertEqual(given - options, set(), "not in the help of the verb")
                count += 1
        self.assertGreater(count, 50)  # the documents were found

    def test_a_command_that_is_wrong_is_found(self):
        text = "    mpirun -n 2 build/release/lockstep train \\\n        --no-such 3   # --comment\nlockstep is fast\n"
        self.assertEqual(list(commands_of(text)), [["train", "--no-such", "3"]])
        self.assertNotIn("--no-such", self.help_of(["train"]))
        self.assertIsNone(self.help_of(["no-such-verb"]))


if __name__ == "__main__":
    unittest.main()
