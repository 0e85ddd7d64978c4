#include "worker/comm/value_gather.h"

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "base/rank_status.h"

namespace lockstep {
namespace {

// The most pieces that are sent at the same time. They share the link, so more would delay the
// piece that is needed first; a single one would leave the link idle until the next poll.
constexpr std::size_t kMostLeaving = 3;

int ValueTag(std::size_t piece) { return static_cast<int>(3 * piece + 2); }

}  // namespace

ValueGather::ValueGather(const HostRoutes& routes, const PiecePlan& plan)
    : plan_(plan),
      first_leaving_(plan.pieces().size()),
      next_to_send_(plan.pieces().size()),
      next_to_arrive_(plan.pieces().size()),
      available_(plan.count()) {
  states_.reserve(plan.pieces().size());
  for (const Piece& piece : plan.pieces()) states_.push_back({true, {routes, plan, piece}});
}

void ValueGather::Begin(float* values) {
  LOCKSTEP_CHECK(first_leaving_ == states_.size() && next_to_arrive_ == states_.size());
  first_leaving_ = next_to_send_ = next_to_arrive_ = 0;
  available_.store(0, std::memory_order_relaxed);
  for (std::size_t piece = 0; piece < states_.size(); ++piece) {
    states_[piece].updated = false;
    if (!plan_.pieces()[piece].replicated) states_[piece].spread.Begin(values, ValueTag(piece));
  }
}

void ValueGather::Updated(std::size_t piece) {
  states_[piece].updated = true;
  Poll();
}

void ValueGather::Send(std::size_t piece) {
  if (!plan_.pieces()[piece].replicated) states_[piece].spread.Send();
}

// Other ranks send up to kMostLeaving pieces at the same time, so as many may be arriving.
void ValueGather::MoveArrivals() {
  const std::size_t end = std::min(states_.size(), next_to_arrive_ + kMostLeaving);
  for (std::size_t i = next_to_arrive_; i < end; ++i) states_[i].spread.Arrived();
}

void ValueGather::Poll() {
  for (std::size_t i = first_leaving_; i < next_to_send_; ++i) states_[i].spread.Left();
  MoveArrivals();
  while (first_leaving_ < next_to_send_ && states_[first_leaving_].spread.Left()) {
    ++first_leaving_;
  }
  while (next_to_send_ < states_.size() && states_[next_to_send_].updated &&
         next_to_send_ - first_leaving_ < kMostLeaving) {
    Send(next_to_send_++);
  }
  const std::size_t before = next_to_arrive_;
  while (next_to_arrive_ < states_.size() && states_[next_to_arrive_].updated &&
         states_[next_to_arrive_].spread.Arrived()) {
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
