"""A disk that fills up while a run saves, or a limit on file sizes: a clear message, 73 or 74, nothing lost;
with room again, the same command goes on."""

import contextlib
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import faulty_run
from faulty_run import STEPS, FaultyRunTest
from program import newest_checkpoint

PAGE = 4096


class FullDiskTest(FaultyRunTest):
    def check_full(self, trial, what, text, **how):
        """Trains where there may be too little room; whether there was."""
        code, said, _ = trial.start(**how)
        what = f"{what}: exit code {code}: {said}"
        self.assertIn(code, (0, 73, 74), what)
        if code != 0:
            self.assertRegex(said, text, what)
            self.assertIn(trial.run, said, what)
        self.check_nothing_lost(trial, what)
        return code != 0

    def test_a_limit_on_the_size_of_files(self):
        whole = os.path.getsize(newest_checkpoint(self.begun))
        stopped = 0
        for size in range(PAGE, whole + 2 * PAGE, 97 * faulty_run.STRIDE):
            trial = self.trial()
            stopped += self.check_full(trial, f"limit of {size} bytes", "File too large", file_bytes=size)
            self.check_goes_on(trial, f"limit of {size} bytes")
        self.assertGreater(stopped, 0)

    @contextlib.contextmanager
    def small_disk(self, folder, size):
        os.makedirs(folder)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"a small disk cannot be mounted: {done.stderr.strip()}")
        try:
            yield
        finally:
            subprocess.run(["umount", folder], check=True)

    def test_a_disk_with_room_for_a_little_more(self):
        stopped = tried = 0
        taken = sum(1 + -(-os.path.getsize(os.path.join(folder, name)) // PAGE)
                    for folder, _, names in os.walk(self.begun) for name in names)  # fmt: skip
        checkpoint = -(-os.path.getsize(newest_checkpoint(self.begun)) // PAGE)
        for size in range(taken, taken + 4 * checkpoint, max(1, faulty_run.STRIDE // 3)):
            trial = self.trial(begun=False)
            with self.small_disk(trial.run, size * PAGE):
                shutil.copytree(self.begun, trial.run, dirs_exist_ok=True)
                full = self.check_full(trial, f"{size} pages", "No space left on device|MiB are free; make room")
                stopped += full
                tried += 1
                subprocess.run(["mount", "-o", "remount,size=1m", trial.run], check=True)
                code, said, _ = trial.start()
                self.assertEqual(code, 0, said)
                self.assertEqual(self.outcome(trial.run), self.expected, f"{size} pages")
                self.assertEqual(trial.junk(), [], f"{size} pages")
        print(f"\n{tried} sizes of disk, too small {stopped} times", end=" ")
        self.assertGreater(stopped, 0)
        self.assertLess(stopped, tried)

    def test_a_disk_without_room_for_another_name(self):
        """All inodes are taken."""
        trial = self.trial(begun=False)
        names = sum(len(folders) + len(files) for _, folders, files in os.walk(self.begun))
        with self.small_disk(trial.run, f"1m,nr_inodes={names + 3}"):
            shutil.copytree(self.begun, trial.run, dirs_exist_ok=True)
            for i in range(3):
                with contextlib.suppress(OSError):
                    open(f"{trial.run}/taken-{i}", "w").close()
            self.assertTrue(self.check_full(trial, "no inodes", "No space left on device"))
            for name in os.listdir(trial.run):
                if name.startswith("taken-"):
                    os.remove(f"{trial.run}/{name}")
            subprocess.run(["mount", "-o", "remount,nr_inodes=100", trial.run], check=True)
            code, said, _ = trial.start()
            self.assertEqual(code, 0, said)
            self.assertEqual(self.outcome(trial.run), self.expected)

    def test_events_for_tensorboard_that_find_no_room_at_the_start_cost_only_a_warning(self):
        for operations in ("mkdir,open", "write", "fsync", "rename,link"):
            with self.subTest(operations=operations):
                trial = self.trial()
                full = {"act": "ENOSPC", "at": 1, "lasting": True, "operations": operations, "only": "/events"}
                code, said, report = trial.start(full, settings=["log.tensorboard=true"])
                self.assertTrue(report.acts, "no call failed")
                self.assertEqual(code, 0, said)
                self.assertIn("no events for TensorBoard (log.tensorboard) until the next start: ", said)
                self.assertIn("No space left on device", said)
                self.assertEqual(self.outcome(trial.run), self.expected)
                self.check_nothing_lost(trial, operations)
                code, said, _ = trial.start(steps=STEPS + 1, settings=["log.tensorboard=true"])
                self.assertEqual((code, "no events" in said), (0, False), said)
                (events,) = os.listdir(f"{trial.run}/events")
                with open(f"{trial.run}/events/{events}", "rb") as file:
                    self.assertEqual(file.read().count(b"training/loss"), STEPS + 1)


def enter_own_namespace():
    """Disks that are mounted below are gone with this process, and an ordinary user may mount them."""
    words = ["unshare", "--map-root-user", "--mount"]
    if "LOCKSTEP_TEST_OWN_MOUNTS" in os.environ or shutil.which(words[0]) is None:
        return
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
        os.environ["LOCKSTEP_TEST_OWN_MOUNTS"] = "1"
        os.execvp(words[0], [*words, sys.executable, "-B", *sys.argv])


if __name__ == "__main__":
    enter_own_namespace()
    faulty_run.main()
