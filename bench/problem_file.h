// Arrays in files that the PyTorch peers read.
#pragma once

#include <ostream>
#include <span>

namespace lockstep {

template <typename T>
void WriteArray(std::span<const T> array, std::ostream& out) {
  const auto bytes = std::as_bytes(array);
  out.write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
}

}  // namespace lockstep
