"""Whatever a checkpoint, corpus or HDF5 file names, no file outside of the given paths is opened: external links,
external storage, virtual datasets, filters from plugins, user-defined links. Seen with strace.

    tests/program/outside_files_test.py build/release/lockstep
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import small_run
from foreign_checkpoint_test import rewrite

# The system's own: libraries and what they read at start, the state of the machine and of the process.
SYSTEM = ("/lib/", "/lib64/", "/usr/lib/", "/usr/share/", "/etc/", "/proc/", "/sys/", "/dev/", "/run/", "/var/run/", "/usr/bin/")
CALLS = "open,openat,openat2,creat,execve,symlink,symlinkat,link,linkat,rename,renameat,renameat2,unlink,unlinkat,mkdir"


def can_trace():
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0


@unittest.skipUnless(can_trace(), "strace is missing, or may not trace; install it with launch/setup --tests")
@unittest.skipIf(small_run.h5py is None, "h5py is missing; install it with launch/setup --tests")
class OutsideFilesTest(small_run.RunTest):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.place = os.path.realpath(holder.name)
        self.given, self.secret = f"{self.place}/given", f"{self.place}/secret"
        os.mkdir(self.given)
        self.forged = f"{self.given}/run"
        shutil.copytree(self.run_folder, self.forged)
        self.newest = f"{self.forged}/checkpoints/{self.checkpoint(small_run.STEPS).name}"
        os.mkdir(self.secret)
        with small_run.h5py.File(f"{self.secret}/other.h5", "w") as other:
            other["x"] = [0.0] * 1000
        with open(f"{self.secret}/raw", "wb") as file:
            file.write(bytes(4000))

    def opened(self, *words):
        """The paths that the program opened, or changed, outside of the system's; its exit code and what it said."""
        record = f"{self.place}/record"
        environment = dict(os.environ, HDF5_PLUGIN_PATH=f"{self.secret}/plugins")
        done = subprocess.run(["strace", "-f", "-qq", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", record,
                               small_run.LOCKSTEP, *map(str, words)], cwd=self.given, env=environment, text=True,
                              capture_output=True, check=False, timeout=120)  # fmt: skip
        paths = set()
        with open(record, encoding="utf-8", errors="replace") as file:
            for line in file:
                paths |= {os.path.normpath(os.path.join(self.given, path)) for path in re.findall(r'"((?:[^"\\]|\\.)*)"', line.split("[")[0])}
        ours = (small_run.LOCKSTEP, str(self.folder))
        return {path for path in paths if not path.startswith((*SYSTEM, *ours))}, done.returncode, done.stdout + done.stderr

    def expect_nothing_outside(self, code, *words):
        paths, found, said = self.opened(*words)
        self.assertEqual(found, code, said[-1000:])
        self.assertEqual({path for path in paths if not path.startswith(self.given)}, set(), said[-500:])
        self.assertNotEqual(paths, set(), "strace has seen nothing")

    def forge(self, change):
        """Changes the arrays of the newest checkpoint: `change` makes the dataset of this name anew."""
        name = "rnn.bias_hh_l0"

        def change_arrays(arrays):
            shape = arrays[name].shape
            del arrays[name]
            change(arrays, name, shape)

        rewrite(self.newest, change_arrays=change_arrays)

    def external_link(self, arrays, name, _):
        arrays[name] = small_run.h5py.ExternalLink(f"{self.secret}/other.h5", "/x")

    def relative_external_link(self, arrays, name, _):
        arrays[name] = small_run.h5py.ExternalLink("../secret/other.h5", "/x")

    def soft_link(self, arrays, name, _):
        arrays[name] = small_run.h5py.SoftLink("/rnn.weight_hh_l0")

    def external_storage(self, arrays, name, shape):
        arrays.create_dataset(name, shape=shape, dtype="f4", external=[(f"{self.secret}/raw", 0, 4 * shape[0])])

    def virtual_dataset(self, arrays, name, shape):
        layout = small_run.h5py.VirtualLayout(shape=shape, dtype="f4")
        layout[:] = small_run.h5py.VirtualSource(f"{self.secret}/other.h5", "x", shape=(1000,))[: shape[0]]
        arrays.create_virtual_dataset(name, layout)

    def unknown_filter(self, arrays, name, shape):
        """Number 32001 is Blosc, which HDF5 looks for in HDF5_PLUGIN_PATH."""
        h5d, h5p, h5s, h5t = (getattr(small_run.h5py, part) for part in ("h5d", "h5p", "h5s", "h5t"))
        made = h5p.create(h5p.DATASET_CREATE)
        made.set_chunk(shape)
        made.set_filter(32001, small_run.h5py.h5z.FLAG_OPTIONAL, ())
        h5d.create(arrays.id, name.encode(), h5t.IEEE_F32LE, h5s.create_simple(shape), made)

    def test_arrays_of_a_checkpoint_that_lie_elsewhere_are_refused_unopened(self):
        os.mkdir(f"{self.secret}/plugins")
        shutil.copy("/bin/true", f"{self.secret}/plugins/libcanary.so")
        for change in (self.external_link, self.relative_external_link, self.soft_link, self.external_storage,
                       self.virtual_dataset, self.unknown_filter):  # fmt: skip
            with self.subTest(change=change.__name__):
                shutil.copy(self.checkpoint(small_run.STEPS), self.newest)
                self.forge(change)
                self.expect_nothing_outside(65, "verify", self.newest)
                self.expect_nothing_outside(65, "inspect", self.newest)
        # evaluate goes back to the checkpoint before
        paths, code, said = self.opened("evaluate", "--run", self.forged, "--corpus", self.corpus)
        self.assertEqual(code, 0, said)
        self.assertFalse([path for path in paths if path.startswith(self.secret)])

    def test_whole_files_are_read_without_looking_elsewhere(self):
        self.expect_nothing_outside(0, "verify", self.forged)
        self.expect_nothing_outside(0, "inspect", self.forged)
        self.expect_nothing_outside(0, "inspect", "--newest-step", "--path", self.forged)

    def test_a_corpus_that_names_files_elsewhere_is_refused(self):
        corpus = f"{self.given}/corpus"
        shutil.copytree(self.corpus, corpus)
        with open(f"{corpus}/corpus.json", encoding="utf-8") as file:
            text = file.read()
        for name in ("../../secret/other.h5", f"{self.secret}/other.h5", "sub/../../../secret/other.h5"):
            with self.subTest(name=name):
                document = json.loads(text)
                document["splits"]["test"]["shards"][0]["file"] = name
                with open(f"{corpus}/corpus.json", "w", encoding="utf-8") as file:
                    json.dump(document, file)
                said = small_run.run("inspect", corpus)[2]
                found = re.search(r"its content has (\w+)", said)
                if found:  # with the hash that belongs to it
                    document["hash"] = found[1]
                    with open(f"{corpus}/corpus.json", "w", encoding="utf-8") as file:
                        json.dump(document, file)
                self.expect_nothing_outside(65, "verify", corpus)
                self.expect_nothing_outside(65, "inspect", corpus)

    def test_tables_of_arrays_in_other_files_are_refused(self):
        path = f"{self.given}/a.h5"
        with small_run.h5py.File(path, "w") as file:
            file["y"] = [[1.0]] * 8
            file["x"] = small_run.h5py.ExternalLink(f"{self.secret}/other.h5", "/x")
        self.expect_nothing_outside(65, "prepare", "arrays", "--train", path, "--inputs", "x", "--targets", "y", "--out", "o")


if __name__ == "__main__":
    small_run.main()
