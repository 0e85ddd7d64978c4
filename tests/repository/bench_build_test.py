"""A benchmark on a machine that has not the packages of the tests says what to install, before it builds anything.

`cmake` is a stand-in here: it knows the targets that there are without these packages.
"""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
NEED_ONEDNN = ["bench_layers", "bench_blas", "bench_step"]
CMAKE = """#!/bin/sh
echo "$*" >>"$(dirname "$0")/asked"
case "$*" in *help*) echo "lockstep: phony
bench_saving: phony" ;; esac
"""


class BenchBuild(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        for name, text in (("cmake", CMAKE), ("ninja", "#!/bin/sh\n")):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)

    def run_with_stand_in(self, *words):
        environment = dict(os.environ, PATH=f"{self.folder}:{os.environ['PATH']}")
        return subprocess.run([*map(str, words)], env=environment, capture_output=True, text=True, check=False)

    def asked(self):
        return (self.folder / "asked").read_text().splitlines()

    def test_each_script_says_what_to_install(self):
        for name in ("run", "step", "portable"):
            with self.subTest(name):
                done = self.run_with_stand_in(BENCH / name)
                self.assertEqual(done.returncode, 77, done.stderr)
                self.assertIn("launch/setup --tests", done.stderr)
                self.assertFalse([line for line in self.asked() if line.endswith(tuple(NEED_ONEDNN))])

    def test_a_target_without_these_packages_is_built(self):
        done = self.run_with_stand_in(BENCH / "build", self.folder / "build", "bench_saving")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.asked()[-1].endswith("--target bench_saving"), self.asked())

    def test_targets_that_scripts_name_are_in_the_build(self):
        targets = set(re.findall(r"add_\w+\((bench_\w+)", (BENCH / "CMakeLists.txt").read_text()))
        scripts = [file.read_text() for file in BENCH.iterdir() if file.is_file() and not file.suffix]
        named = [name for text in scripts for line in re.findall(r"bench/build\" .*", text)
                 for name in re.findall(r"bench_\w+", line)]  # fmt: skip
        self.assertLessEqual(set(NEED_ONEDNN), set(named))
        self.assertLessEqual(set(named), targets)


if __name__ == "__main__":
    unittest.main()
