# Spack's own collection has no kissfft.
from spack.package import CMakePackage, depends_on, version


class Kissfft(CMakePackage):
    """A small Fourier transform in plain C, here for float and as a shared library."""

    git = "https://github.com/mborgerding/kissfft.git"

    version("131.1.0", tag="131.1.0")

    depends_on("c", type="build")
    depends_on("cmake@3.6:", type="build")

    def cmake_args(self):
        return [
            "-DKISSFFT_DATATYPE=float",
            "-DKISSFFT_STATIC=OFF",
            "-DKISSFFT_PKGCONFIG=OFF",
            "-DKISSFFT_TEST=OFF",
            "-DKISSFFT_TOOLS=OFF",
        ]
