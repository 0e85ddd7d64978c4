// What `lockstep --version` says of this program and of the machine it runs on.
#pragma once

#include <string>

namespace lockstep {

// The version; then a line each for the libraries (MPI's version is that of the library that runs,
// the others are those that the program was built with), the instruction sets of the kernels with
// the best one that this machine has, and the precisions of products.
std::string VersionText();

}  // namespace lockstep
