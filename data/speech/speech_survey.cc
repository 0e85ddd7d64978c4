#include "data/speech/speech_survey.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/thread_team.h"
#include "base/work_progress.h"
#include "data/speech/manifests/id_table.h"
#include "data/speech/utterance_loader.h"
#include "data/speech/word_times.h"

namespace lockstep {
namespace {

// Counts a part of the data for its own split.
class ChunkCutter {
 public:
  ChunkCutter(std::string split, Index shard_bytes)
      : split_(std::move(split)), shard_bytes_(shard_bytes) {}

  void Add(int manifest, Index number, Index bytes) {
    if (chunks_.empty() || chunks_.back().manifest != manifest || bytes_ + bytes > shard_bytes_) {
      chunks_.push_back({split_, manifest, number, number});
      bytes_ = 0;
    }
    chunks_.back().end = number + 1;
    bytes_ += bytes;
  }
  const std::vector<SpeechChunk>& chunks() const { return chunks_; }

 private:
  std::string split_;
  Index shard_bytes_;
  Index bytes_ = 0;
  std::vector<SpeechChunk> chunks_;
};

// One pass over all manifests.
class Survey {
 public:
  Survey(const SpeechOptions& options, ProblemList& problems, SpeechPlan& plan)
      : options_(options), problems_(problems), plan_(plan), team_(options.threads) {
    for (int t = 0; t < options.threads; ++t) {
      loaders_.push_back(std::make_unique<UtteranceLoader>(options, ""));
    }
    for (const std::string& split : plan.splits) cutters_.emplace_back(split, options.shard_bytes);
    const bool lists = options.units.names_file.empty() && options.units.kind != UnitKind::kPieces;
    if (lists) gatherer_.emplace(options.units.kind, options.units.letter_case);
    if (!options.ctm.empty()) times_ = ReadCtm(options.ctm);
  }

  void Run() {
    for (int m = 0; m < static_cast<int>(options_.splits.size()); ++m) ReadManifest(m);
    for (const ChunkCutter& cutter : cutters_) {
      plan_.chunks.insert(plan_.chunks.end(), cutter.chunks().begin(), cutter.chunks().end());
    }
    plan_.manifests_hash = hash_.Hex();
    if (names_channels_) plan_.channels_hash = channels_.Hex();
    TellOfTranscripts();
    if (times_ && any_) RequireTimes();
    if (gatherer_ && !any_) return;
    if (gatherer_) {
      const Units units = gatherer_->Finish();
      plan_.unit_names.assign(units.names().begin() + 1, units.names().end());
    }
  }
  bool any() const { return any_; }

 private:
  struct Surveyed {
    Utterance utterance;
    UtteranceSize size;
    std::string problem;
  };

  void ReadManifest(int manifest);
  void Measure(std::vector<Surveyed>& batch);
  void Take(const Surveyed& surveyed, const UtterancePlace& place);
  // What is wrong, or nothing; CountIn also.
  std::string Check(const Surveyed& surveyed);
  std::string CountIn(const Surveyed& surveyed, const UtterancePlace& place);
  void LookAtTranscript(const Utterance& utterance);
  void TellOfTranscripts() const;
  void CountTimes(const Utterance& utterance);
  void RequireTimes() const;
  // A few synthetic utterances may not have all letters of the small vocabulary in "train".
  bool GathersFromAllSplits() const { return options_.synthetic > 0; }

