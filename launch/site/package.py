# Spack:  spack repo create site-repo && mkdir site-repo/packages/lockstep &&
#         cp launch/site/package.py site-repo/packages/lockstep/ && spack repo add site-repo
#         cd SOURCES && spack dev-build lockstep@0.1.0
# Written after Spack's documentation; the tests check that it is Python, nothing more, as they have no Spack.
from spack.package import CMakePackage, depends_on, version


class Lockstep(CMakePackage):
    """Trains recurrent networks on many MPI ranks; the same bits on any number of ranks and threads."""

    version("0.1.0")

    depends_on("cmake@3.25:", type="build")
    depends_on("ninja", type="build")
    depends_on("openmpi@4.1:4")
    depends_on("eigen@3.4:")
    depends_on("hdf5@1.10: ~mpi")
    depends_on("boost@1.74: +program_options")
    depends_on("highway")
    depends_on("fmt@9:")
    depends_on("spdlog")
    depends_on("nlohmann-json")
    depends_on("tomlplusplus")
    depends_on("xxhash")
    depends_on("libsndfile")
    depends_on("libsamplerate")
    depends_on("kissfft")
    depends_on("sentencepiece")
    depends_on("zlib-api")

    def cmake_args(self):
        return ["-DLOCKSTEP_TESTS=OFF", "-DLOCKSTEP_BENCH=OFF"]
