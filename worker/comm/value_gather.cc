#include "worker/comm/value_gather.h"

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "base/rank_status.h"

namespace lockstep {
namespace {

// Pieces that leave at once. Messages that travel together share the link, so more would delay the
// piece that is needed first; one alone would leave the link idle until the next poll.
constexpr std::size_t kMostLeaving = 3;

int ValueTag(std::size_t piece) { return static_cast<int>(3 * piece + 2); }

std::span<float> Part(float* flat, const ElementRange& range) {
  return {flat + range.begin, static_cast<std::size_t>(range.count())};
}

}  // namespace

ValueGather::ValueGather(const Communicator& comm, const PiecePlan& plan)
    : comm_(comm),
      plan_(plan),
      states_(plan.pieces().size()),
      first_leaving_(states_.size()),
      next_to_send_(states_.size()),
      next_to_arrive_(states_.size()),
      available_(plan.count()) {}

void ValueGather::Begin(float* values) {
  LOCKSTEP_CHECK(first_leaving_ == states_.size() && next_to_arrive_ == states_.size());
  values_ = values;
  first_leaving_ = next_to_send_ = next_to_arrive_ = 0;
  available_.store(0, std::memory_order_relaxed);
  for (std::size_t piece = 0; piece < states_.size(); ++piece) {
    states_[piece].updated = false;
    if (plan_.pieces()[piece].replicated) continue;
    for (int d = 1; d < comm_.size(); ++d) {
      const int r = PartnerToReceiveFrom(comm_.rank(), comm_.size(), d);
      states_[piece].arrivals.Receive(Part(values_, plan_.pieces()[piece].OwnedBy(r)), r,
                                      ValueTag(piece));
    }
  }
}

void ValueGather::Updated(std::size_t piece) {
  states_[piece].updated = true;
  Poll();
}

void ValueGather::Send(std::size_t piece) {
  if (plan_.pieces()[piece].replicated) return;
  for (int d = 1; d < comm_.size(); ++d) {
    const int r = PartnerToSendTo(comm_.rank(), comm_.size(), d);
    states_[piece].departures.Send(Part(values_, Own(piece)), r, ValueTag(piece));
  }
}

// Those that leave at once also arrive at once.
void ValueGather::MoveArrivals() {
  const std::size_t end = std::min(states_.size(), next_to_arrive_ + kMostLeaving);
  for (std::size_t i = next_to_arrive_; i < end; ++i) states_[i].arrivals.Done();
}

void ValueGather::Poll() {
  for (std::size_t i = first_leaving_; i < next_to_send_; ++i) states_[i].departures.Done();
  MoveArrivals();
  while (first_leaving_ < next_to_send_ && states_[first_leaving_].departures.Done()) {
    ++first_leaving_;
  }
  while (next_to_send_ < states_.size() && states_[next_to_send_].updated &&
         next_to_send_ - first_leaving_ < kMostLeaving) {
    Send(next_to_send_++);
  }
  const std::size_t before = next_to_arrive_;
  while (next_to_arrive_ < states_.size() && states_[next_to_arrive_].updated &&
         states_[next_to_arrive_].arrivals.Done()) {
    ++next_to_arrive_;
  }
  if (next_to_arrive_ == before) return;
  available_.store(plan_.pieces()[next_to_arrive_ - 1].range.end, std::memory_order_release);
}

template <typename Done>
void ValueGather::PollUntil(const Done& done) {
  const ScopedWaiting waiting(Waiting::kPolling);
  while (!done()) {
    Poll();
    Status().Poll();
  }
}

bool ValueGather::WaitFor(Index end, bool is_main) {
  if (available_.load(std::memory_order_acquire) >= end) return false;
  if (is_main) {
    PollUntil([&] { return available_.load(std::memory_order_acquire) >= end; });
  } else {
    while (available_.load(std::memory_order_acquire) < end) std::this_thread::yield();
  }
  return true;
}

void ValueGather::Finish() {
  const auto done = [&] {
    return first_leaving_ == states_.size() && next_to_arrive_ == states_.size();
  };
  if (!done()) PollUntil(done);
}

}  // namespace lockstep