  const SpeechOptions& options_;
  ProblemList& problems_;
  SpeechPlan& plan_;
  ThreadTeam team_;
  std::vector<std::unique_ptr<UtteranceLoader>> loaders_;
  std::vector<ChunkCutter> cutters_;
  std::optional<UnitGatherer> gatherer_;
  IdTable ids_;
  StreamHash hash_;
  StreamHash channels_;
  bool names_channels_ = false;
  TranscriptChanges changes_;
  Index wordless_ = 0;
  std::string first_wordless_;
  std::optional<WordTimes> times_;  // of --ctm
  Index timed_ = 0;                 // training utterances that have times there
  std::string first_untimed_;       // the id of the first one that has none
  bool has_width_ = false;          // of the first utterance, in the plan
  bool any_ = false;                // an utterance without a problem
};

void Survey::ReadManifest(int manifest) {
  constexpr std::size_t kBatch = 4096;
  const auto reader = OpenSplit(options_, manifest);
  std::vector<Surveyed> batch(kBatch);
  Index number = 0;
  WorkProgress progress("prepare");
  for (bool more = true; more;) {
    std::size_t count = 0;
    while (count < kBatch && (more = reader->Next(&batch[count].utterance))) ++count;
    batch.resize(count);
    Measure(batch);
    for (const Surveyed& surveyed : batch) Take(surveyed, {manifest, number++});
    progress.Tell(-1, [&] { return fmt::format("{} utterances looked at", number); });
  }
  for (const std::string& remark : reader->Remarks()) LogWarning("{}", remark);
  for (const std::string& note : reader->Notes()) LogInfo("{}", note);
  if (number == 0) throw BadData("{}: has no utterance", options_.splits[manifest].manifest.path);
}

void Survey::Measure(std::vector<Surveyed>& batch) {
  const auto count = static_cast<Index>(batch.size());
  team_.Run([&](int member) {
    for (Index i = member; i < count; i += team_.size()) {
      Surveyed& surveyed = batch[static_cast<std::size_t>(i)];
      surveyed.problem = surveyed.utterance.problem;
      if (!surveyed.problem.empty()) continue;
      try {
        surveyed.size = loaders_[static_cast<std::size_t>(member)]->Measure(surveyed.utterance);
      } catch (const InputError& error) {
        surveyed.problem = error.what();
      }
    }
  });
}

void Survey::Take(const Surveyed& surveyed, const UtterancePlace& place) {
  const Utterance& utterance = surveyed.utterance;
  hash_.Add(fmt::format("{}\n{}\n{}\n{}\n{} {} {} {} {}\n", utterance.id, utterance.path,
                        utterance.speaker, utterance.transcript, utterance.begin_seconds,
                        utterance.end_seconds, surveyed.size.frames, surveyed.size.width,
                        surveyed.size.source_rate));
  if (utterance.channel != Utterance::kNoChannel) {
    channels_.Add(fmt::format("{}\n{}\n", utterance.id, utterance.channel));
    names_channels_ = true;
  }
  std::string problem = Check(surveyed);
  if (problem.empty()) problem = CountIn(surveyed, place);
  if (problem.empty()) return;
  problems_.Add(place, utterance.source, utterance.id, problem);
  plan_.bad.push_back(place);
}

std::string Survey::Check(const Surveyed& surveyed) {
  const Utterance& utterance = surveyed.utterance;
  if (!utterance.problem.empty()) return utterance.problem;
  if (utterance.id.empty()) return "the id is empty";
  const std::string first = ids_.Add(utterance.id, utterance.source);
  if (!first.empty()) return fmt::format("the id is already on {}", first);
  return surveyed.problem;
}

std::string Survey::CountIn(const Surveyed& surveyed, const UtterancePlace& place) {
  const Utterance& utterance = surveyed.utterance;
  const std::string& split = SplitOf(options_, plan_, place.manifest, utterance.speaker);
  const auto s = static_cast<std::size_t>(
      std::find(plan_.splits.begin(), plan_.splits.end(), split) - plan_.splits.begin());
  if (!has_width_) {
    plan_.source = utterance.kind;
    plan_.base_width = surveyed.size.width;
    has_width_ = true;
  }
  if (surveyed.size.width != plan_.base_width || utterance.kind != plan_.source) {
    return fmt::format("its features have {} columns, those of the first utterance {}",
                       surveyed.size.width, plan_.base_width);
  }
  try {
    LookAtTranscript(utterance);
    if (gatherer_ && (s == 0 || GathersFromAllSplits())) gatherer_->Add(utterance.transcript);
    if (times_ && s == 0) CountTimes(utterance);
  } catch (const InputError& error) {
    return error.what();
  }
  const CopyOptions& of_training = options_.copies;
  const Index copies = s == 0 ? std::ssize(of_training.speeds) + of_training.splices : 1;
  const Index width = surveyed.size.width * (1 + options_.sound.deltas);
  cutters_[s].Add(place.manifest, place.number, 4 * copies * width * surveyed.size.frames);
  any_ = true;
  return "";
}

void Survey::LookAtTranscript(const Utterance& utterance) {
  const bool had_dropped = !changes_.dropped.empty();
  const std::string text =
      NormaliseTranscript(utterance.transcript, options_.units.letter_case, &changes_);
  if (!had_dropped && !changes_.dropped.empty()) changes_.first_dropped = utterance.source;
  if (text.empty() && wordless_++ == 0) first_wordless_ = utterance.source;
}

void Survey::TellOfTranscripts() const {
  for (const std::string& warning : changes_.Warnings()) LogWarning("{}", warning);
  for (const std::string& note : changes_.Notes()) LogInfo("{}", note);
  if (wordless_ == 0) return;
  LogInfo("{} utterances have a transcript without words, the first on {}", wordless_,
          first_wordless_);
}

void Survey::CountTimes(const Utterance& utterance) {
  if (times_->contains(utterance.id)) {
    ++timed_;
  } else if (first_untimed_.empty()) {
    first_untimed_ = utterance.id;
  }
}

// Where no id fits, they are written in another way, and the corpus would have no word cut.
void Survey::RequireTimes() const {
  if (timed_ > 0 || first_untimed_.empty()) return;
  if (times_->empty()) throw BadData("{}: has the times of no word", options_.ctm);
  throw BadData(
      "{}: has words of {} utterances, such as \"{}\", but none of the training utterances, such "
      "as \"{}\"; write the ids as the manifests have them",
      options_.ctm, times_->size(), times_->begin()->first, first_untimed_);
}

}  // namespace

bool SurveyManifests(const SpeechOptions& options, ProblemList& problems, SpeechPlan& plan) {
  Survey survey(options, problems, plan);
  survey.Run();
  return survey.any();
}

}  // namespace lockstep
