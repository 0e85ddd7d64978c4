#include "launch/tasks/dna/genome_scores.h"

#include <deque>
#include <optional>

#include "base/work_progress.h"
#include "data/dna/gc_bins.h"
#include "launch/run/chunk_bytes.h"
#include "launch/run/chunk_scorers.h"
#include "launch/run/ordered_work.h"
#include "launch/run/scoring_slots.h"

namespace lockstep {
namespace {

// Windows that one thread labels together: enough for the products of a step, and few enough that
// the genome of a bacterium has work for many threads.
constexpr Index kWindowsOfChunk = 16;

// The input of a chunk: the bases of its windows as ids of the model.
std::string ToBytes(const std::vector<GenomeWindow>& windows) {
  std::string bytes;
  for (const GenomeWindow& window : windows) PutList(IdsOf(window.codes, window.gc_bin), &bytes);
  return bytes;
}

// The complement of each id of a base and of each class.
struct Complements {
  std::vector<int> bases;
  std::vector<int> classes;
};

Complements ComplementsOf(const Schema& schema) {
  return {schema.VocabularyOf(schema.fields.front()).complement,
          schema.VocabularyOf(schema.fields.at(schema.Target().value())).complement};
}

// Adds to the windows, whose codes are ids, what their other strands read.
void AddOtherStrands(const std::vector<int>& complement, std::vector<GenomeWindow>* windows) {
  const std::size_t size = windows->size();
  for (std::size_t i = 0; i < size; ++i) {
    std::vector<std::uint8_t> codes((*windows)[i].codes.rbegin(), (*windows)[i].codes.rend());
    for (std::uint8_t& code : codes) code = static_cast<std::uint8_t>(complement.at(code));
    windows->emplace_back().codes = std::move(codes);
  }
}

// The mean of the scores [bases, classes] of a window and those of its other strand.
std::vector<float> MeanOfStrands(const std::vector<int>& complement,
                                 const std::vector<float>& scores,
                                 const std::vector<float>& other) {
  const std::size_t classes = complement.size();
  std::vector<float> mean(scores.size());
  for (std::size_t i = 0; i < scores.size(); i += classes) {
    const float* opposite = other.data() + (scores.size() - classes - i);
    for (std::size_t c = 0; c < classes; ++c)
      mean[i + c] = 0.5f * (scores[i + c] + opposite[complement[c]]);
  }
  return mean;
}

// The result of a chunk: the scores of all bases of its windows, context included, window after
// window.
std::string ScoreWindows(int member, const std::string& input, const Complements* complements,
                         ChunkScorers* scorers) {
  std::vector<GenomeWindow> windows;  // their codes are ids
  for (BytesReader in(input); !in.AtEnd();)
    windows.emplace_back().codes = in.TakeList<std::uint8_t>();
  const std::size_t size = windows.size();
  if (complements != nullptr) AddOtherStrands(complements->bases, &windows);
  const std::vector<SlotBatch> slots = PackWindows(windows, 0, 1);
  const auto found = scorers->Score(member, slots, BoundsOfSlots(slots, true));
  std::string result;
  for (std::size_t i = 0; i < size; ++i) {
    PutList(complements == nullptr
                ? found[i].values
                : MeanOfStrands(complements->classes, found[i].values, found[size + i].values),
            &result);
  }
  return result;
}

}  // namespace

void ScoreGenome(const Communicator& comm, const TrainedModel& trained,
                 const GenomeScoreOptions& options, GenomeWindows* windows,
                 const std::function<void(const GenomeWindow&, std::span<const float>)>& use) {
  ChunkScorers scorers(trained, options.threads);
  const Complements complements = ComplementsOf(options.schema);
  std::deque<GenomeWindow> under_way;
  Index bases = 0;
  WorkProgress progress("predict");
  OrderedJob job;
  job.next = [&]() -> std::optional<std::string> {
    std::vector<GenomeWindow> next = windows->Next(kWindowsOfChunk);
    if (next.empty()) return std::nullopt;
    std::string bytes = ToBytes(next);
    for (GenomeWindow& window : next) under_way.push_back(std::move(window));
    return bytes;
  };
  job.work = [&](int member, Index, const std::string& input) {
    return ScoreWindows(member, input, options.both_strands ? &complements : nullptr, &scorers);
  };
  job.use = [&](Index, const std::string& result) {
    for (BytesReader in(result); !in.AtEnd(); under_way.pop_front()) {
      const std::vector<float> scores = in.TakeList<float>();
      use(under_way.front(), scores);
      bases += under_way.front().core_size();
    }
    progress.Tell(windows->share_read(), [&] { return fmt::format("{} bases", bases); });
  };
  WorkInOrder(comm, options.threads, job);
}

void AddCore(const GenomeWindow& window, std::span<const float> scores, EvidenceFile* evidence) {
  const std::size_t classes = scores.size() / window.codes.size();
  const auto begin = static_cast<std::size_t>(window.core_begin);
  const auto size = static_cast<std::size_t>(window.core_size());
  evidence->Add(window.record, window.record_name, std::span(window.codes).subspan(begin, size),
                scores.subspan(begin * classes, size * classes));
}

}  // namespace lockstep
