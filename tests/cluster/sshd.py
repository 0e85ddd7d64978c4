"""An sshd for the hosts of a test: the machine's own, or else that of Debian's package, which is unpacked and not
installed, since that would start a service on the machine."""

import functools
import glob
import os
import shutil
import subprocess
import tempfile

PACKAGES = ("openssh-server", "libwrap0")

# Runs in the mount namespace of a host, where /run is its own: what sshd looks for is put in place there only.
WRAPPER = """#!/bin/bash
mount --bind {folder}/passwd /etc/passwd
mkdir -p /run/sshd-lib /run/sbin
cp -L {library} /run/sshd-lib/libwrap.so.0
cp {folder}/usr/sbin/sshd /run/sbin/sshd
LD_LIBRARY_PATH=/run/sshd-lib exec /run/sbin/sshd "$@"
"""


def find():
    """A path of sshd; "" where there is none to be had."""
    installed = shutil.which("sshd", path="/usr/sbin:/sbin:" + os.environ["PATH"])
    return installed or unpacked()


@functools.cache
def unpacked():
    folder = _folder().name
    os.chmod(folder, 0o755)
    try:
        _download(folder)
        for package in glob.glob(f"{folder}/*.deb"):
            _run(folder, "dpkg", "-x", package, ".")
        return _write_wrapper(folder)
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""


@functools.cache
def _folder():
    return tempfile.TemporaryDirectory(prefix="lockstep-sshd-", dir="/var/tmp")


def _download(folder):
    download = ("apt-get", "download", "-q", *PACKAGES)
    try:
        _run(folder, *download)
    except subprocess.CalledProcessError:  # images come without lists of packages
        _run(folder, "apt-get", "update", "-q")
        _run(folder, *download)


def _run(folder, *words):
    subprocess.run(words, cwd=folder, check=True, capture_output=True, timeout=120)


def _write_wrapper(folder):
    with open("/etc/passwd") as users, open(f"{folder}/passwd", "w") as file:
        file.write(users.read() + "sshd:x:199:65534::/run/sshd:/usr/sbin/nologin\n")
    (library,) = glob.glob(f"{folder}/lib/*/libwrap.so.0") or glob.glob(f"{folder}/usr/lib/*/libwrap.so.0")
    path = f"{folder}/sshd"
    with open(path, "w") as file:
        file.write(WRAPPER.format(folder=folder, library=library))
    os.chmod(path, 0o755)
    return path
