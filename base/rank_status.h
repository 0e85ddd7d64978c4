// What a rank is doing, for the supervisor that watches it (launch/supervise/supervisor.h): one
// small struct in memory that the two processes share; a private one where nobody watches. All
// stores are relaxed: the watcher looks ten times a second and needs no order between them.
//
// Beats count progress: time steps of a sequence, records read, changes of phase. Who waits for
// other ranks says so, because then silence is not this rank's fault.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/types.h"

namespace lockstep {

enum class RankPhase : std::int32_t {
  kStart,
  kConnect,  // MPI starts
  kResume,   // memory, checkpoint, warm-up
  kData,     // waits for the batch that is read
  kForward,
  kBackward,  // and loss
  kExchange,  // gradients, sums, parameters
  kUpdate,
  kRecord,  // metrics and progress
  kValidation,
  kSave,
  kEnd,
  kCount
};
const char* Name(RankPhase phase);

// How this rank's main thread waits for others.
enum class Waiting : std::int32_t {
  kNo,
  kInside,   // inside one call of MPI
  kPolling,  // in a loop of ours, which counts its turns
};

struct RankStatus {
  std::atomic<std::int32_t> rank{0};
  std::atomic<RankPhase> phase{RankPhase::kStart};
  std::atomic<Waiting> waiting{Waiting::kNo};
  std::atomic<Index> step{0};           // being computed, from 1
  std::atomic<Index> finished_step{0};  // last one; 0: none
  std::atomic<std::uint64_t> beats{0};
  std::atomic<std::uint64_t> polls{0};    // turns of loops that wait for others
  std::atomic<std::int32_t> writer{0};    // the thread that writes a checkpoint; 0: none
  std::atomic<std::uint64_t> written{0};  // writes begun
  std::atomic<Index> checkpoint_bytes{0};
  std::atomic<Index> owner{0};  // number of this start in RUN/.owner; 0: it owns no run yet

  // Any thread. Two at once may count one: it only matters that the value changes.
  void Beat() { CountUp(&beats); }
  void Poll() { CountUp(&polls); }
  void Enter(RankPhase next) {
    phase.store(next, std::memory_order_relaxed);
    Beat();
  }

 private:
  static void CountUp(std::atomic<std::uint64_t>* count) {
    count->store(count->load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);  // it is read by another process

namespace internal {
extern RankStatus* rank_status;
}

// Of this process.
inline RankStatus& Status() { return *internal::rank_status; }
// From now on Status() is `shared`, which must outlive its use. Before there are threads.
void ShareStatus(RankStatus* shared);

// For its scope the main thread is in this phase.
class ScopedPhase {
 public:
  explicit ScopedPhase(RankPhase phase) : before_(Status().phase) { Status().Enter(phase); }
  ~ScopedPhase() { Status().Enter(before_); }
  ScopedPhase(const ScopedPhase&) = delete;
  ScopedPhase& operator=(const ScopedPhase&) = delete;

 private:
  RankPhase before_;
};

// For its scope the main thread waits for other ranks.
class ScopedWaiting {
 public:
  explicit ScopedWaiting(Waiting how) : before_(Status().waiting) { Set(how); }
  ~ScopedWaiting() { Set(before_); }
  ScopedWaiting(const ScopedWaiting&) = delete;
  ScopedWaiting& operator=(const ScopedWaiting&) = delete;

 private:
  static void Set(Waiting how) {
    Status().waiting.store(how, std::memory_order_relaxed);
    Status().Beat();
  }
  Waiting before_;
};

// The system's number of the calling thread.
std::int32_t OwnThread();

// For its scope a thread writes a checkpoint.
class ScopedWriting {
 public:
  ScopedWriting() {
    ++Status().written;
    Status().writer = OwnThread();
  }
  ~ScopedWriting() { Status().writer = 0; }
  ScopedWriting(const ScopedWriting&) = delete;
  ScopedWriting& operator=(const ScopedWriting&) = delete;
};

// The calling thread's name for ps, top and the supervisor; at most 15 characters.
void NameThread(const char* name);

}  // namespace lockstep
