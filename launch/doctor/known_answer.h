// A training of a few steps whose outcome is known bit by bit, on every rank by itself and on all
// together: what a processor, a memory or a C library that computes otherwise gives away. Beside
// it, how fast each rank multiplies.
//
// First values are drawn as multiples of a power of two, the optimiser is momentum, so the C
// library comes in by the exponentials of the loss only. A fingerprint of these tells another
// library from a broken machine; with another library ranks are compared with each other only.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "launch/doctor/phase_watch.h"
#include "launch/start/finding.h"
#include "worker/kernels/isa.h"

namespace lockstep {

// A training of one kind, with the hash of the parameters it ended with.
struct Answer {
  std::string what;  // "gru", "lstm", "gru bf16"
  int threads = 1;
  bool together = false;  // by all ranks
  std::string hash;
};

struct RankAnswers {
  int rank = 0;
  std::string host;
  std::string isa;           // in use
  Index slots = 8;           // of the trainings
  std::string library;       // fingerprint of exponential and logarithm
  std::string c_library;     // its name and version
  bool plain_floats = true;  // rounds to nearest and keeps subnormal numbers
  std::vector<Answer> answers;
  double gigaflops = 0;  // of products on all threads
};

// Collective. Trains on one thread and on `threads`, alone and together. SelectIsa comes before.
RankAnswers FindAnswers(const Communicator& comm, const std::string& host, Isa isa, int threads,
                        PhaseWatch* watch);

// Of all ranks: who computes wrongly, who computes slowly.
Findings JudgeAnswers(const std::vector<RankAnswers>& all);

// The answer built in for trainings of `what` in 8 slots on this instruction set, and the
// fingerprint of the C library it was made with; empty where none is.
std::string BuiltInAnswer(const std::string& what, const std::string& isa);
std::string BuiltInLibrary();

std::string ToJson(const RankAnswers& answers);
RankAnswers RankAnswersFromJson(const std::string& text);

}  // namespace lockstep
