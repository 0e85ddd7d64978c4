// Runs a training of a few steps whose result is known bit by bit, on every rank alone and on all
// ranks together. A processor, a memory or a C library that computes differently shows in the
// result. Also measures how fast each rank computes matrix products.
//
// The first parameters are multiples of a power of two, and the optimiser is SGD with momentum, so
// the C library has an influence through the exponentials and logarithms of the loss only. A
// fingerprint of these functions distinguishes another library from a broken machine. With another
// library, ranks are compared only with each other.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "launch/doctor/phase_watch.h"
#include "launch/start/finding.h"
#include "worker/kernels/isa.h"

namespace lockstep {

// The result of a training.
struct Answer {
  std::string what;  // "gru", "lstm", "gru bf16"
  int threads = 1;
  bool together = false;  // true: computed by all ranks together; false: by this rank alone
  std::string hash;       // hash of the parameters after the last step
};

struct RankAnswers {
  int rank = 0;
  std::string host;
  std::string isa;           // the instruction set in use
  Index slots = 8;           // slots of a global batch in the trainings
  std::string library;       // fingerprint of the C library's exponential and logarithm
  std::string c_library;     // name and version of the C library
  bool plain_floats = true;  // floats are rounded to nearest, and subnormal numbers are kept
  std::vector<Answer> answers;
  double gigaflops = 0;      // speed of matrix products on all threads of the rank
  double bfloat16_gain = 1;  // operations with bf16 in the time of one with float32
  double amx_gain = 0;       // the same for bf16-amx; 0 without AMX
};

// Collective. Trains on one thread and on `threads` threads, alone and together. SelectIsa must
// have been called before.
RankAnswers FindAnswers(const Communicator& comm, const std::string& host, Isa isa, int threads,
                        PhaseWatch* watch);

// Finds the ranks that compute wrongly and those that compute slowly.
Findings JudgeAnswers(const std::vector<RankAnswers>& all);

// The known answer for trainings of `what` with 8 slots on this instruction set, empty if there is
// none; and the fingerprint of the C library with which the answers were made.
std::string BuiltInAnswer(const std::string& what, const std::string& isa);
std::string BuiltInLibrary();

std::string ToJson(const RankAnswers& answers);
RankAnswers RankAnswersFromJson(const std::string& text);

}  // namespace lockstep
