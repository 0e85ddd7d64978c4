#include "data/speech/speech_corpus.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/log.h"
#include "data/corpus/corpus_writer.h"
#include "data/corpus/source_file.h"
#include "data/speech/speech_chunk.h"

namespace lockstep {

namespace fs = std::filesystem;

namespace {

constexpr Index kIdsPerSplit = Index{1} << 40;
constexpr std::chrono::seconds kBetweenLines{30};  // of progress in the log
constexpr const char* kModelName = "units.model";

// The journal of an import: one file a chunk in FOLDER/.import.
class Journal {
 public:
  explicit Journal(const std::string& out) : out_(out), folder_(out + "/.import") {}

  std::string RecordFile(std::size_t chunk) const {
    return fmt::format("{}/chunk-{:06}.json", folder_, chunk);
  }
  std::string SpeakersFile(std::size_t chunk) const {
    return fmt::format("{}/speakers-{:06}.json", folder_, chunk);
  }
  std::string Scratch(int rank) const { return fmt::format("{}/spoken-{}", folder_, rank); }

  // What is known of a chunk, if its record is of this plan and its shard is there.
  std::optional<ChunkRecord> Find(std::size_t chunk, const std::string& plan_hash) const;
  // Removes what is of another plan or was not finished; the number of chunks that stay.
  Index Clean(const SpeechPlan& plan) const;
  void Remove() const { fs::remove_all(folder_); }
  void Make() const { MakeFolder(folder_); }

 private:
  std::string out_;
  std::string folder_;
};

std::optional<ChunkRecord> Journal::Find(std::size_t chunk, const std::string& plan_hash) const {
  const std::string file = RecordFile(chunk);
  if (!fs::exists(file)) return std::nullopt;
  try {
    ChunkRecord record = ChunkRecord::FromText(ReadTextFile(file));
    if (record.plan_hash != plan_hash) return std::nullopt;
    if (record.corpus.empty()) {
      return record.sequences == 0 ? std::optional(record) : std::nullopt;
    }
    for (const auto& [name, split] : CorpusFromJson(record.corpus, file).splits) {
      const std::string shard = out_ + "/" + split.shards.at(0).file;
      if (!fs::exists(shard) || static_cast<Index>(fs::file_size(shard)) != split.shards[0].bytes) {
        return std::nullopt;
      }
    }
    return record;
  } catch (const std::exception&) {
    return std::nullopt;  // damaged: the chunk is done again
  }
}

Index Journal::Clean(const SpeechPlan& plan) const {
  std::set<std::string> kept;
  Index chunks = 0;
  for (std::size_t c = 0; c < plan.chunks.size(); ++c) {
    const auto record = Find(c, plan.hash);
    if (!record) continue;
    ++chunks;
    kept.insert(fs::path(RecordFile(c)).filename().string());
    if (record->corpus.empty()) continue;
    kept.insert(
        CorpusFromJson(record->corpus, RecordFile(c)).splits.begin()->second.shards[0].file);
  }
  Index removed = 0;
  for (const std::string& folder : {out_, folder_}) {
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
    for (const fs::path& path : entries) {
      const std::string name = path.filename().string();
      const auto is_of = [&](const std::string& split) { return IsShardOf(name, split); };
      const bool ours =
          folder == folder_ || std::any_of(plan.splits.begin(), plan.splits.end(), is_of);
      if (!ours || kept.contains(name)) continue;
      fs::remove(path);
      removed += name.ends_with(".h5") ? 1 : 0;
    }
  }
  if (removed > 0) {
    LogInfo(
        "{}: removed {} shards that an interrupted import left unfinished or made with other "
        "data or options",
        out_, removed);
  }
  return chunks;
}

CorpusInfo Header(const SpeechOptions& options, const SpeechPlan& plan, const Units& units) {
  const Index bins = plan.base_width;
  const char* source = plan.source == UtteranceKind::kArk   ? "kaldi"
                       : plan.source == UtteranceKind::kMfc ? "mfc"
                                                            : "audio";
  nlohmann::json features = {{"source", source},
                             {"bins", bins},
                             {"deltas", options.sound.deltas},
                             {"normalise", NormalisationName(options.sound.normalise)}};
  if (features["source"] == "audio") {
    features["options"] = FeatureOptionsJson(options.sound.features);
  }
  CorpusInfo info;
  info.kind = "speech";
  const Field frames{.type = ElementType::kFloat32, .width = bins * (1 + options.sound.deltas)};
  const Field labels{.type = ElementType::kInt32, .alignment = Alignment::kList};
  info.schema = TwoFieldSchema(frames, {}, labels, {"classes", units.names(), {}, -1});
  info.has_names = true;
  info.features = features.dump();
  nlohmann::json described = {{"kind", UnitKindName(units.kind())},
                              {"letter_case", LetterCaseName(options.units.letter_case)}};
  if (!plan.unit_model.empty()) described["model"] = kModelName;
  info.units = described.dump();
  return info;
}

// What all ranks do between plan and index.
class Import {
 public:
  Import(const SpeechOptions& options, const RankGroup& ranks, const SpeechPlan& plan)
      : options_(options),
        ranks_(ranks),
        plan_(plan),
        units_(UnitsOf(options, plan)),
        header_(Header(options, plan, units_)),
        journal_(options.out),
        loader_(options, plan, units_, journal_.Scratch(ranks.rank)),
        speakers_(options.sound.normalise) {}

