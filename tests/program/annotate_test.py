"""recipes/dna-genes/annotate where the model finds no gene: it says so, trains on nothing and leaves the files of the
model. The script runs in a tree of this test's own, where mpirun and the program are stand-ins."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

RECIPES = pathlib.Path(__file__).absolute().parents[2] / "recipes"
# Notes its verb; `predict` writes the rows of $ROWS as GFF3, `prepare` a corpus.
LOCKSTEP = """#!/bin/bash
echo "$1" >>"$VERBS"
verb=$1
while (($#)); do
  if [[ $1 == --out && $verb == predict ]]; then printf '##gff-version 3\\n%b' "$ROWS" >"$2"; fi
  if [[ $1 == --out && $verb == prepare ]]; then mkdir -p "$2" && echo {} >"$2/corpus.json"; fi
  shift
done
"""
MPIRUN = '#!/bin/bash\nwhile [[ $1 != */lockstep ]]; do shift; done\nexec "$@"\n'


class AnnotateTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        for name in ("recipes/dna-genes/annotate", "recipes/place", "launch/shown"):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(RECIPES.parent / name, self.folder / name)
        for name, text in {"build/release/lockstep": LOCKSTEP, "bin/mpirun": MPIRUN, "CMakePresets.json": "{}",
                           "genome.fa": ">a\nACGT\n", "model/corpus.json": "{}"}.items():  # fmt: skip
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)

    def annotate(self, rows):
        """The verbs that were run, and what the script said on standard error."""
        environment = dict(os.environ, PATH=f"{self.folder}/bin:{os.environ['PATH']}", ROWS=rows,
                           VERBS=f"{self.folder}/verbs", ROUNDS="2")  # fmt: skip
        done = subprocess.run([self.folder / "recipes/dna-genes/annotate", self.folder / "genome.fa",
                               self.folder / "out", self.folder / "model"],
                              env=environment, text=True, capture_output=True, timeout=60, check=False)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.folder / "out/genes.gff3").is_file())
        return (self.folder / "verbs").read_text().split(), done.stderr

    def test_a_genome_without_genes_is_told_and_nothing_is_trained(self):
        verbs, err = self.annotate("")
        self.assertEqual(verbs, ["predict", "predict"])
        self.assertIn(f"the model finds no gene in {self.folder}/genome.fa,", err)

    def test_genes_are_trained_on_in_each_round(self):
        verbs, err = self.annotate("a\\tLockstep\\tCDS\\t1\\t3\\t.\\t+\\t0\\tID=a\\n")
        self.assertEqual(verbs, ["predict", "prepare", "train"] * 2 + ["predict"])
        self.assertEqual(err, "")


if __name__ == "__main__":
    unittest.main()
