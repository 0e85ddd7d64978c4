#include "data/dna/synthetic_dna.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "data/corpus/source_file.h"
#include "data/dna/genome_model.h"
#include "data/dna/genome_posterior.h"

namespace lockstep {
namespace {

constexpr Index kMostJudgedBases = 2'000'000;

// The bases of the BayesReport, which are copied while the genome is drawn.
struct JudgedBases {
  Index begin = 0;  // positions [begin, end) in the genome
  Index end = 0;
  std::vector<std::uint8_t> codes;
  std::vector<std::uint8_t> labels;
};

// Chooses the end of the last test range. It begins with the first base of a window's core.
JudgedBases ChooseJudged(const std::vector<SplitRange>& ranges, Index core) {
  JudgedBases judged;
  for (const SplitRange& range : ranges) {
    if (range.split != "test") continue;
    const Index too_many = std::max(Index{0}, range.size() - kMostJudgedBases);
    judged.begin = range.begin + std::min((too_many + core - 1) / core * core, range.size() - 1);
    judged.end = range.end;
  }
  return judged;
}

void PickJudged(Index position, std::span<const std::uint8_t> codes,
                std::span<const std::uint8_t> labels, JudgedBases& judged) {
  const Index size = static_cast<Index>(codes.size());
  const Index begin = std::clamp(judged.begin - position, Index{0}, size);
  const Index end = std::clamp(judged.end - position, begin, size);
  judged.codes.insert(judged.codes.end(), codes.begin() + begin, codes.begin() + end);
  judged.labels.insert(judged.labels.end(), labels.begin() + begin, labels.begin() + end);
}

Index CountEqual(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  Index equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a[i] == b[i];
  return equal;
}

Index MajorityCount(std::span<const std::uint8_t> labels) {
  std::array<Index, 3> counts{};
  for (std::uint8_t label : labels) ++counts[label];
  return *std::max_element(counts.begin(), counts.end());
}

// Decodes each window by itself, cut like those of WindowCutter, and counts right guesses in its
// core.
Index CountWindowCorrect(const JudgedBases& judged, const DnaCutOptions& cut,
                         GenomePosterior& posterior) {
  const std::span<const std::uint8_t> codes(judged.codes), labels(judged.labels);
  const Index size = static_cast<Index>(codes.size());
  std::vector<std::uint8_t> classes;
  Index correct = 0;
  for (Index core = 0; core < size; core += cut.core()) {
    const Index core_end = std::min(size, core + cut.core());
    const Index begin = std::max(Index{0}, core - cut.overlap);
    const Index end = std::min(size, core_end + cut.overlap);
    classes.resize(static_cast<std::size_t>(end - begin));
    posterior.Decode(codes.subspan(begin, end - begin), classes);
    correct += CountEqual(std::span(classes).subspan(core - begin, core_end - core),
                          labels.subspan(core, core_end - core));
  }
  return correct;
}

BayesReport Judge(const GenomeModel& model, const JudgedBases& judged, const DnaCutOptions& cut) {
  BayesReport report;
  report.bases = static_cast<Index>(judged.codes.size());
  if (report.bases == 0) return report;
  GenomePosterior posterior(model);
  std::vector<std::uint8_t> classes(judged.codes.size());
  posterior.Decode(judged.codes, classes);
  const auto share = [&](Index count) {
    return static_cast<double>(count) / static_cast<double>(report.bases);
  };
  report.majority_accuracy = share(MajorityCount(judged.labels));
  report.bayes_accuracy = share(CountEqual(classes, judged.labels));
  report.bayes_accuracy_window = share(CountWindowCorrect(judged, cut, posterior));
  return report;
}

void DrawGenome(const SyntheticDnaOptions& options, const GenomeModel& model, WindowCutter& cutter,
                JudgedBases& judged) {
  constexpr Index kPieceBases = Index{1} << 20;
  GenomeGenerator generator(model, options.seed);
  std::vector<std::uint8_t> codes, labels;
  for (Index position = 0; position < options.bases; position += kPieceBases) {
    const auto size = static_cast<std::size_t>(std::min(kPieceBases, options.bases - position));
    codes.resize(size);
    labels.resize(size);
    generator.Next(codes, labels);
    cutter.Add(codes, labels);
    PickJudged(position, codes, labels, judged);
  }
  cutter.EndRecord();
}

nlohmann::json Provenance(const SyntheticDnaOptions& options, const GenomeModel& model,
                          const SyntheticDnaSummary& summary,
                          const std::vector<SplitRange>& ranges) {
  nlohmann::json provenance = {{"importer", "synthetic dna"},
                               {"bases", options.bases},
                               {"seed", options.seed},
                               {"unused_bases", summary.unused_bases},
                               {"model", model.Describe()},
                               {"judged_bases", summary.bayes.bases},
                               {"majority_accuracy", summary.bayes.majority_accuracy},
                               {"bayes_accuracy", summary.bayes.bayes_accuracy},
                               {"bayes_accuracy_window", summary.bayes.bayes_accuracy_window}};
  for (const std::string& split : DnaSplits()) {
    provenance["ranges"][split] = RangesText(ranges, split);
  }
  return provenance;
}

}  // namespace

SyntheticDnaSummary PrepareSyntheticDna(const SyntheticDnaOptions& options) {
  constexpr Index kMostBases = Index{1} << 40;
  if (options.bases < 1 || options.bases > kMostBases) {
    throw UsageError("--synthetic is {} bases, allowed: 1..{}", options.bases, kMostBases);
  }
  CheckCutOptions(options.cut);
  const std::vector<SplitRange> ranges = ResolveRanges(options.cut.ranges, options.bases);
  CorpusWriter writer(options.out, DnaCorpusHeader(options.cut), DnaSplits(),
                      options.cut.shard_bytes);
  const GenomeModel model;
  JudgedBases judged = ChooseJudged(ranges, options.cut.core());
  WindowCutter cutter(writer, ranges, options.cut);
  DrawGenome(options, model, cutter, judged);

  SyntheticDnaSummary summary;
  summary.bases = options.bases;
  summary.unused_bases = options.bases;
  for (const SplitRange& range : ranges) summary.unused_bases -= range.size();
  summary.bayes = Judge(model, judged, options.cut);
  summary.info = writer.Finish(ProvenanceText(Provenance(options, model, summary, ranges)));
  return summary;
}

}  // namespace lockstep
