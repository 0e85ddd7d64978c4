// Writes checkpoint images on a thread of its own, one at a time, while training goes on.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "checkpoint/checkpoint_file.h"

namespace lockstep {

class BackgroundWriter {
 public:
  BackgroundWriter();
  ~BackgroundWriter();  // waits for the write under way; an error that nobody asked for is lost

  // Runs `make_and_write` on the thread. Waits first when another write is under way (back-pressure:
  // at most one snapshot lives). Rethrows the error of an earlier write.
  void Submit(std::function<void()> make_and_write);
  // Returns when all is written; rethrows the error of a write.
  void Wait();
  bool busy() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lockstep
