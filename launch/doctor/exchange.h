// How fast ranks exchange messages: between neighbours, and the exchange of gradients and
// parameters that a step of training makes.
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
  bool crowded = false;         // more threads than cores on its machine
  double there_and_back = 0;    // seconds, of one number to the next rank and back; median
  double bytes_per_second = 0;  // of a large message to the next rank; median
  double sums_seconds = 0;      // to gather the sums of a step from all ranks; median
  double gradient_seconds = 0;  // to sum a gradient of kGradientElements and to bring back the
                                // parameters; median
};
inline constexpr Index kGradientElements = Index{1} << 20;

// Collective. Rank r measures with rank r + 1, the last with none.
ExchangeFacts MeasureExchange(const Communicator& comm, const std::string& host, bool crowded,
                              PhaseWatch* watch);

Findings JudgeExchange(const std::vector<ExchangeFacts>& all);

std::string ToJson(const ExchangeFacts& facts);
ExchangeFacts ExchangeFactsFromJson(const std::string& text);

}  // namespace lockstep
