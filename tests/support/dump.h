// What the programs share that compute something and write it to an HDF5 file, for comparison with
// PyTorch.
#pragma once

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "base/hdf5_file.h"
#include "worker/params/parameter_layout.h"

namespace lockstep {

// Writes the datasets values/NAME and gradient/NAME of each parameter from two flat arrays.
inline void WriteParameters(const ParameterLayout& layout, std::span<const float> values,
                            std::span<const float> gradient, Hdf5File* file) {
  for (const ParameterInfo& info : layout.infos()) {
    const auto of = [&](std::span<const float> flat) {
      return flat.subspan(static_cast<std::size_t>(info.offset),
                          static_cast<std::size_t>(info.count()));
    };
    file->Write<float>("values/" + info.name, info.shape, of(values));
    file->Write<float>("gradient/" + info.name, info.shape, of(gradient));
  }
}

// The numbers that the arguments from `first` on are.
inline std::vector<Index> NumbersFrom(int first, int argc, char** argv) {
  std::vector<Index> numbers;
  for (int i = first; i < argc; ++i) numbers.push_back(std::stol(argv[i]));
  return numbers;
}

// Runs work(argc, argv) and returns its result, or 1 after an error, which is printed.
template <typename Work>
int RunDump(const char* name, int argc, char** argv, const Work& work) {
  try {
    return work(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 1;
  }
}

}  // namespace lockstep
