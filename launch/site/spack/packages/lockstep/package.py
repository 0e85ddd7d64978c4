# Spack 0.23:  spack repo add launch/site/spack
#              cd SOURCES && spack dev-build lockstep@0.1.0
# Spack 1.0 and later take CMakePackage from spack_repo.builtin.build_systems.cmake instead.
# Written after Spack's documentation. The tests run it against a stand-in for Spack's words, which shows that what the
# build asks for is named here; Spack itself they have not.
from spack.package import CMakePackage, depends_on, license, variant, version


class Lockstep(CMakePackage):
    """Trains recurrent networks on many MPI ranks; the same bits on any number of ranks and threads."""

    version("0.1.0")
    license("Apache-2.0")

    variant("speech", default=True, description="speech recognition")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("ninja", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("python@3.9:", type="build")
    depends_on("openmpi@4.1:4")
    depends_on("eigen@3.4:")
    depends_on("hdf5@1.10: ~mpi")
    depends_on("boost@1.74: +program_options")
    depends_on("highway")
    depends_on("fmt@9:")
    depends_on("spdlog +fmt_external")
    depends_on("nlohmann-json")
    depends_on("tomlplusplus")
    depends_on("utf8proc")
    depends_on("xxhash")
    depends_on("sentencepiece")
    depends_on("zlib-api")
    depends_on("libsndfile", when="+speech")
    depends_on("kissfft", when="+speech")

    def cmake_args(self):
        speech = self.define_from_variant("LOCKSTEP_SPEECH", "speech")
        return ["-DLOCKSTEP_TESTS=OFF", "-DLOCKSTEP_BENCH=OFF", speech]
