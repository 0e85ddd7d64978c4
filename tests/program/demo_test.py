"""launch/demo deletes nothing but what a demo has made. The script runs in a tree of this test's own, where setup,
cmake, mpirun and the program are stand-ins: here it is about folders, not about training."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

DEMO = pathlib.Path(__file__).absolute().parents[2] / "launch" / "demo"
MARKER = ".lockstep-demo"
# Makes the folder after --out or --run, with a file in it; mpirun hands its words on, options before the program.
LOCKSTEP = """#!/bin/bash
while (($#)); do
  if [[ $1 == --out || $1 == --run ]]; then mkdir -p "$2" && echo new >"$2/made"; fi
  shift
done
"""
MPIRUN = '#!/bin/bash\nwhile [[ $1 != */lockstep ]]; do shift; done\nexec "$@"\n'
NOTHING = "#!/bin/bash\n"


class DemoTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        for name, text in {"launch/setup": NOTHING, "build/release/lockstep": LOCKSTEP, "bin/mpirun": MPIRUN,
                           "bin/cmake": NOTHING}.items():  # fmt: skip
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)
        for name in ("demo", "shown"):
            shutil.copy(DEMO.parent / name, self.folder / "launch" / name)

    def demo(self, *words, code=0):
        environment = dict(os.environ, PATH=f"{self.folder}/bin:{os.environ['PATH']}")
        done = subprocess.run([self.folder / "launch/demo", *words], cwd=self.folder, env=environment, text=True,
                              capture_output=True, timeout=60, check=False)  # fmt: skip
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stderr

    def mine(self, name):
        """A file of the user's."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
        return path

    def assert_refused(self, path, message, *words, code=73):
        self.assertIn(message, self.demo(*words, code=code))
        self.assertEqual(path.read_text(), "mine")

    def test_results_of_an_earlier_demo_are_replaced_and_all_else_stays(self):
        for words, folder in (((), "build/demo"), (("new folder",), "new folder"), (("music",), "build/demo-music")):
            self.demo(*words)
            old, other = self.mine(f"{folder}/run/old"), self.mine(f"{folder}/thesis.tex")
            self.demo(*words)
            self.assertFalse(old.exists())
            self.assertEqual(other.read_text(), "mine")
            self.assertEqual((self.folder / folder / "run/made").read_text(), "new\n")
            self.assertEqual((self.folder / folder / "corpus/made").read_text(), "new\n")

    def test_an_empty_folder_is_taken(self):
        (self.folder / "empty").mkdir()
        self.demo("empty")
        self.assertTrue((self.folder / "empty" / MARKER).is_file())

    def test_a_folder_that_no_demo_has_made_is_refused_with_what_to_type(self):
        for words, name in (((), "build/demo/run/old"), (("my data",), "my data/run/old"), ((".",), "run/old"),
                            ((str(self.folder / "x"),), "x/.hidden")):  # fmt: skip
            self.assert_refused(self.mine(name), "no demo has made it", *words)
        self.assertIn("\n  touch my\\ data/.lockstep-demo\n", self.demo("my data", code=73))

    def test_what_it_says_to_type_helps(self):
        old = self.mine("my data/run/old")
        command = self.demo("my data", code=73).splitlines()[-2]
        subprocess.run(["bash", "-c", command], cwd=self.folder, check=True)
        self.demo("my data")
        self.assertFalse(old.exists())

    def test_a_link_is_not_followed(self):
        kept = self.mine("victim/run/old")
        for target in ("victim", "nowhere"):
            (self.folder / "link").symlink_to(target)
            for words in (("link",), ("link/",), ("speech", "link//")):
                self.assert_refused(kept, "it is a symbolic link", *words)
            (self.folder / "link").unlink()
        self.assertFalse((self.folder / "nowhere").exists())

    def test_links_in_its_own_folder_are_deleted_and_not_followed(self):
        self.demo("own")
        kept = self.mine("victim/old")
        for name in ("corpus", "run"):
            shutil.rmtree(self.folder / "own" / name)
            (self.folder / "own" / name).symlink_to(self.folder / "victim")
        self.demo("own")
        self.assertEqual((kept.read_text(), os.listdir(kept.parent)), ("mine", ["old"]))

    def test_a_marker_that_is_a_link_is_none(self):
        kept = self.mine("victim")
        run = self.mine("other/run/old")
        (self.folder / "other" / MARKER).symlink_to(kept)
        self.assert_refused(run, "no demo has made it", "other")
        self.assertEqual(kept.read_text(), "mine")

    def test_a_file_and_an_option_are_no_folders(self):
        self.assert_refused(self.mine("file"), "it is no folder", "file")
        kept = self.mine("-rf/run/old")
        for words in (("-rf",), ("speech", "-rf"), ("new", "-rf")):
            self.assert_refused(kept, 'there is no option "-rf"; write ./-rf', *words, code=64)
        self.assert_refused(kept, "no demo has made it", "./-rf")
        self.assert_refused(kept, "launch/demo music [FOLDER]", "music", "new", "x.wav", code=64)
        self.demo("--help")


if __name__ == "__main__":
    unittest.main()
