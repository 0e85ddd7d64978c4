// Measures seconds, for reports. An object is for one thread only.
#pragma once

#include <chrono>

namespace lockstep {

inline double Seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

// Adds the time from its construction to its destruction to `sum`.
class ScopedSeconds {
 public:
  explicit ScopedSeconds(double* sum) : sum_(sum), start_(Seconds()) {}
  ~ScopedSeconds() { *sum_ += Seconds() - start_; }
  ScopedSeconds(const ScopedSeconds&) = delete;
  ScopedSeconds& operator=(const ScopedSeconds&) = delete;

 private:
  double* sum_;
  double start_;
};

}  // namespace lockstep
