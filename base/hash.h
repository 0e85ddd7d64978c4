// XXH3 hashes of bytes. They are fast, but not cryptographic: they detect damage, not manipulation.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace lockstep {

std::uint64_t Hash64(std::span<const std::byte> bytes);
// 32 lower-case hexadecimal digits.
std::string Hash128Hex(std::span<const std::byte> bytes);
std::string Hash128Hex(const std::string& text);

// The 128-bit hash of a stream of pieces, equal to that of their concatenation.
class StreamHash {
 public:
  StreamHash();
  ~StreamHash();
  void Add(std::span<const std::byte> bytes);
  void Add(const std::string& text);
  std::string Hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lockstep
