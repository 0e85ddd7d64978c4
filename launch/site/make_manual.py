#!/usr/bin/env python3
"""Writes the manual pages of lockstep from what the program itself prints: its tables of verbs and options
(`--help-table`), the help of each verb, and `train --help-config`. Exit codes come from docs/exit_codes.md, the
changelog of the Debian package from CHANGELOG.md.

    launch/site/make_manual.py LOCKSTEP SOURCES OUT_FOLDER CONTACT

makes OUT_FOLDER/lockstep.1, lockstep-train.1 and so on, each also packed by gzip as Debian wants it, and
changelog.Debian.gz. The same program gives the same bytes. CONTACT is "Name <address>". The build runs this; the
program is only asked for help, and starts no MPI.
"""

import datetime
import gzip
import os
import pathlib
import re
import subprocess
import sys

# Variables of launchers and settings of the user, which must not change what the manual says.
FOREIGN = ("OMPI_", "PMIX_", "PMI_", "SLURM_", "LOCKSTEP_", "COLUMNS", "TERM")
SPECIAL = {"\\": r"\e", "-": r"\-", "`": r"\(ga", "'": r"\(aq", "^": r"\(ha", "~": r"\(ti", '"': r"\(dq"}


class Lockstep:
    def __init__(self, path):
        self.path = path
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}

    def __call__(self, *words):
        done = subprocess.run([self.path, *words], env=self.environment, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            sys.exit(f"manual: lockstep {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout


def escaped(text):
    """Text as troff shows it, whatever signs it holds and begins with."""
    text = "".join(SPECIAL.get(sign) or (sign if sign.isascii() else f"\\[u{ord(sign):04X}]") for sign in text)
    return "\\&" + text if text.startswith(".") else text


def running(text):
    """Running text, in which `words to type` are bold."""
    parts = [escaped(part) for part in re.split(r"`([^`]+)`", text)]
    parts[1::2] = [f"\\fB{part}\\fR" for part in parts[1::2]]
    return "".join(parts)


def examples(lines):
    return [".PP", ".RS 4", ".EX", *map(escaped, lines), ".EE", ".RE"]


def definition(term, text):
    return [".TP", f"\\fB{escaped(term)}\\fR", running(text)]


def table(lockstep, *words):
    """(group, name, value, help) for each row that `--help-table` prints."""
    return [line.split("\t") for line in lockstep(*words, "--help-table").splitlines()]


def option_parts(lockstep, words, heading):
    """The options of a command; `heading` is the macro above the first group, others have their own titles."""
    page, last = [], None
    for group, name, value, text in table(lockstep, *words):
        if group != last:
            page.append(heading if last is None else f'.SS "{escaped(group)}"')
        last = group
        page += definition(f"{'-h, ' if name == '--help' else ''}{name} {value}".strip(), text)
    return page


def blocks(lines):
    """The lines in runs of running text (False) and indented lines (True)."""
    runs = []
    for line in filter(None, lines):
        indented = line.startswith(" ")
        if not runs or runs[-1][0] != indented:
            runs.append((indented, []))
        runs[-1][1].append(line[2:] if indented else line)
    return runs


def help_part(lockstep, words, text, heading):
    """The parts of a page that the help `text` of a command makes; `heading` is the macro above its options."""
    head, has_options, _ = text.partition("\nOptions\n")
    page = []
    for indented, lines in blocks(head.split("\n")):
        page += examples(lines) if indented else [".PP", *map(running, lines)]
    return page + (option_parts(lockstep, words, heading) if has_options else [])


def kinds_of(text):
    """The words that may follow `lockstep prepare`."""
    return re.findall(r"^  (\w+) ", text.partition("Kinds:\n")[2], re.M)


def kind_parts(lockstep, help_of_prepare):
    """A section for each kind of corpus, and for each help that the help of a kind points to."""
    page = []
    waiting = [("prepare", kind) for kind in kinds_of(help_of_prepare)]
    for words in waiting:
        if re.search(rf"^  {words[1]} +not in this build", help_of_prepare, re.M):
            continue
        text = lockstep(*words, "--help")
        more = re.findall(r"^  lockstep (prepare \S.*) --help$", text, re.M)
        more += re.findall(r"`(prepare \w+ --task \w+) --help`", lockstep(*words, "--help-table"))
        waiting += [tuple(more_words.split()) for more_words in more if tuple(more_words.split()) not in waiting]
        page += [f".SH {escaped(' '.join(('lockstep', *words)).upper())}", *help_part(lockstep, words, text, '.SS "Options"')]
    return page


def key_parts(lockstep):
    page = [".SH CONFIGURATION KEYS", "Each with its default. They stand in the file of \\fB\\-\\-config\\fR,"]
    page += ["in variables such as LOCKSTEP_MODEL_HIDDEN_SIZE, and behind \\fB\\-\\-set\\fR."]
    for key, default, what in re.findall(r"^  (\S+) +(\S+) +(\S.*)$", lockstep("train", "--help-config"), re.M):
        page += definition(f"{key} = {default}", what)
    return page


def exit_codes(sources):
    rows = re.findall(r"^\| (\d+) \| (.*?) \|", (sources / "docs/exit_codes.md").read_text(), re.M)
    page = [".SH EXIT STATUS"]
    for code, meaning in rows:
        page += definition(code, meaning)
    return page


def title(name, version, summary):
    return [".\\\" Written by launch/site/make_manual.py from what the program prints.",
            f".TH {escaped(name.upper())} 1 \"\" \"lockstep {version}\" \"User Commands\"",
            ".SH NAME", f"{escaped(name)} \\- {escaped(summary)}"]  # fmt: skip


def see_also(names):
    shown = [f".BR {escaped(name)} (1){',' if name != names[-1] else ''}" for name in names]
    return [".SH SEE ALSO", *shown, ".PP", "The documents and recipes that are installed with lockstep,",
            "in share/doc/lockstep and share/lockstep/recipes."]  # fmt: skip


def verb_page(lockstep, version, verb, summary):
    text = lockstep(verb, "--help")
    kind = " \\fIKIND\\fR" if kinds_of(text) else ""
    page = title(f"lockstep-{verb}", version, summary)
    page += [".SH SYNOPSIS", f"\\fBlockstep {verb}\\fR{kind} [\\fIOPTION\\fR]...", ".SH DESCRIPTION"]
    page += help_part(lockstep, (verb,), text, ".SH OPTIONS") + kind_parts(lockstep, text)
    return page + (key_parts(lockstep) if "--help-config" in "".join(page).replace("\\-", "-") else [])


def main_page(version, verbs, sources):
    page = title("lockstep", version, "train recurrent networks on many ranks, same bits on any")
    page += [".SH SYNOPSIS", "\\fBlockstep\\fR \\fIVERB\\fR [\\fIOPTION\\fR]...", ".br"]
    page += ["\\fBmpirun \\-n\\fR \\fIRANKS\\fR \\fBlockstep train\\fR [\\fIOPTION\\fR]...", ".SH VERBS"]
    for verb, summary in verbs:
        page += definition(verb, summary)
    return page + exit_codes(sources)


def write(path, text):
    data = text.encode()
    path.write_bytes(data)
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(data, 9, mtime=0))


def debian_changelog(sources, contact):
    """The newest release of CHANGELOG.md as Debian's tools read it; cmake/package.cmake knows its revision, too."""
    release = re.search(r"^## \[([\d.]+)\] - (\d{4})-(\d\d)-(\d\d)$", (sources / "CHANGELOG.md").read_text(), re.M)
    day = datetime.date(*map(int, release.groups()[1:]))
    weekday, month = day.strftime("%a %b").split()  # in English: Python sets no locale by itself
    return (f"lockstep ({release[1]}-0.1) unstable; urgency=medium\n\n"
            "  * CHANGELOG.md in this folder says what changed.\n\n"
            f" -- {contact}  {weekday}, {day.day:02} {month} {day.year} 00:00:00 +0000\n")  # fmt: skip


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    lockstep = Lockstep(os.path.abspath(sys.argv[1]))
    sources, out = pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("lockstep*.1*"):  # of a verb that is no longer there
        old.unlink()
    version = lockstep("--version").split()[1]
    verbs = [(name, summary) for _, name, _, summary in table(lockstep)]
    if not verbs:
        sys.exit("manual: `lockstep --help-table` names no verb")
    pages = {"lockstep": main_page(version, verbs, sources)}
    for verb, summary in verbs:
        pages[f"lockstep-{verb}"] = verb_page(lockstep, version, verb, summary)
    for name, page in pages.items():
        others = [other for other in pages if other != name]
        write(out / f"{name}.1", "\n".join(page + see_also(others)) + "\n")
    write(out / "changelog.Debian", debian_changelog(sources, sys.argv[4]))


if __name__ == "__main__":
    main()
