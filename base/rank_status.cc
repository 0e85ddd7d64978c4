#include "base/rank_status.h"

#include <pthread.h>
#include <unistd.h>

#include <array>

namespace lockstep {
namespace {

RankStatus own_status;

}  // namespace

namespace internal {
RankStatus* rank_status = &own_status;
}

const char* Name(RankPhase phase) {
  constexpr std::array<const char*, static_cast<std::size_t>(RankPhase::kCount)> kNames = {
      "start",    "connect", "resume", "data",       "forward", "backward",
      "exchange", "update",  "record", "validation", "save",    "end"};
  return kNames[static_cast<std::size_t>(phase)];
}

void ShareStatus(RankStatus* shared) { internal::rank_status = shared; }

std::int32_t OwnThread() { return ::gettid(); }

void NameThread(const char* name) { pthread_setname_np(pthread_self(), name); }

}  // namespace lockstep
