#include "launch/doctor/exchange.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/aligned_buffer.h"
#include "base/json_text.h"
#include "base/phase_timer.h"
#include "worker/comm/gradient_reducer.h"
#include "worker/comm/value_gather.h"

namespace lockstep {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MpiFacts, running, library, thread_level, settings)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ExchangeFacts, rank, host, mpi, crowded, there_and_back,
                                   bytes_per_second, sums_seconds, gradient_seconds)

namespace {

constexpr const char* kTopic = "mpi";
constexpr int kTag = 901;
constexpr int kSmallTurns = 40, kLargeTurns = 5, kGradientTurns = 5;
constexpr Index kLargeElements = Index{1} << 19;  // 2 MiB
constexpr Index kGrain = 1024;
// Limits above which the time to a rank and back is slow. On one host, shared memory takes one
// microsecond and the loop-back network twenty.
constexpr double kSlowOnHost = 100e-6;
constexpr double kSlowBetweenHosts = 1e-3;
constexpr double kSlowLink = 1e9 / 8;  // bytes per second: 1 Gbit/s

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

// The median time of a call of `turn`, in seconds.
template <typename Turn>
double Time(int turns, const Turn& turn) {
  std::vector<double> seconds;
  for (int i = 0; i < turns; ++i) {
    const double start = Seconds();
    turn();
    seconds.push_back(Seconds() - start);
  }
  return Median(seconds);
}

void WaitFor(Messages* messages) {
  while (!messages->Done()) {
  }
}

void Send(std::span<float> values, int to) {
  Messages messages;
  messages.Send(values, to, kTag);
  WaitFor(&messages);
}

void Receive(std::span<float> values, int from) {
  Messages messages;
  messages.Receive(values, from, kTag);
  WaitFor(&messages);
}

// Must be called by both ranks of a pair; the time is taken by the lower one.
double ThereAndBack(const Communicator& comm, int partner, std::span<float> values, int turns) {
  return Time(turns, [&] {
    if (comm.rank() < partner) {
      Send(values, partner);
      Receive(values, partner);
    } else {
      Receive(values, partner);
      Send(values, partner);
    }
  });
}

// First the pairs (0, 1), (2, 3), ... measure at the same time, then the pairs (1, 2), (3, 4), ...
void MeasureNeighbours(const Communicator& comm, ExchangeFacts* facts, PhaseWatch* watch) {
  AlignedBuffer<float> values(kLargeElements);
  for (int first : {0, 1}) {
    CallRoll(comm, {}, watch);
    const bool lower = comm.rank() % 2 == first;
    const int partner = lower ? comm.rank() + 1 : comm.rank() - 1;
    if (partner < 0 || partner >= comm.size()) continue;
    watch->Doing(fmt::format("exchanging messages with rank {}", partner));
    const double small = ThereAndBack(comm, partner, values.span().first(1), kSmallTurns);
    const double large = ThereAndBack(comm, partner, values.span(), kLargeTurns);
    if (!lower) continue;
    facts->there_and_back = small;
    facts->bytes_per_second = 2.0 * sizeof(float) * kLargeElements / large;
  }
}

// Measures the exchange that gathers the loss sums and the notes of a step from all ranks.
void MeasureSums(const Communicator& comm, ExchangeFacts* facts) {
  const std::vector<double> mine(6, 1.0);
  std::vector<double> all(mine.size() * static_cast<std::size_t>(comm.size()));
  const Segments segments = DivideIntoSegments(static_cast<Index>(all.size()), 6, comm.size());
  facts->sums_seconds = Time(kSmallTurns, [&] { comm.AllGather(mine, segments, all.data()); });
}

void MeasureGradient(const Communicator& comm, ExchangeFacts* facts) {
  const PiecePlan plan({{0, kGradientElements}}, kGradientElements, comm.size(),
                       PiecesFor(comm.size(), RanksOfEvenHosts(comm.HostOfRanks()), kGrain));
  const HostRoutes routes = HostRoutes::For(comm.rank(), comm.HostOfRanks());
  GradientReducer reducer(routes, comm.size(), plan);
  ValueGather gather(routes, plan);
  AlignedBuffer<float> gradient(kGradientElements), values(kGradientElements);
  ThreadTeam team(1);
  facts->gradient_seconds = Time(kGradientTurns, [&] {
    reducer.Reduce({gradient.data()}, &team);
    gather.Begin(values.data());
    for (std::size_t piece = 0; piece < plan.pieces().size(); ++piece) gather.Updated(piece);
    gather.Finish();
  });
}

std::string Setting(const ExchangeFacts& facts, const std::string& name) {
  const auto found = facts.mpi.settings.find(name);
  return found == facts.mpi.settings.end() ? "" : found->second;
}

void JudgeYield(const std::vector<ExchangeFacts>& all, Findings* findings) {
  for (const ExchangeFacts& facts : all) {
    if (!facts.crowded || Setting(facts, "mpi_yield_when_idle") != "0") continue;
    AddWarning(findings, kTopic,
               fmt::format("{} has more threads than cores, and ranks that wait keep theirs busy",
                           facts.host),
               "mpirun --mca mpi_yield_when_idle 1, or fewer ranks");
    return;
  }
}

void JudgePair(const ExchangeFacts& facts, const ExchangeFacts& next, Findings* findings) {
  const bool same_host = facts.host == next.host;
  const std::string pair =
      fmt::format("ranks {} ({}) and {} ({})", facts.rank, facts.host, next.rank, next.host);
  if (!facts.crowded && facts.there_and_back > (same_host ? kSlowOnHost : kSlowBetweenHosts)) {
    AddWarning(findings, kTopic,
               fmt::format("{} take {:.0f} us for a small message and its answer", pair,
                           1e6 * facts.there_and_back),
               same_host
                   ? "look for a missing shared-memory transport (OMPI_MCA_btl=self,vader,tcp) "
                     "or shared cores"
                   : "use the fast network: OMPI_MCA_btl_tcp_if_include=INTERFACE, or UCX");
  }
  if (!same_host && facts.bytes_per_second < kSlowLink) {
    AddWarning(findings, kTopic,
               fmt::format("{} exchange {:.2f} Gbit/s", pair, 8e-9 * facts.bytes_per_second),
               "if the link is faster: OMPI_MCA_btl_tcp_links=2, and the fast network by "
               "OMPI_MCA_btl_tcp_if_include=INTERFACE");
  }
}

std::string SettingsText(const ExchangeFacts& facts) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : facts.mpi.settings) {
    texts.push_back(fmt::format("{} {}", name, value));
  }
  return texts.empty() ? "settings unknown" : fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace

