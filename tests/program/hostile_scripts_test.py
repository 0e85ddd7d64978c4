"""The scripts of launch/ and recipes/ with names of files and folders that a shell could take for commands, patterns or
options: nothing of them runs, and they arrive whole at the program. The scripts run in a tree of this test's own,
where setup, cmake, mpirun, sbatch and the program are stand-ins: no training."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).absolute().parents[2]
sys.path.insert(0, str(ROOT / "tests/repository"))
from shellcheck_check import scripts as shell_scripts

NAMES = (b"it's \"x\" $(touch canary)`touch canary`;touch canary& a[$(touch canary)]", b"new\nline * ? ~ # {a,b} \\",
         b"\xff\xc3(", b"-rf")  # fmt: skip
# Notes its words. Makes the corpus or file after --out, and what the recipes read of evaluations.
LOCKSTEP = """#!/bin/bash
printf '%s\\0' "$@" >>"$WORDS"
verb=$1 out= json=
while (($#)); do
  case $1 in
    --out) out=$2 ;;
    --json) json=yes ;;
    --newest-step) echo 5; exit ;;
  esac
  shift
done
target='{"role": "target", "alignment": "sequence", "width": 1, "type": "uint8"}'
if [[ $verb == prepare && -n $out && $out != *.arpa ]]; then
  mkdir -p -- "$out" && echo '{"schema": {"fields": ['"$target"']}}' >"$out/corpus.json"
fi
if [[ $verb == predict && -n $out ]]; then printf '##gff-version 3\\na\\tx\\tCDS\\t1\\t3\\t.\\t+\\t0\\tID=a\\n' >"$out"; fi
[[ -z $json ]] || echo '{"labels": 2, "correct": 1, "accuracy": 0.5, "step": 3, "rmse": 1, "classes":
  [{"name": "none", "named_as": [1, 1, 0]}, {"name": "person", "named_as": [0, 1, 1]},
   {"name": "thing", "named_as": [0, 0, 1]}]}'
