#include "checkpoint/background_writer.h"

#include <chrono>
#include <utility>

namespace lockstep {

BackgroundWriter::~BackgroundWriter() {
  if (running_.valid()) running_.wait();
}

void BackgroundWriter::Submit(std::function<void()> make_and_write) {
  Wait();
  // The work moves into the thread's own frame, so that the snapshot it holds goes when it has run
  // and not when somebody asks for the result.
  running_ = std::async(std::launch::async, [work = std::move(make_and_write)]() mutable {
    const std::function<void()> mine = std::exchange(work, nullptr);
    mine();
  });
}

void BackgroundWriter::Wait() {
  if (running_.valid()) running_.get();
}

bool BackgroundWriter::busy() const {
  return running_.valid() &&
         running_.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
}

}  // namespace lockstep
