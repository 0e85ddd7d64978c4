"""The Debian package is built, installed and removed by dpkg, and what it installed trains; all in a folder of
this test's own, with a copy of dpkg's records, so that dependencies are checked and the system stays as it is.
The environment module finds it; the recipe for Spack is Python."""

import ast
import glob
import os
import shutil
import subprocess
import sys
import tempfile

REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
ADMIN = "/var/lib/dpkg"


def run(*words, **options):
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=200, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def build_package(build, folder):
    run("cpack", "-G", "DEB", "-B", folder, cwd=build)
    (package,) = glob.glob(f"{folder}/*.deb")
    return package


def dpkg(folder, *words):
    run("dpkg", f"--admindir={folder}/admin", f"--instdir={folder}/root", "--force-not-root",
        "--force-script-chrootless", f"--log={folder}/dpkg.log", *words)  # fmt: skip


def install(folder, package):
    os.makedirs(f"{folder}/root")
    os.makedirs(f"{folder}/admin/updates")
    os.makedirs(f"{folder}/admin/info")
    for name in ("status", "info/format"):
        if os.path.exists(f"{ADMIN}/{name}"):
            shutil.copy(f"{ADMIN}/{name}", f"{folder}/admin/{name}")
    dpkg(folder, "--install", package)


def train(program, folder):
    run(program, "prepare", "dna", "--synthetic", "2000", "--window", "50", "--out", f"{folder}/corpus")
    run(program, "train", "--corpus", f"{folder}/corpus", "--run", f"{folder}/run", "--steps", "3")
    if not os.path.exists(f"{folder}/run/done.json"):
        sys.exit("the installed program has not trained to its end")


def check_module(folder):
    """The module file lies beside the prefix as its first lines say."""
    if not shutil.which("tclsh"):
        print("module file: skipped, tclsh is not installed (package tcl)")
        return
    version = "0.1.0"
    os.makedirs(f"{folder}/opt/modulefiles/lockstep")
    os.makedirs(f"{folder}/opt/lockstep/{version}")
    target = f"{folder}/opt/modulefiles/lockstep/{version}"
    shutil.copy(f"{REPOSITORY}/launch/site/modulefile", target)
    # The commands of a module, as modulecmd defines them.
    script = """
    proc module-whatis args {}
    proc conflict args {}
    proc prepend-path {name value} { puts "$name $value" }
    set ModulesCurrentModulefile [lindex $argv 0]
    source $ModulesCurrentModulefile
    """
    found = run("tclsh", "/dev/stdin", target, input=script)
    if found.strip() != f"PATH {folder}/opt/lockstep/{version}/bin":
        sys.exit(f"the module sets {found}")


def main():
    build = os.path.dirname(os.path.abspath(sys.argv[1]))
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        package = build_package(build, folder)
        install(folder, package)
        train(f"{folder}/root/usr/bin/lockstep", folder)
        dpkg(folder, "--remove", "lockstep")
        left = [path for _, _, files in os.walk(f"{folder}/root") for path in files]
        if left:
            sys.exit(f"left after removal: {left}")
        check_module(folder)
    with open(f"{REPOSITORY}/launch/site/package.py") as file:
        ast.parse(file.read())
    print("built, installed, run and removed")


if __name__ == "__main__":
    main()
