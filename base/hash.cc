#include "base/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

namespace lockstep {
namespace {

std::string Hex(XXH128_hash_t hash) {
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace

struct StreamHash::State {
  XXH3_state_t* xxh = XXH3_createState();
};

std::uint64_t Hash64(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::string Hash128Hex(std::span<const std::byte> bytes) {
  return Hex(XXH3_128bits(bytes.data(), bytes.size()));
}

std::string Hash128Hex(const std::string& text) {
  return Hash128Hex(std::as_bytes(std::span(text)));
}

StreamHash::StreamHash() : state_(std::make_unique<State>()) { XXH3_128bits_reset(state_->xxh); }
StreamHash::~StreamHash() { XXH3_freeState(state_->xxh); }

void StreamHash::Add(std::span<const std::byte> bytes) {
  XXH3_128bits_update(state_->xxh, bytes.data(), bytes.size());
}
void StreamHash::Add(const std::string& text) { Add(std::as_bytes(std::span(text))); }
std::string StreamHash::Hex() const { return lockstep::Hex(XXH3_128bits_digest(state_->xxh)); }

}  // namespace lockstep
