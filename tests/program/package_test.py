"""The Debian package is built, installed and removed by dpkg, and what it installed trains; all in a folder of
this test's own, with a copy of dpkg's records, so that dependencies are checked and the system stays as it is.
Manual pages, documents and recipes are in it, the pages are set without a warning, a recipe runs from where it was
installed, and lintian has no objection but those that docs/packaging.md gives reasons for. `module load` finds the
program, and the recipes for Spack name what the build looks for."""

import glob
import gzip
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
SHARE = "root/usr/share"
KNOWN_WARNINGS = {"wrong-name-for-upstream-changelog"}  # docs/packaging.md says why


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


def check_manual(program, folder):
    """A page for the program and for each verb, packed as Debian wants it, that man sets without a warning."""
    verbs = re.findall(r"^  lockstep (\w+) ", run(program, "--help"), re.M)
    pages = {f"{folder}/{SHARE}/man/man1/{name}.1.gz" for name in ("lockstep", *(f"lockstep-{v}" for v in verbs))}
    if set(glob.glob(f"{folder}/{SHARE}/man/man1/*")) != pages or not verbs:
        sys.exit(f"the package has not one page for each of {verbs}: {os.listdir(f'{folder}/{SHARE}/man/man1')}")
    for page in pages:
        with open(page, "rb") as file:
            if file.read(10)[:9] != b"\x1f\x8b\x08\0\0\0\0\0\2":
                sys.exit(f"{page} is not packed as gzip -9n does it")
        with gzip.open(page, "rt") as file:
            check_page(folder, page, file.read())
    with gzip.open(f"{folder}/{SHARE}/man/man1/lockstep-train.1.gz", "rt") as file:
        page = file.read()
    if not os.path.exists(f"{folder}/root/usr/share/bash-completion/completions/lockstep"):
        sys.exit("the package has no completion for bash")
    for word in ("\\-\\-help\\-config", "model.hidden_size = 128"):
        if word not in page:
            sys.exit(f"the page of train lacks {word}")


def check_page(folder, page, text):
    if not shutil.which("man") or not shutil.which("groff"):
        return
    with open(f"{folder}/page.1", "w") as file:
        file.write(text)
    command = ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", file.name]
    said = subprocess.run(command, env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MANROFFSEQ": ""},
                          capture_output=True, text=True, check=False)  # fmt: skip
    if said.returncode != 0 or said.stderr:
        sys.exit(f"{page}: {said.stderr}")


def check_documents(folder):
    """The documents of the sources, and the links between them lead somewhere."""
    place = f"{folder}/{SHARE}/doc/lockstep"
    wanted = {"README.md", "CHANGELOG.md"} | {f"docs/{name}" for name in os.listdir(f"{REPOSITORY}/docs")}
    for name in wanted:
        with open(f"{place}/{name}") as file:
            links = re.findall(r"\]\(([^)#:]+\.md)", file.read())
        for link in links:
            target = os.path.normpath(f"{place}/{os.path.dirname(name)}/{link}")
            if not os.path.exists(target) and "/recipes/" not in target:  # these are in share/lockstep
                sys.exit(f"the installed {name} points to {link}, which is not installed")


def check_recipes(folder):
    """Installed recipes use the program in PATH and leave results below the folder they are started in."""
    recipes, work = f"{folder}/{SHARE}/lockstep/recipes", f"{folder}/work"
    os.mkdir(work)
    script = f'. {recipes}/place && echo "$recipes $lockstep $PWD"'
    bare = {"PATH": "/usr/bin:/bin", "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    whole = {**bare, "PATH": f"{folder}/root/usr/bin:/usr/bin:/bin"}
    found = run("bash", "-c", script, cwd=work, env=whole).split()
    if found != [recipes, f"{folder}/root/usr/bin/lockstep", work]:
        sys.exit(f"an installed recipe works with {found}")
    if not shutil.which("lockstep", path=bare["PATH"]):
        done = subprocess.run(["bash", "-c", script], env=bare, capture_output=True, text=True, check=False)
        if done.returncode != 66 or "no program lockstep in PATH" not in done.stderr:
            sys.exit(f"an installed recipe without the program: {done.returncode}, {done.stderr}")
    with open(f"{work}/texts.tsv", "w") as file:
        file.writelines(f"{'ab'[n % 2]}\tword{n % 2} other{n}\n" for n in range(40))
    with open(f"{work}/small.toml", "w") as file:
        file.write("[train]\nsteps = 2\n[model]\nhidden_size = 4\n")
    run(f"{recipes}/cross-validate", "--config", "small.toml", "--folder", "folds", "--folds", "2", "--ranks", "1",
        "--checkpoint", "newest", "--", "text", "--task", "classify", "--train", "texts.tsv", "--header", "no",
        "--text-column", "2", "--label-column", "1", cwd=work, env=whole)  # fmt: skip


def check_with_lintian(package):
    if not shutil.which("lintian"):
        print("lintian: skipped, it is not installed")
        return
    done = subprocess.run(["lintian", "--tag-display-limit", "0", package], capture_output=True, text=True, check=False)
    tags = re.findall(r"^([EW]): \S+: (\S+)", done.stdout, re.M)
    wrong = [tag for kind, tag in tags if kind == "E" or tag not in KNOWN_WARNINGS]
    if wrong or done.returncode not in (0, 2):
        sys.exit(f"lintian: {done.stdout}{done.stderr}")


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
             "sndfile": "libsndfile"}  # fmt: skip
    looked_for = re.findall(r"^ *need_package\(\S+ (\w+)", libraries, re.M)
    looked_for += re.findall(r"^ *need_library\(\S+ lockstep::(\w+)", libraries, re.M)
    looked_for = {names.get(name, name.lower()) for name in looked_for}
    wanted, lockstep = recipe("lockstep")
    libraries = set(wanted) - {"c", "cxx", "cmake", "ninja", "pkgconfig", "python"}
    if looked_for != libraries or len(wanted) != len(set(wanted)):
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
        check_manual(f"{folder}/root/usr/bin/lockstep", folder)
        check_documents(folder)
        check_recipes(folder)
        check_with_lintian(package)
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