  void GatherSpeakers();
  void WriteChunks();
  // Rank 0.
  void Finish(ProblemList& problems, SpeechSummary& summary) const;

  double new_seconds() const { return new_seconds_; }

 private:
  std::size_t Chunks() const { return plan_.chunks.size(); }
  std::size_t World() const { return static_cast<std::size_t>(ranks_.size); }
  std::size_t Rank() const { return static_cast<std::size_t>(ranks_.rank); }
  // The number of a chunk among those of its split.
  Index NumberInSplit(std::size_t chunk) const;
  ChunkRecord Describe(const std::vector<LoadedUtterance>& loaded);
  std::string WriteShard(std::size_t chunk, const std::vector<LoadedUtterance>& loaded,
                         Index first_sample_id);
  void WriteWave(std::size_t first_chunk);

  const SpeechOptions& options_;
  const RankGroup& ranks_;
  const SpeechPlan& plan_;
  Units units_;
  CorpusInfo header_;
  Journal journal_;
  ChunkLoader loader_;
  SpeakerStatistics speakers_;
  std::map<std::string, Index> sequences_;  // written so far, by split; the same on all ranks
  Index bad_ = 0;                           // found so far, the same on all ranks
  double new_seconds_ = 0;
};

// Each rank computes the features of its chunks and leaves their sums in the journal; then all add
// all sums in the order of the chunks.
void Import::GatherSpeakers() {
  for (std::size_t c = Rank(); c < Chunks(); c += World()) {
    SpeakerStatistics sums(Normalisation::kSpeaker);
    for (const LoadedUtterance& loaded : loader_.Load(plan_.chunks[c], nullptr)) {
      if (!loaded.problem.empty()) continue;
      for (const LoadedCopy& copy : loaded.copies) {
        sums.Add(loaded.utterance.speaker, copy.features);
      }
    }
    ReplaceDurably(journal_.SpeakersFile(c), sums.ToText());
  }
  ranks_.barrier();
  for (std::size_t c = 0; c < Chunks(); ++c) {
    speakers_.Add(SpeakerStatistics::FromText(ReadTextFile(journal_.SpeakersFile(c))));
  }
}

Index Import::NumberInSplit(std::size_t chunk) const {
  const auto is_same = [&](const SpeechChunk& c) { return c.split == plan_.chunks[chunk].split; };
  return std::count_if(plan_.chunks.begin(), plan_.chunks.begin() + static_cast<Index>(chunk),
                       is_same);
}

void Import::WriteChunks() {
  bad_ = static_cast<Index>(plan_.bad.size());
  for (std::size_t k = 0; k < plan_.splits.size(); ++k) sequences_[plan_.splits[k]] = 0;
  auto last_told = std::chrono::steady_clock::now();
  for (std::size_t first = 0; first < Chunks(); first += World()) {
    WriteWave(first);
    const auto now = std::chrono::steady_clock::now();
    if (now - last_told < kBetweenLines) continue;
    last_told = now;
    LogInfo("{}: {} of {} shards are done, {} bad utterances so far", options_.out,
            std::min(first + World(), Chunks()), Chunks(), bad_);
  }
}

// One chunk on each rank. Their sample ids follow each other, so each must know how many samples
// the chunks before it have, before it can write.
void Import::WriteWave(std::size_t first_chunk) {
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

ChunkRecord Import::Describe(const std::vector<LoadedUtterance>& loaded) {
  ChunkRecord record;
  record.plan_hash = plan_.hash;
  for (const LoadedUtterance& one : loaded) {
    if (!one.problem.empty()) {
      record.problems.push_back({one.place, one.utterance.source, one.utterance.id, one.problem});
      continue;
    }
    record.sequences += static_cast<Index>(one.copies.size());
    record.utterances += 1;
    record.seconds += one.seconds;
  }
  return record;
}

// Gives corpus.json as if this shard were all of the corpus.
std::string Import::WriteShard(std::size_t chunk, const std::vector<LoadedUtterance>& loaded,
                               Index first_sample_id) {
  const std::string& split = plan_.chunks[chunk].split;
  const auto k = std::find(plan_.splits.begin(), plan_.splits.end(), split);
  const Index base = kIdsPerSplit * (k - plan_.splits.begin());
  ShardWriter writer(options_.out, split, header_, base + first_sample_id,
                     std::numeric_limits<Index>::max(), NumberInSplit(chunk));
  for (const LoadedUtterance& one : loaded) {
    if (!one.problem.empty()) continue;
    for (const LoadedCopy& copy : one.copies) {
      writer.Add(
          {{std::as_bytes(std::span(copy.features.values)), std::as_bytes(std::span(one.labels))},
           copy.features.rows,
           copy.name});
    }
  }
  CorpusInfo info = header_;
  info.provenance = "{}";
  info.splits[split] = writer.Finish();
  return CorpusToJson(info);
}

void AddSplit(const SplitInfo& from, SplitInfo& to) {
  if (to.shards.empty()) to.first_sample_id = from.first_sample_id;
  to.shards.insert(to.shards.end(), from.shards.begin(), from.shards.end());
  to.sequences += from.sequences;
  to.steps += from.steps;
  to.longest = std::max(to.longest, from.longest);
  to.fields.resize(from.fields.size());
  for (std::size_t f = 0; f < from.fields.size(); ++f) {
    to.fields[f].rows += from.fields[f].rows;
    to.fields[f].longest = std::max(to.fields[f].longest, from.fields[f].longest);
  }
  to.label_counts.resize(from.label_counts.size(), 0);
  for (std::size_t c = 0; c < from.label_counts.size(); ++c) {
    to.label_counts[c] += from.label_counts[c];
  }
}

nlohmann::json Provenance(const SpeechOptions& options, const SpeechPlan& plan,
                          const SpeechSummary& summary) {
  nlohmann::json provenance = {{"importer", "speech"},
                               {"options", SpeechOptionsJson(options)},
                               {"manifests_hash", plan.manifests_hash},
                               {"skipped", summary.skipped},
                               {"held_out_speakers", plan.held_out_speakers}};
  for (const auto& [name, split] : summary.splits) {
    provenance["splits"][name] = {{"utterances", split.utterances}, {"seconds", split.seconds}};
  }
  for (const SpeechSplit& split : options.splits) {
    const std::string& path = split.manifest.path;
    if (fs::is_regular_file(path)) provenance["manifests"][split.name] = DescribeSource(path);
  }
  return provenance;
}

void Import::Finish(ProblemList& problems, SpeechSummary& summary) const {
  CorpusInfo info = header_;
  for (std::size_t c = 0; c < Chunks(); ++c) {
    const std::string file = journal_.RecordFile(c);
    const ChunkRecord record = ChunkRecord::FromText(ReadTextFile(file));
    for (const ChunkRecord::Problem& p : record.problems) {
      problems.Add(p.place, p.source, p.id, p.text);
    }
    auto& split = summary.splits[plan_.chunks[c].split];
    split.utterances += record.utterances;
    split.seconds += record.seconds;
    if (record.corpus.empty()) continue;
    const CorpusInfo one = CorpusFromJson(record.corpus, file);
    AddSplit(one.splits.begin()->second, info.splits[plan_.chunks[c].split]);
  }
  problems.Settle("the manifests");
  summary.skipped = problems.count();
  info.provenance = ProvenanceText(Provenance(options_, plan_, summary));
  if (!plan_.unit_model.empty()) {
    ReplaceDurably(options_.out + "/" + kModelName, plan_.unit_model);
  }
  summary.info = PublishCorpusIndex(options_.out, info);
  journal_.Remove();
}

// Rank 0 makes the plan; all get it. An empty one: there is no good utterance.
SpeechPlan SharePlan(const SpeechOptions& options, const RankGroup& ranks, ProblemList& problems,
                     SpeechSummary& summary) {
  std::string text;
  if (ranks.rank == 0) {
    RefuseExistingCorpus(options.out);
    const SpeechPlan plan = MakeSpeechPlan(options, problems);
    if (plan.chunks.empty()) {
      problems.Settle("the manifests");
      throw BadData("cannot prepare {}: no utterance is good", options.out);
    }
    const Journal journal(options.out);
    journal.Make();
    summary.kept_chunks = journal.Clean(plan);
    if (summary.kept_chunks > 0) {
      LogInfo("{}: going on with an interrupted import, {} of {} shards are done", options.out,
              summary.kept_chunks, plan.chunks.size());
    }
    text = plan.ToText();
  }
  ranks.broadcast(&text);
  return SpeechPlan::FromText(text);
}

double Seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

SpeechSummary PrepareSpeech(const SpeechOptions& options, const RankGroup& ranks) {
  const auto start = std::chrono::steady_clock::now();
  CheckSpeechOptions(options);
  SpeechSummary summary;
  ProblemList problems(options.skip_bad);
  const SpeechPlan plan = SharePlan(options, ranks, problems, summary);
  Import import(options, ranks, plan);
  if (options.sound.normalise == Normalisation::kSpeaker) import.GatherSpeakers();
  import.WriteChunks();
  for (const double seconds : ranks.gather(import.new_seconds())) summary.new_seconds += seconds;
  summary.chunks = static_cast<Index>(plan.chunks.size());
  summary.held_out_speakers = plan.held_out_speakers;
  if (ranks.rank == 0) import.Finish(problems, summary);
  summary.wall_seconds = Seconds(std::chrono::steady_clock::now() - start);
  return summary;
}

}  // namespace lockstep
