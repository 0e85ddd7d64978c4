"""The Debian package is built, installed and removed by dpkg, and what it installed trains; all in a folder of
this test's own, with a copy of dpkg's records, so that dependencies are checked and the system stays as it is.
`module load` finds the program, and the recipes for Spack name what the build looks for."""

import glob
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import types

REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
ADMIN = "/var/lib/dpkg"
LICENSE = "Apache-2.0"


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


def check_module(program, folder):
    """`module load` of the environment modules finds the program; the module file lies beside the prefix as its
    first lines say."""
    if not shutil.which("modulecmd"):
        print("module file: skipped, modulecmd is not installed (package environment-modules)")
        return
    version = "0.1.0"
    modules, prefix = f"{folder}/opt/modulefiles/lockstep", f"{folder}/opt/lockstep/{version}"
    for name in (modules, f"{prefix}/bin"):
        os.makedirs(name)
    shutil.copy(f"{REPOSITORY}/launch/site/modulefile", f"{modules}/{version}")
    os.symlink(program, f"{prefix}/bin/lockstep")
    environment = dict(os.environ, MODULEPATH=f"{folder}/opt/modulefiles")
    script = run("modulecmd", "sh", "load", f"lockstep/{version}", env=environment)
    found = run("sh", "-c", f"{script}\ncommand -v lockstep; lockstep --version", env=environment).split("\n", 1)
    if found[0] != f"{prefix}/bin/lockstep" or version not in found[1]:
        sys.exit(f"with the module loaded: {found}")


def require_license(found, place="Spack's recipe"):
    """The licence is the same wherever it is stated."""
    if LICENSE not in found:
        sys.exit(f"{place} does not name the licence {LICENSE}: {found}")


def check_license(folder):
    """Whoever has only the package finds the licence in it, also where Debian's tools look for it."""
    for name in ("LICENSE", "copyright"):
        with open(f"{folder}/root/usr/share/doc/lockstep/{name}") as file:
            require_license(file.read(), f"the installed file {name}")
    for name in ("lockstep.def", "modulefile"):
        with open(f"{REPOSITORY}/launch/site/{name}") as file:
            require_license(file.read(), name)


class Package:
    """Stands for Spack's CMakePackage."""

    def define_from_variant(self, option, variant):
        return f"-D{option}=ON"


def recipe(name):
    """What a recipe depends on, and its class, with stand-ins for the words of Spack that it may use."""
    wanted = []
    words = types.ModuleType("spack.package")
    words.CMakePackage, words.version = Package, lambda *_, **__: None
    words.variant = lambda *_, **__: None
    words.license = require_license
    words.depends_on = lambda spec, type=None, when=None: wanted.append(re.match(r"[a-z0-9-]+", spec)[0])
    sys.modules.update({"spack": types.ModuleType("spack"), "spack.package": words})
    found = runpy.run_path(f"{REPOSITORY}/launch/site/spack/packages/{name}/package.py")
    return wanted, found[name.capitalize()]()


def check_setup():
    """Each package that the configuration names when it is missing is one that launch/setup installs."""
    with open(f"{REPOSITORY}/cmake/libraries.cmake") as file:
        named = set(re.findall(r"^ *need_(?:package|library)\(([a-z0-9.+-]+)", file.read(), re.M))
    with open(f"{REPOSITORY}/launch/setup") as file:
        installed = set(file.read().split("test_packages=")[0].split())
    if not named or named - installed:
        sys.exit(f"launch/setup does not install {sorted(named - installed)}")


def check_spack_recipes():
    """Each library that the build looks for is one that the recipe asks for."""
    with open(f"{REPOSITORY}/CMakeLists.txt") as file:
        build = file.read()
    with open(f"{REPOSITORY}/cmake/libraries.cmake") as file:
        libraries = file.read()
    names = {"MPI": "openmpi", "Eigen3": "eigen", "hwy": "highway", "nlohmann_json": "nlohmann-json", "ZLIB": "zlib-api",
             "sndfile": "libsndfile", "samplerate": "libsamplerate"}  # fmt: skip
    looked_for = re.findall(r"^ *need_package\(\S+ (\w+)", libraries, re.M)
    looked_for += re.findall(r"^ *need_library\(\S+ lockstep::(\w+)", libraries, re.M)
    looked_for = {names.get(name, name.lower()) for name in looked_for}
    wanted, lockstep = recipe("lockstep")
    if looked_for != set(wanted) - {"c", "cxx", "cmake", "ninja", "pkgconfig"} or len(wanted) != len(set(wanted)):
        sys.exit(f"the build looks for {sorted(looked_for)}, Spack's recipe wants {sorted(wanted)}")
    for option in lockstep.cmake_args():
        if f"option({option[2:].split('=')[0]} " not in build:
            sys.exit(f"Spack's recipe sets {option}, which is no option of the build")
    recipe("kissfft")[1].cmake_args()


def main():
    build = os.path.dirname(os.path.abspath(sys.argv[1]))
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        package = build_package(build, folder)
        install(folder, package)
        train(f"{folder}/root/usr/bin/lockstep", folder)
        check_license(folder)
        dpkg(folder, "--remove", "lockstep")
        left = [path for _, _, files in os.walk(f"{folder}/root") for path in files]
        if left:
            sys.exit(f"left after removal: {left}")
        check_module(sys.argv[1], folder)
    check_setup()
    check_spack_recipes()
    print("built, installed, run and removed")


if __name__ == "__main__":
    main()
