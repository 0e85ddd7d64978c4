// Measures how fast ranks exchange messages: between two neighbours, and in the exchanges of
// gradients and parameters that a training step makes.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "launch/doctor/phase_watch.h"
#include "launch/start/finding.h"
#include "worker/comm/mpi_facts.h"

namespace lockstep {

struct ExchangeFacts {
  int rank = 0;
  std::string host;
  MpiFacts mpi;
  bool crowded = false;  // more threads than cores on its machine
  // Medians of several measurements:
  double there_and_back = 0;    // seconds for one number to the next rank and back
  double bytes_per_second = 0;  // rate of a large message to the next rank
  double sums_seconds = 0;      // seconds to gather the sums of a step from all ranks
  // Seconds to sum a gradient of kGradientElements over all ranks and to bring back the parameters.
  double gradient_seconds = 0;
};
inline constexpr Index kGradientElements = Index{1} << 20;

// Collective. Each rank r measures with rank r + 1, except the last.
ExchangeFacts MeasureExchange(const Communicator& comm, const std::string& host, bool crowded,
                              PhaseWatch* watch);

Findings JudgeExchange(const std::vector<ExchangeFacts>& all);

std::string ToJson(const ExchangeFacts& facts);
ExchangeFacts ExchangeFactsFromJson(const std::string& text);

}  // namespace lockstep
