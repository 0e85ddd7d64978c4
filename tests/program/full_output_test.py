"""Every verb notices that what it prints or writes does not arrive: exit code 74, or 73 where a file cannot even be
made, and no half file under the name that was given.

    tests/program/full_output_test.py build/release/lockstep
"""

import os
import subprocess
import tempfile

import small_run
from small_run import run_well

ROWS = "".join(f"{i % 5},{i % 3},{'yes' if i % 2 else 'no'}\n" for i in range(60))
TEXT = "".join(f"a b c d {'e' if i % 2 else 'f'}\n" for i in range(60))
TINY = [word for setting in ("model.hidden_size=4", "model.embedding_size=3", "batch.sequences=8", "batch.slots=2")
        for word in ("--set", setting)]  # fmt: skip


class FullOutputTest(small_run.RunTest):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.place = holder.name

    def start(self, *words, **how):
        words = [small_run.LOCKSTEP, *map(str, words)]
        return subprocess.run(words, stderr=subprocess.PIPE, text=True, check=False, timeout=60, **how)

    def printing(self):
        """Commands that print something on standard output."""
        run, corpus, fasta = self.run_folder, self.corpus, self.folder / "genome.fa"
        table, text = f"{self.place}/t.csv", f"{self.place}/t.txt"
        with open(table, "w", encoding="utf-8") as file:
            file.write("a,b,c\n" + ROWS)
        with open(text, "w", encoding="utf-8") as file:
            file.write(TEXT)
        run_well("prepare", "text", "--task", "lm", "--train", text, "--valid", text, "--out", f"{self.place}/lm")
        run_well("train", "--corpus", f"{self.place}/lm", "--run", f"{self.place}/lm-run", "--steps", 1, *TINY,
                 "--set", "model.bidirectional=false", "--set", "train.bptt_steps=10")  # fmt: skip
        return [
            ("--help",), ("--version",), ("train", "--help"), ("train", "--help-config"), ("train", "--dump-config"),
            ("help", "prepare"), ("inspect", run), ("inspect", run, "--json"), ("inspect", run, "--field", "step"),
            ("inspect", run, "--newest-step"), ("inspect", run, "--compare", run), ("inspect", corpus),
            ("verify", run), ("verify", corpus), ("evaluate", "--run", run, "--corpus", corpus),
            ("evaluate", "--run", run, "--corpus", corpus, "--json"), ("check", "--corpus", corpus, "--steps", 1, *TINY),
            ("job", "--time", "1h", "--corpus", corpus, "--run", f"{self.place}/j", "--steps", 3, *TINY), ("doctor", "--help"),
            ("predict", "--run", run, "--fasta", fasta, "--out", f"{self.place}/o.gff"),
            ("predict", "--run", f"{self.place}/lm-run", "--score", text),
            ("generate", "--run", f"{self.place}/lm-run", "--length", 5),
            ("report", "--run", run, "--out", f"{self.place}/page.html"),
            ("report", "--run", run, "--csv", f"{self.place}/m.csv"),
            ("prepare", "--help"),
            ("prepare", "arrays", "--train", table, "--target-columns", "c", "--out", f"{self.place}/c1"),
            ("prepare", "dna", "--synthetic", 3000, "--window", 50, "--out", f"{self.place}/c2"),
            ("prepare", "music", "--synthetic", 12, "--out", f"{self.place}/c3"),
            ("prepare", "text", "--task", "lm", "--train", text, "--valid", text, "--out", f"{self.place}/c4"),
        ]  # fmt: skip

    def test_each_verb_notices_a_full_standard_output(self):
        for words in self.printing():
            with self.subTest(words=" ".join(map(str, words))):
                with open("/dev/full", "w", encoding="utf-8") as full:
                    done = self.start(*words, stdout=full)
                self.assertEqual(done.returncode, 74, done.stderr[-500:])
                self.assertIn("standard output", done.stderr)

    def test_a_closed_standard_output_is_noticed(self):
        done = subprocess.run(["sh", "-c", 'exec "$0" inspect "$1" >&-', small_run.LOCKSTEP, self.run_folder],
                              stderr=subprocess.PIPE, text=True, check=False, timeout=60)  # fmt: skip
        self.assertEqual(done.returncode, 74, done.stderr)

    def writing(self):
        """Commands that write a file of more than a few bytes, and the path of it."""
        run, corpus, fasta = self.run_folder, self.corpus, self.folder / "genome.fa"
        for number, words in enumerate((
            ("predict", "--run", run, "--fasta", fasta, "--out"),
            ("predict", "--run", run, "--fasta", fasta, "--out", f"{self.place}/rows", "--logits"),
            ("predict", "--run", run, "--corpus", corpus, "--logits"), ("report", "--run", run, "--out"),
            ("report", "--run", run, "--csv"), ("report", "--run", run, "--tensorboard"),
            ("prepare", "dna", "--synthetic", 3000, "--window", 50, "--out"),
            ("train", "--corpus", corpus, "--steps", 1, *TINY, "--run"))):  # fmt: skip
            yield (*words, f"{self.place}/{number}")

    def test_each_verb_notices_that_a_file_cannot_grow(self):
        for words in self.writing():
            with self.subTest(words=" ".join(map(str, words))):
                done = subprocess.run(["prlimit", "--fsize=10", small_run.LOCKSTEP, *map(str, words)], text=True,
                                      capture_output=True, check=False, timeout=60)  # fmt: skip
                self.assertIn(done.returncode, (73, 74), done.stderr[-500:])
                self.assertFalse(os.path.isfile(words[-1]), "half a file under the name of the whole one")

    def test_a_file_that_cannot_grow_further_ends_no_verb_by_a_signal(self):
        """HDF5 finds out late, while it closes a file, and would crash at the end of the process."""
        failed = 0
        for size in (1000, 3000, 5000, 20000):
            for words in self.writing():
                path = f"{words[-1]}-{size}"
                with self.subTest(size=size, words=" ".join(map(str, words))):
                    done = subprocess.run(["prlimit", f"--fsize={size}", small_run.LOCKSTEP, *map(str, words[:-1]), path],
                                          text=True, capture_output=True, check=False, timeout=60)  # fmt: skip
                    self.assertIn(done.returncode, (0, 73, 74), done.stderr[-500:])
                    failed += done.returncode != 0
                    if done.returncode != 0:
                        self.assertFalse(os.path.isfile(path), "half a file under the name of the whole one")
        self.assertGreater(failed, 5)

    def test_each_verb_notices_a_folder_that_is_not_there(self):
        for words in self.writing():
            if words[0] in ("prepare", "train") or "--tensorboard" in words:
                continue  # they make it
            with self.subTest(words=" ".join(map(str, words))):
                done = self.start(*words[:-1], f"{self.place}/none/x", stdout=subprocess.PIPE)
                self.assertIn(done.returncode, (73, 74), done.stderr[-500:])


if __name__ == "__main__":
    small_run.main()
