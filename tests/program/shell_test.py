#!/usr/bin/env python3
"""How the program fits into a shell: help in two lengths, completion in bash and manual pages that have every option,
and --version."""

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

LOCKSTEP = os.path.abspath(sys.argv.pop(1))
REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
COMPLETION = os.path.join(REPOSITORY, "launch", "site", "lockstep.bash")


def lockstep(*words):
    return subprocess.run([LOCKSTEP, *words], capture_output=True, text=True, check=True, timeout=60).stdout


@functools.lru_cache(None)
def table(*words):
    """(group, name, value, help) for each line of --help-table."""
    return [tuple(line.split("\t")) for line in lockstep(*words, "--help-table").splitlines()]


@functools.lru_cache(None)
def commands():
    """Each command that has options: the verbs, and those of `prepare` for each kind of data and task."""
    return [(verb,) for _, verb, _, _ in table() if verb != "prepare"] + list(kinds())


def kinds():
    for _, kind, _, _ in table("prepare"):
        done = subprocess.run([LOCKSTEP, "prepare", kind, "--help"], capture_output=True, text=True, check=False)
        if done.returncode != 0:  # not in this build
            continue
        yield ("prepare", kind)
        for task in re.findall(rf"prepare {kind} --task (\w+)", done.stdout):
            yield ("prepare", kind, "--task", task)


def completions(*words, folder=None):
    """What bash offers for the last of the words, in this folder."""
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _lockstep; '
              'printf "%s\\n" "${COMPREPLY[@]}"')  # fmt: skip
    done = subprocess.run(["bash", "-c", script, "bash", COMPLETION, LOCKSTEP, *words], capture_output=True, text=True,
                          check=True, cwd=folder, timeout=60)  # fmt: skip
    assert not done.stderr, done.stderr
    return [word for word in done.stdout.split("\n") if word]


class ShellTest(unittest.TestCase):
    def test_the_short_help_leaves_out_rare_options_and_says_how_many(self):
        short, whole = lockstep("predict", "--help"), lockstep("predict", "--help-all")
        left_out = re.search(r"--help-all` lists (\d+)\s+more options", short)
        names = set(re.findall(r"^  (--[a-z-]+)", whole, re.M)) - {"--help-all", "--help-table"}
        shown = set(re.findall(r"^  (--[a-z-]+)", short, re.M))
        self.assertEqual(int(left_out.group(1)), len(names - shown))
        self.assertGreater(len(names - shown), 10)
        self.assertLess(len(short.splitlines()), 0.8 * len(whole.splitlines()))
        self.assertNotIn("more option", lockstep("inspect", "--help"))

    def test_each_command_has_an_option_only_once_in_a_group(self):
        for words in commands():
            rows = table(*words)
            self.assertEqual(len(rows), len(set(rows)), words)
            self.assertTrue(all(len(row) == 4 and row[1].startswith("--") and row[3] for row in rows), words)

    def test_bash_completes_every_option_of_every_command(self):
        for words in commands():
            with self.subTest(" ".join(words)):
                offered = completions(*words, "--")
                self.assertEqual(sorted(set(offered)), sorted({name for _, name, _, _ in table(*words)}))

    def test_bash_completes_verbs_kinds_values_and_keys(self):
        self.assertEqual(completions("tr"), ["train"])
        self.assertIn("doctor", completions("help", ""))
        self.assertEqual(completions("prepare", "mus"), ["music"])
        self.assertEqual(completions("train", "--set", "log.tens"), ["log.tensorboard="])
        self.assertEqual(completions("prepare", "text", "--task", "lm", "--line"), ["--line-end"])
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(f"{folder}/a run")
            with open(f"{folder}/a file", "w", encoding="utf-8"):
                pass
            both = [f"{folder}/a file", f"{folder}/a run"]
            self.assertEqual(completions("train", "--run", f"{folder}/a"), both[1:])
            self.assertEqual(sorted(completions("train", "--config", f"{folder}/a")), both)
            self.assertEqual(sorted(completions("inspect", f"{folder}/a")), both)
            for verb in ("report", "watch"):
                self.assertEqual(completions(verb, f"{folder}/a"), both[1:])
                self.assertEqual(completions(verb, "--run", f"{folder}/a"), both[1:])
            self.assertIn("--csv", completions("report", "--c"))
            self.assertEqual(completions("train", "--run", "=", f"{folder}/a"), both[1:])
            self.assertEqual(sorted(completions("train", "--config", "=", f"{folder}/a f")), both[:1])
            self.assertEqual(sorted(completions("train", "--config", "=", f"{folder}/a")), both)
            several = completions("prepare", "text", "--train", both[0], f"{folder}/a")
            self.assertEqual(sorted(several), both)
            self.assertEqual(completions("train", "--run", "=", folder=folder), ["a run"])
        self.assertEqual(completions("train", "--set", "log.tensorboard", "=", "t"), [], "nothing is known of values")
        self.assertEqual(completions("train", "--set", "log.tensorboard", "="), [])
        self.assertEqual(completions("no-such-verb", "--"), [])

    def test_the_manual_has_every_option_and_man_has_nothing_to_complain_of(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-B", f"{REPOSITORY}/launch/site/make_manual.py", LOCKSTEP, REPOSITORY, folder,
                            "Nobody <nobody@example.org>"], check=True)  # fmt: skip
            for words in commands():
                with open(f"{folder}/lockstep-{words[0]}.1", encoding="utf-8") as file:
                    page = file.read()
                for _, name, _, text in table(*words):
                    self.assertIn(f"{name}".replace("-", "\\-"), page, words)
                    begin = re.split("[`'\"~^]", text)[0][:20]  # what follows is written otherwise
                    self.assertIn(begin.replace("-", "\\-"), page, (words, name))
            if not shutil.which("man") or not shutil.which("groff"):
                print("man is missing: pages were not set")
                return
            for name in ("lockstep", "lockstep-prepare", "lockstep-predict"):  # package_test sets all of them
                self.check_page(f"{folder}/{name}.1")

    def check_page(self, page):
        command = ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page]
        said = subprocess.run(command, env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MANROFFSEQ": ""},
                              capture_output=True, text=True, check=False)  # fmt: skip
        self.assertEqual((said.returncode, said.stderr), (0, ""), page)

    def test_the_version_names_libraries_instruction_sets_and_precisions(self):
        lines = lockstep("--version").splitlines()
        self.assertRegex(lines[0], r"^lockstep \d+\.\d+\.\d+$")
        self.assertRegex(lines[1], r"^libraries: .*\d.*, HDF5 \d.*Eigen \d")
        self.assertRegex(lines[2], r"^instruction sets: sse4, avx2 and avx512; this machine has (sse4|avx2|avx512)$")
        self.assertRegex(lines[3], r"^precision: float32, bf16 and bf16-amx; bf16 computes .* here; bf16-amx (multiplies|computes) .*$")


if __name__ == "__main__":
    unittest.main()
