#include "data/speech/speech_import.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/work_progress.h"
#include "data/corpus/corpus_writer.h"
#include "data/corpus/source_file.h"
#include "data/corpus/source_table.h"
#include "data/speech/speech_index.h"

namespace lockstep {
namespace {

constexpr Index kIdsPerSplit = Index{1} << 40;

}  // namespace

SpeechImport::SpeechImport(const SpeechOptions& options, const RankGroup& ranks,
                           const SpeechPlan& plan)
    : options_(options),
      ranks_(ranks),
      plan_(plan),
      units_(UnitsOf(options, plan)),
      header_(SpeechHeader(options, plan, units_)),
      journal_(options.out),
      loader_(options, plan, units_, journal_.Scratch(ranks.rank)),
      speakers_(options.sound) {}

// The chunks of the training split come first.
std::size_t SpeechImport::MeasuredChunks() const {
  if (options_.sound.normalise == Normalisation::kSpeaker) return Chunks();
  if (!NeedsTraining(options_.sound.normalise) || speakers_.training()) return 0;
  return static_cast<std::size_t>(
      std::ranges::count(plan_.chunks, plan_.splits[0], &SpeechChunk::split));
}

// Each rank computes the features of its chunks and leaves their sums in the journal; then all add
// all sums in the order of the chunks.
void SpeechImport::GatherStatistics() {
  const std::size_t chunks = MeasuredChunks();
  WorkProgress progress("prepare");
  for (std::size_t c = Rank(); c < chunks; c += World()) {
    SpeakerStatistics sums(options_.sound);
    for (const LoadedUtterance& loaded : loader_.Load(plan_.chunks[c], nullptr)) {
      if (!loaded.problem.empty()) continue;
      for (const LoadedCopy& copy : loaded.copies) {
        sums.Add(loaded.utterance.speaker, copy.features);
      }
    }
    ReplaceDurably(journal_.SpeakersFile(c), sums.ToText());
    progress.Tell(static_cast<double>(c + 1) / static_cast<double>(chunks), [&] {
      return fmt::format("statistics of {} of {} shards measured", c + 1, chunks);
    });
  }
  ranks_.barrier();
  for (std::size_t c = 0; c < chunks; ++c) {
    speakers_.AddText(ReadTextFile(journal_.SpeakersFile(c)));
  }
  if (!NeedsTraining(options_.sound.normalise)) return;
  if (chunks > 0) speakers_.FinishTraining();
  const Index width = header_.leading().width;
  if (std::ssize(speakers_.training()->mean) != width) {
    throw UsageError(
        "--statistics has {} features per frame, these recordings give {}: use the same "
        "--features, "
        "--mel-bins and --deltas",
        speakers_.training()->mean.size(), width);
  }
  PutStatistics(*speakers_.training(), &header_);
}

Index SpeechImport::NumberInSplit(std::size_t chunk) const {
  const auto is_same = [&](const SpeechChunk& c) { return c.split == plan_.chunks[chunk].split; };
  return std::count_if(plan_.chunks.begin(), plan_.chunks.begin() + static_cast<Index>(chunk),
                       is_same);
}

void SpeechImport::WriteChunks() {
  bad_ = static_cast<Index>(plan_.bad.size());
  for (std::size_t k = 0; k < plan_.splits.size(); ++k) sequences_[plan_.splits[k]] = 0;
  WorkProgress progress("prepare");
  for (std::size_t first = 0; first < Chunks(); first += World()) {
    WriteWave(first);
    const std::size_t done = std::min(first + World(), Chunks());
    progress.Tell(static_cast<double>(done) / static_cast<double>(Chunks()), [&] {
      return fmt::format("{} of {} shards, {} bad utterances", done, Chunks(), bad_);
    });
  }
}

// One chunk on each rank. Their sample ids follow each other, so each must know how many samples
// the chunks before it have, before it can write.
void SpeechImport::WriteWave(std::size_t first_chunk) {
  const std::size_t mine = first_chunk + Rank();
  std::optional<ChunkRecord> record;
  std::vector<LoadedUtterance> loaded;
  bool is_new = false;
  if (mine < Chunks()) {
    record = journal_.Find(mine, plan_.hash);
    if (!record) {
      is_new = true;
      loaded = loader_.Load(plan_.chunks[mine], &speakers_);
      record = Describe(loaded);
      new_seconds_ += record->seconds;
    }
  }
  const auto sequences = ranks_.gather(record ? static_cast<double>(record->sequences) : 0);
  const auto bad = ranks_.gather(record ? static_cast<double>(record->problems.size()) : 0);
  for (const double count : bad) bad_ += static_cast<Index>(count);
  for (std::size_t r = 0; r < World() && first_chunk + r < Chunks(); ++r) {
    Index& written = sequences_[plan_.chunks[first_chunk + r].split];
    if (r == Rank() && is_new) {
      const bool writes = bad_ <= options_.skip_bad && record->sequences > 0;
      if (writes) record->corpus = WriteShard(mine, loaded, written);
      ReplaceDurably(journal_.RecordFile(mine), record->ToText());
    }
    written += static_cast<Index>(sequences[r]);
  }
}

ChunkRecord SpeechImport::Describe(const std::vector<LoadedUtterance>& loaded) {
  ChunkRecord record;
  record.plan_hash = plan_.hash;
  for (const LoadedUtterance& one : loaded) {
    if (!one.problem.empty()) {
      record.problems.push_back({one.place, one.utterance.source, one.utterance.id, one.problem});
      continue;
    }
    record.sequences += static_cast<Index>(one.copies.size());
    record.utterances += 1;
    record.with_words += one.copies[0].words.empty() ? 0 : 1;
    record.seconds += one.seconds;
  }
  return record;
}

// Gives corpus.json as if this shard were all of the corpus.
std::string SpeechImport::WriteShard(std::size_t chunk, const std::vector<LoadedUtterance>& loaded,
                                     Index first_sample_id) {
  const std::string& split = plan_.chunks[chunk].split;
  const auto k = std::find(plan_.splits.begin(), plan_.splits.end(), split);
  const Index base = kIdsPerSplit * (k - plan_.splits.begin());
  ShardWriter writer(options_.out, split, header_, base + first_sample_id,
                     std::numeric_limits<Index>::max(), NumberInSplit(chunk));
  for (const LoadedUtterance& one : loaded) {
    if (!one.problem.empty()) continue;
    for (const LoadedCopy& copy : one.copies) {
      std::vector<WordCut> cuts;
      if (header_.has_cuts) cuts = WordCutsOf(copy.words, copy.labels, copy.features.rows);
      writer.Add(
          {{std::as_bytes(std::span(copy.features.values)), std::as_bytes(std::span(copy.labels))},
           copy.features.rows,
           copy.name,
           cuts});
    }
  }
  CorpusInfo info = header_;
  info.provenance = "{}";
  info.splits[split] = writer.Finish();
  return CorpusToJson(info);
}

void SpeechImport::Finish(ProblemList& problems, SpeechSummary& summary) const {
  CorpusInfo info = header_;
  info.noise = summary.noise;
  info.rooms = summary.rooms;
  for (std::size_t c = 0; c < Chunks(); ++c) {
    const std::string file = journal_.RecordFile(c);
    const ChunkRecord record = ChunkRecord::FromText(ReadTextFile(file));
    for (const ChunkRecord::Problem& p : record.problems) {
      problems.Add(p.place, p.source, p.id, p.text);
    }
    auto& split = summary.splits[plan_.chunks[c].split];
    split.utterances += record.utterances;
    split.with_words += record.with_words;
    split.seconds += record.seconds;
    if (record.corpus.empty()) continue;
    const SplitInfo one = CorpusFromJson(record.corpus, file).splits.begin()->second;
    SplitInfo& whole = info.splits[plan_.chunks[c].split];
    AddSplit(one, whole);
    AddToRuns(plan_.chunks[c].manifest, one.sequences, one.steps, &whole.sources);
  }
  problems.Settle("the manifests");
  summary.skipped = problems.count();
  info.provenance = ProvenanceText(SpeechProvenance(options_, plan_, summary));
  if (!plan_.unit_model.empty()) {
    ReplaceDurably(options_.out + "/" + kUnitModelName, plan_.unit_model);
  }
  summary.info = PublishCorpusIndex(options_.out, info);
  journal_.Remove();
}

}  // namespace lockstep
