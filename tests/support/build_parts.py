"""What a build of lockstep can do."""

import subprocess


def has_speech(lockstep):
    """Whether this program was built with LOCKSTEP_SPEECH=ON."""
    done = subprocess.run([str(lockstep), "prepare", "speech", "--help"], capture_output=True, check=False)
    return done.returncode == 0