ExchangeFacts MeasureExchange(const Communicator& comm, const std::string& host, bool crowded,
                              PhaseWatch* watch) {
  ExchangeFacts facts;
  facts.rank = comm.rank();
  facts.host = host;
  facts.crowded = crowded;
  facts.mpi = FindMpiFacts();
  if (comm.size() == 1) return facts;
  MeasureNeighbours(comm, &facts, watch);
  CallRoll(comm, {}, watch);
  watch->Doing("gathering sums from all ranks");
  MeasureSums(comm, &facts);
  CallRoll(comm, {}, watch);
  watch->Doing("exchanging a gradient with all ranks");
  MeasureGradient(comm, &facts);
  return facts;
}

Findings JudgeExchange(const std::vector<ExchangeFacts>& all) {
  Findings findings;
  if (all.size() == 1) {
    AddNote(&findings, kTopic,
            fmt::format("one rank{}: messages were not tried ({})",
                        all[0].mpi.running ? "" : ", without a launcher", all[0].mpi.library),
            "start doctor as training will be started: mpirun -n 4 lockstep doctor ...");
    return findings;
  }
  JudgeYield(all, &findings);
  std::vector<double> small, rates;
  for (std::size_t r = 0; r + 1 < all.size(); ++r) {
    JudgePair(all[r], all[r + 1], &findings);
    small.push_back(all[r].there_and_back);
    rates.push_back(all[r].bytes_per_second);
  }
  AddOk(&findings, kTopic,
        fmt::format("neighbours: {:.0f} us there and back, {:.1f} Gbit/s; all ranks: {:.2f} ms for "
                    "the sums of a step, {:.1f} ms for a gradient of 1 million numbers (medians)",
                    1e6 * Median(small), 8e-9 * Median(rates), 1e3 * all[0].sums_seconds,
                    1e3 * all[0].gradient_seconds));
  AddNote(&findings, kTopic,
          fmt::format("{}, threads {}; {}", all[0].mpi.library, all[0].mpi.thread_level,
                      SettingsText(all[0])));
  return findings;
}

std::string ToJson(const ExchangeFacts& facts) { return JsonText(nlohmann::json(facts)); }

ExchangeFacts ExchangeFactsFromJson(const std::string& text) {
  return ParseJson(text).get<ExchangeFacts>();
}

}  // namespace lockstep
