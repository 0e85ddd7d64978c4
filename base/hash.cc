#include "base/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "base/rank_status.h"

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
  constexpr std::size_t kAtOnce = std::size_t{1} << 28;  // a large state takes seconds
  for (std::size_t at = 0; at < bytes.size(); at += kAtOnce) {
    const auto piece = bytes.subspan(at, std::min(kAtOnce, bytes.size() - at));
    XXH3_128bits_update(state_->xxh, piece.data(), piece.size());
    Status().Beat();
  }
}
void StreamHash::Add(const std::string& text) { Add(std::as_bytes(std::span(text))); }
std::string StreamHash::Hex() const { return lockstep::Hex(XXH3_128bits_digest(state_->xxh)); }

}  // namespace lockstep