"""
# Hands its words on, from the program on.
MPIRUN = '#!/bin/bash\nwhile (($#)) && [[ $1 != */lockstep ]]; do shift; done\nexec "$@"\n'
SBATCH = '#!/bin/bash\nprintf "%s\\0" "$@" >>"$WORDS"\necho 7\n'
NOTHING = "#!/bin/bash\n"
FASTA = ">a\n" + "ACGT" * 50 + "\n"
GFF = "a\tx\tCDS\t1\t30\t.\t+\t0\tID=a\n"


class HostileScriptsTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.tree, self.user = pathlib.Path(holder.name) / "tree", pathlib.Path(holder.name) / "user"
        self.words_file = pathlib.Path(holder.name) / "words"
        shutil.copytree(ROOT / "launch", self.tree / "launch", ignore=shutil.ignore_patterns("*.cc", "*.h"))
        shutil.copytree(ROOT / "recipes", self.tree / "recipes", ignore=shutil.ignore_patterns("*.h5", "__pycache__"))
        for name, text in {"build/release/lockstep": LOCKSTEP, "bin/mpirun": MPIRUN, "bin/sbatch": SBATCH,
                           "bin/cmake": NOTHING, "bin/espeak-ng": NOTHING, "launch/setup": NOTHING,
                           "CMakePresets.json": "{}"}.items():  # fmt: skip
            path = self.tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)
        self.user.mkdir()

    def start(self, script, *words, code=0, **environment):
        """Runs a script of the tree from the user's folder; all words that the program got."""
        self.words_file.write_bytes(b"")
        known = dict(os.environ, PATH=f"{self.tree}/bin:{os.environ['PATH']}", WORDS=str(self.words_file), **environment)
        done = subprocess.run([self.tree / script, *words], cwd=self.user, env=known, capture_output=True, check=False,
                              timeout=100, stdin=subprocess.DEVNULL)  # fmt: skip
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.said = done.stdout + done.stderr
        self.assertNotIn(b"\x1b", self.said)
        canaries = [path for folder in (self.user, self.tree) for path in folder.rglob("canary")]
        self.assertEqual(canaries, [], done.stderr)
        return self.words_file.read_bytes().split(b"\0")

    def file(self, name, text):
        """A file in the user's folder, whose name is bytes; its path from there, which is no option."""
        path = os.fsencode(self.user) + b"/" + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return b"./" + name

    def check_recipe(self, name, recipe, words, expected, **environment):
        """`expected`: what must be among the program's words, below the user's folder or below the results."""
        found = self.start(f"recipes/{recipe}", *words, **environment)
        for path in expected:
            self.assertTrue(any(word.endswith(path) for word in found), (path, found))

    def test_recipes(self):
        for number, name in enumerate(NAMES):
            out = name + b"/out"
            fasta, gff, table = self.file(name + b"/g.fa", FASTA), self.file(name + b"/g.gff", GFF), self.file(name + b"/t.csv", "a,b\n")
            chains = self.file(name + b"/chains.txt", "<>\nA h\nend\n" * 5)
            data = b"./" + name
            self.file(name + b"/etc/an4_train.transcription", "<s> ONE TWO </s> (an4-1)\n")
            for split in (b"train", b"valid", b"test"):
                self.file(name + b"/ptb." + split + b".txt", " one two\n")
            cases = (
                ("dna-genes/run", (fasta, gff, out), (out + b"/corpus", out + b"/run", name + b"/g.fa")),
                ("dna-genes/genes", (out + b"g", fasta, gff), (out + b"g/all", out + b"g/run", name + b"/g.gff")),
                ("dna-genes/annotate", (fasta, out + b"a", data), (name + b"/g.fa", out + b"a/genes.gff3")),
                ("entities/run", (table, table, table, out + b"e"), (name + b"/t.csv", out + b"e/run-1")),
                ("entities/run", (table, table, table, out + b"w", table), (out + b"w/words", out + b"w/run-text-1")),
                ("sentences/run", (table, table, table, out + b"s"), (name + b"/t.csv", out + b"s/run-1")),
                ("splice-junctions/run", (table, out + b"j"), (name + b"/t.csv", out + b"j/run-1")),
                ("protein-structure/run", (data, out + b"p"), (name + b"/mask.fasta", out + b"p/run")),
                ("protein-structure/qian-sejnowski", (table, table, data, out + b"q"), (name + b"/t.csv", out + b"q/all")),
                ("protein-structure/qian-sejnowski-alone", (table, table, out + b"x"), (name + b"/t.csv", out + b"x/deep")),
                ("protein-structure/folds", (chains, out + b"f"), (out + b"f/fold-5/test.txt", out + b"f/fold-5/deep")),
                ("lm-ptb/run", (data, out + b"l"), (name + b"/ptb.train.txt", out + b"l/run-lstm")),
                ("multi30k/run", (data, out + b"t"), (name + b"/train.de.gz", out + b"t/run-de-en")),
                ("music/run", (b"jsb", table, out + b"m"), (name + b"/t.csv", out + b"m/large")),
                ("speech-an4/run", (data, out + b"r"), (name + b"/etc/an4_train.fileids", out + b"r/bigram.arpa")),
            )  # fmt: skip
            for recipe, words, expected in cases:
                with self.subTest(recipe=recipe, name=name):
                    if name == b"\xff\xc3(" and recipe == "splice-junctions/run":
                        words = (table, b"out-of-python")  # whose arguments are surrogates there, and arrive as well
                        expected = (name + b"/t.csv",)
                    self.check_recipe(name, recipe, words, expected)
            if number == 0:  # these make their data, which takes time
                self.check_recipe(name, "claims/run", (out + b"c", "teddy"), (out + b"c/teddy/corpus",))

    def test_lists_of_one_network_and_of_none(self):
        table = self.file(b"t.csv", "a,b\n")
        words = (table, table, b"out")
        one = self.file(b"one.txt", "# the only one\nlast model.layers=2")  # its line has no end
        found = self.start("recipes/protein-structure/qian-sejnowski-alone", *words, one)
        self.assertIn(b"model.layers=2", found)
        self.assertNotIn(b"--ensemble", found)
        none = self.file(b"none.txt", "# nothing\n\n")
        self.start("recipes/protein-structure/qian-sejnowski-alone", *words, none, code=65)
        self.assertIn(b"names none", self.said)

    def test_folds_of_other_chains_are_refused(self):
        chains = self.file(b"chains.txt", "<>\nA h\nend\n" * 5)
        other = self.file(b"other.txt", "<>\nG e\nend\n" * 5)
        self.start("recipes/protein-structure/folds", chains, b"folds")
        self.start("recipes/protein-structure/folds", other, b"folds", code=1)
        self.assertIn(b"has other chains", self.said)
        self.start("recipes/protein-structure/folds", self.file(b"few.txt", "<>\nA h\nend\n"), b"few", code=1)
        self.assertIn(b"the chains form fewer than 5 families of relatives", self.said)

    def test_recipes_say_that_they_go_on_with_a_corpus(self):
        for split in (b"train", b"valid", b"test"):
            self.file(b"ptb/ptb." + split + b".txt", " one two\n")
        table = self.file(b"t.csv", "a,b\n")
        for recipe, words in (("lm-ptb/run", (b"ptb", b"l")), ("protein-structure/qian-sejnowski-alone", (table, table, b"x y"))):
            self.assertIn(b"prepare", self.start(f"recipes/{recipe}", *words))
            self.assertNotIn(b"goes on with the corpus", self.said)
            self.assertNotIn(b"prepare", self.start(f"recipes/{recipe}", *words))
            self.assertIn(b"goes on with the corpus in ", self.said)
        self.assertIn(b"x\\ y/corpus, whatever it was made from; delete this folder to prepare it again", self.said)

    def test_demo(self):
        for name in NAMES[:3]:
            with self.subTest(name=name):
                found = self.start("launch/demo", b"music", name)
                self.assertIn(name + b"/corpus", found)
                self.assertIn(name + b"/music", found)
                self.start("launch/demo", b"music", name)  # deletes what it has made
        self.start("launch/demo", b"-rf", code=64)

    def test_launchers(self):
        """With mpirun's own stand-in, which hands everything behind its options on."""
        program = self.tree / "build/release/lockstep"
        for name in NAMES[:3]:
            with self.subTest(name=name):
                hosts, run = self.file(name + b".hosts", "localhost slots=1\n"), name + b"/run"
                self.assertIn(run, self.start("launch/local", "-n", "1", program, "train", "--run", run))
                if name == NAMES[2]:
                    continue  # launch/hosts waits for seconds after each failure
                found = self.start("launch/hosts", hosts, "-n", "1", program, "train", "--run", run, code=76)
                self.assertIn(run, found)
                self.assertIn(b"--newest-step", found)
                with open(os.fsencode(self.user) + b"/" + run + b"/log.txt", "rb") as file:
                    log = file.read()
                self.assertRegex(log, rb"\A(2[-\d]+ [\d:]+ I launch/hosts: [^\n]+\n)+\Z")
                self.assertIn(b"--path=" + os.fsencode(os.path.realpath(self.user)) + b"/" + run, found)

    def test_chains_and_sweeps(self):
        for name in NAMES:
            with self.subTest(name=name):
                script = self.file(name + b".sbatch", "lockstep=true\nrun=r\nwords=(train --run \"$run\")\n\n"
                                   "# What follows is the same for every run.\nprintf '%s\\0' \"${words[@]}\" >>\"$WORDS\"\n")  # fmt: skip
                found = self.start("launch/slurm/chain", "2", script[2:], "--nodes=1")
                self.assertIn(script if name == b"-rf" else script[2:], found)
                self.file(name + b".txt", "--set a=$(touch canary)\n--set `touch canary` * ~\n")
                for number, words in enumerate(([b"--set", b"a=$(touch", b"canary)"], [b"--set", b"`touch", b"canary`", b"*", b"~"])):
                    found = self.start("launch/slurm/sweep.sbatch", script[2:], name + b".txt",
                                       SLURM_ARRAY_TASK_ID=str(number))  # fmt: skip
                    self.assertEqual(found[:-1], [b"train", b"--run", f"r-{number}".encode(), *words])

    def test_messages_show_names_as_the_program_does(self):
        name = b"a\nline\x1b[2J\xc2\x9b\xff\xe2\x80\xae"
        shown, program = b"a<U+000A>line<U+001B>[2J<U+009B><0xFF><U+202E>", self.tree / "build/release/lockstep"
        folder = os.fsencode(self.user) + b"/" + name
        self.start("launch/demo", b"music", folder)
        self.assertIn(shown + b"/run/checkpoints", self.said)
        self.file(name + b"/other", "")
        os.remove(folder + b"/.lockstep-demo")
        for script, words, code in (("launch/demo", (b"music", folder), 73), ("launch/demo", (b"-" + name,), 64),
                                    ("launch/local", (b"-n", b"1", name), 66), ("launch/hosts", (name, program), 66),
                                    ("launch/slurm/chain", (name, b"x.sbatch"), 64),
                                    ("recipes/dna-genes/annotate", (b"no" + name,), 66),
                                    ("launch/slurm/sweep.sbatch", (name, name), 66)):  # fmt: skip
            with self.subTest(script=script):
                self.start(script, *words, code=code, SLURM_ARRAY_TASK_ID="0")
                self.assertIn(b"cannot read $'a\\nline" if script.endswith("sweep.sbatch") else shown, self.said)
                self.assertNotIn(b"\nline", self.said)
                self.assertNotIn(b"\xe2\x80\xae", self.said)

    def test_folders_of_the_user_s_CDPATH_are_no_folders_of_the_scripts(self):
        decoy = pathlib.Path(self.user) / "decoy"
        (decoy / "launch").mkdir(parents=True)
        known = dict(os.environ, PATH=f"{self.tree}/bin:{os.environ['PATH']}", WORDS=str(self.words_file), CDPATH=str(decoy))
        done = subprocess.run(["bash", "launch/demo", "music", self.user / "made"], cwd=self.tree, env=known,
                              capture_output=True, check=False, timeout=100)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"Where things are", done.stdout)
        for script in shell_scripts():  # some of these build for minutes before one would see it
            for line in (ROOT / script).read_text(encoding="utf-8").splitlines():
                if re.search(r"(^|[\s(;&|])cd ", line.split("# ")[0]):
                    self.assertIn("CDPATH='' cd -- ", line, script)

    def test_a_word_that_is_shown_is_as_the_program_shows_it(self):
        """The function of the scripts, and its copy in the script that SLURM runs alone."""
        sources = [(ROOT / path).read_text() for path in ("launch/shown", "launch/slurm/train.sbatch")]
        functions = [text[text.index("shown() {") : text.index("\n}\n", text.index("shown() {"))] for text in sources]
        self.assertEqual(*functions)
        for word, expected in ((b"a b", b"a b"), ("\u00e4\u6f22\U0001f600".encode(),) * 2, (b"\t\r\x7f\x01", b"<U+0009><U+000D><U+007F><U+0001>"),
                               ("\u200b\u202e\ufeff\u2066".encode(), b"<U+200B><U+202E><U+FEFF><U+2066>"), (b"\xe4\xb8", b"<0xE4><0xB8>"),
                               (b"-n", b"-n"), (b"$(x) `y` %s \\n", b"$(x) `y` %s \\n"), (b"", b"")):  # fmt: skip
            command = ["bash", "-c", 'set -eu; source "$0"; shown "$1"', ROOT / "launch/shown", word]
            for locale in ("C", "C.UTF-8"):
                done = subprocess.run(command, capture_output=True, check=True, env=dict(os.environ, LC_ALL=locale))
                self.assertEqual(done.stdout, expected)

    def test_setup_takes_no_names(self):
        for name in NAMES[:2]:
            done = subprocess.run([ROOT / "launch/setup", name], cwd=self.user, capture_output=True, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertNotIn(b"\nline", done.stderr)
            self.assertFalse((self.user / "canary").exists())


if __name__ == "__main__":
    unittest.main()
