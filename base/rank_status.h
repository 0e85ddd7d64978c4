// The status of a rank, for the supervisor that watches it (launch/supervise/supervisor.h): a small
// struct in memory that the two processes share. If there is no supervisor, it is private. All
// stores are relaxed, because the supervisor looks only ten times a second and does not depend on
// their order.
//
// Beats count progress: time steps of a sequence, records read, changes of phase. A rank that waits
// for other ranks says so, because then a lack of progress is not its own fault.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/types.h"

namespace lockstep {

enum class RankPhase : std::int32_t {
  kStart,
  kConnect,  // MPI starts
  kResume,   // memory, checkpoint, warm-up
  kData,     // waits for the next batch to be read
  kForward,
  kBackward,  // loss and backward
  kExchange,  // exchanges gradients, sums or parameters
  kUpdate,
  kRecord,  // writes metrics and progress
  kValidation,
  kSave,
  kEnd,
  kCount
};
const char* Name(RankPhase phase);

// How this rank's main thread waits for other ranks.
enum class Waiting : std::int32_t {
  kNo,       // it does not wait
  kInside,   // inside a blocking call of MPI
  kPolling,  // in a loop of this program, which counts its turns in RankStatus::polls
};

struct RankStatus {
  std::atomic<std::int32_t> rank{0};
  std::atomic<RankPhase> phase{RankPhase::kStart};
  std::atomic<Waiting> waiting{Waiting::kNo};
  std::atomic<Index> step{0};              // number of the step being computed, from 1
  std::atomic<Index> finished_step{0};     // number of the last finished step; 0: none yet
  std::atomic<std::uint64_t> beats{0};     // signs of progress
  std::atomic<std::uint64_t> polls{0};     // turns of loops that wait for other ranks
  std::atomic<std::int32_t> writer{0};     // thread id of the one writing a checkpoint; 0: none
  std::atomic<std::uint64_t> written{0};   // number of checkpoint writes begun
  std::atomic<Index> checkpoint_bytes{0};  // size of a checkpoint
  std::atomic<Index> owner{0};  // number of this start in RUN/.owner; 0: it owns no run yet

  // Any thread. If two threads count at the same time, one count may be lost; it only matters that
  // the value changes.
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

// The status of this process.
inline RankStatus& Status() { return *internal::rank_status; }
// From now on Status() is `shared`, which must outlive its use. Must be called while the process
// has one thread.
void ShareStatus(RankStatus* shared);

// During its life the main thread is in this phase; afterwards in the phase that it was in before.
class ScopedPhase {
 public:
  explicit ScopedPhase(RankPhase phase) : before_(Status().phase) { Status().Enter(phase); }
  ~ScopedPhase() { Status().Enter(before_); }
  ScopedPhase(const ScopedPhase&) = delete;
  ScopedPhase& operator=(const ScopedPhase&) = delete;

 private:
  RankPhase before_;
};

// During its life the main thread waits for other ranks.
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

// The thread id that the system has given to the calling thread.
std::int32_t OwnThread();

// During its life the thread that made it writes a checkpoint.
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

// Names the calling thread for ps, top and the supervisor; at most 15 characters.
void NameThread(const char* name);

}  // namespace lockstep
