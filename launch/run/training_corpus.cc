#include "launch/run/training_corpus.h"

#include <vector>

#include "base/error.h"
#include "base/function_ref.h"
#include "data/corpus/joined_corpus.h"
#include "launch/config/corpus_mix.h"
#include "launch/frame/shared_files.h"
#include "launch/output/cell_text.h"
#include "launch/run/corpus_fit.h"
#include "launch/run/run_folder.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

Index TrainingSequences(const CorpusInfo& corpus) {
  const auto found = corpus.splits.find("train");
  return found == corpus.splits.end() ? 0 : found->second.sequences;
}

void RequireSamples(const std::string& folder, const CorpusInfo& corpus) {
  if (corpus.is_stream()) {
    throw UsageError(
        "data.mix: corpus {} is one text for language models and has no sequences to draw; join "
        "such texts when they are prepared (`prepare text --task lm` with several --train)",
        PathText(folder));
  }
  const Index sequences = TrainingSequences(corpus);
  if (sequences > 0 && sequences <= kMostJoinedSequences) return;
  throw UsageError("data.mix: split \"train\" of corpus {} has {} sequences; allowed are 1 to {}",
                   PathText(folder), sequences, kMostJoinedSequences);
}

// The corpus of --corpus with those of data.mix, which have been read.
CorpusInfo JoinMix(const CorpusInfo& first, const std::string& folder,
                   const std::vector<NamedWeight>& mix, std::vector<JoinedPart> parts) {
  for (std::size_t i = 0; i < mix.size(); ++i) {
    JoinedPart& part = parts[i];
    RequireSamples(part.folder, part.info);
    CheckSameSamples(folder, first, part.folder, part.info);
    part.reads = MixedReads(mix[i], TrainingSequences(first), TrainingSequences(part.info));
  }
  return JoinCorpora(first, parts);
}

std::vector<JoinedPart> ReadParts(const std::vector<NamedWeight>& mix,
                                  FunctionRef<CorpusInfo(const std::string&)> read) {
  std::vector<JoinedPart> parts;
  for (const NamedWeight& other : mix) parts.push_back({other.name, read(other.name)});
  return parts;
}

// The hashes of the corpora that the run was trained on; none if its copy of the index cannot be
// read, which a run that goes on does not need.
std::vector<std::string> HashesOfRun(const std::string& run_folder) {
  try {
    return HashesOf(ReadRunCorpus(run_folder));
  } catch (const InputError&) {
    return {};
  }
}

}  // namespace

CorpusInfo ReadTrainingCorpus(const Communicator& comm, const RunConfig& config,
                              const std::string& folder) {
  const std::vector<NamedWeight> mix = MixFromText(config.mix);
  CorpusInfo corpus = ReadSharedCorpus(comm, folder);
  if (mix.empty()) return corpus;
  const auto read = [&](const std::string& other) { return ReadSharedCorpus(comm, other); };
  std::vector<JoinedPart> parts = ReadParts(mix, read);
  Together(comm, [&] { corpus = JoinMix(corpus, folder, mix, std::move(parts)); });
  return corpus;
}

CorpusInfo ReadTrainingCorpus(const RunConfig& config, const std::string& folder) {
  const std::vector<NamedWeight> mix = MixFromText(config.mix);
  CorpusInfo corpus = ReadCorpusInfo(folder);
  if (mix.empty()) return corpus;
  const auto read = [](const std::string& other) { return ReadCorpusInfo(other); };
  return JoinMix(corpus, folder, mix, ReadParts(mix, read));
}

void RequireSameCorpora(const RunConfig& config, const std::string& corpus_folder,
                        const CorpusInfo& corpus, const std::string& run_folder) {
  const std::vector<NamedWeight> mix = MixFromText(config.mix);
  if (mix.empty()) return;
  const std::vector<std::string> now = HashesOf(corpus), then = HashesOfRun(run_folder);
  if (now.size() != then.size()) return;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i] == then[i]) continue;
    throw UsageError(
        "{} names corpus {} with the hash {}, but run {} was trained on one with the hash {}: it "
        "was prepared again, or is another one; use the corpora of the run, or another --run",
        i == 0 ? "--corpus" : "data.mix", PathText(i == 0 ? corpus_folder : mix[i - 1].name),
        now[i], PathText(run_folder), then[i]);
  }
}

}  // namespace lockstep
