"""The files that belong to the repository: what git tracks or would add, or all without git."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What .gitignore names, for a tree that was unpacked from an archive.
NOT_OURS = {".git", "build", "runs", "corpora", "__pycache__"}


def from_git(root):
    """Paths git knows about, or None when this is no git checkout."""
    command = ["git", "-c", f"safe.directory={root}", "-C", root, "ls-files", "-z", "--cached",
               "--others", "--exclude-standard"]
    try:
        result = subprocess.run(command, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return [root / name for name in result.stdout.decode().split("\0") if name]


def repository_files(root=ROOT):
    files = from_git(root)
    if files is None:
        files = [file for file in root.rglob("*")
                 if not NOT_OURS & set(file.relative_to(root).parts)]
    return sorted(file for file in set(files) if file.is_file() and not file.is_symlink())
