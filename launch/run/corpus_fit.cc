#include "launch/run/corpus_fit.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/characters.h"
#include "base/error.h"
#include "base/json_node.h"
#include "base/json_text.h"
#include "data/stream/batch_reader.h"
#include "launch/output/cell_text.h"
#include "launch/run/json_difference.h"
#include "worker/models/model_factory.h"

namespace lockstep {
namespace {

// A vocabulary may have many thousands of names: a message shows the first of them.
constexpr std::size_t kShownNames = 20;

std::string ListOfNames(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(kShownNames, names.size());
  std::vector<std::string> first(shown);
  std::transform(names.begin(), names.begin() + static_cast<Index>(shown), first.begin(),
                 [](const std::string& name) { return Printable(name); });
  const std::string more =
      names.size() > shown ? fmt::format(", and {} more", names.size() - shown) : "";
  return fmt::format("{}{}", fmt::join(first, ", "), more);
}

// How the names of ids of a corpus differ from those of `whose`; empty if they do not. Short lists
// are shown whole, of long ones the first id that differs.
std::string DifferenceOf(const std::string& what, const std::vector<std::string>& corpus,
                         const char* whose, const std::vector<std::string>& theirs) {
  if (corpus == theirs) return "";
  if (std::max(corpus.size(), theirs.size()) <= kShownNames) {
    return fmt::format("its {} are [{}], those of {} [{}]; ", what, ListOfNames(corpus), whose,
                       ListOfNames(theirs));
  }
  const auto [own, other] = std::ranges::mismatch(corpus, theirs);
  const auto name = [](const auto& found, const std::vector<std::string>& names) {
    return found == names.end() ? "no name" : Printable(*found);
  };
  return fmt::format("it has {} {}, {} {}, and id {} is {}, in {} {}; ", corpus.size(), what, whose,
                     theirs.size(), own - corpus.begin(), name(own, corpus), whose,
                     name(other, theirs));
}

// What a sample is made of, but for the names of ids. The same text for what one model can read.
std::string FieldsText(const CorpusInfo& corpus) {
  std::string text;
  for (const Field& field : corpus.schema.fields) {
    text += fmt::format("{}\"{}\" ({}{}, aligned by {})", text.empty() ? "" : ", ", field.name,
                        field.is_real() ? "real values" : "ids",
                        field.is_real() ? fmt::format(" x {}", field.width) : "",
                        AlignmentName(field.alignment));
  }
  return text;
}

// How two texts of JSON differ that are members of corpus.json, where they may be missing; empty if
// they are equal. `what` is the name of the member.
std::string MemberDifference(const char* what, const std::string& corpus, const char* whose,
                             const std::string& theirs) {
  if (corpus == theirs) return "";
  if (corpus.empty()) return fmt::format("it has no \"{}\", but {} has; ", what, whose);
  if (theirs.empty()) return fmt::format("it has \"{}\", which {} has not; ", what, whose);
  const std::string found = JsonDifference(ParseJson(corpus), ParseJson(theirs), whose);
  return found.empty() ? "" : fmt::format("in \"{}\", {}; ", what, found);
}

// How the computation of features differs, such as by the statistics that scaled them.
std::string FeaturesDifference(const CorpusInfo& corpus, const char* whose,
                               const CorpusInfo& other) {
  if (!corpus.leading().is_real()) return "";
  return MemberDifference("features", corpus.features, whose, other.features);
}

std::string HowToPrepare(const CorpusInfo& run, const std::string& run_folder) {
  return run.task.empty()
             ? "prepare the corpus with the options of the run's"
             : fmt::format(
                   "prepare the corpus again with --like {} (or, where `prepare` has no "
                   "--like, with the options of the run's)",
                   run_folder);
}

// Values can have the same names and shapes and yet other meanings: scaled by other statistics,
// written by other rules of text. A model reads only those that it was trained on.
void CheckSameTask(const std::string& run_folder, const CorpusInfo& run,
                   const std::string& corpus_folder, const CorpusInfo& corpus) {
  if (run.task == corpus.task || run.task.empty() || corpus.task.empty()) return;
  throw UsageError(
      "corpus {} was made from its files in another way (\"task\" in corpus.json: scaling, rules "
      "of text) than that of run {}, so its values mean something else; {}",
      corpus_folder, run_folder, HowToPrepare(run, run_folder));
}

}  // namespace

void SetFrameBins(const CorpusInfo& corpus, StreamOptions* stream) {
  if (corpus.features.empty()) return;
  const nlohmann::json features = ParseJson(corpus.features);
  if (!features.contains("bins")) return;
  const Index width = corpus.leading().width;
  const Index bins = JsonNode(features, "corpus.json", "/features").At("bins").Integer(1, width);
  if (width % bins != 0) {
    throw BadData(
        "corpus.json: /features/bins is {}, but a frame has {} values, which is no multiple of it; "
        "restore the file or prepare the corpus again",
        bins, width);
  }
  stream->frames.bins = bins;
}

namespace {

// The gradient at the states of an encoder does not say how far it has come through a decoder.
void RefuseTrace(const TrainerOptions& options, const CorpusInfo& corpus) {
  if (options.log.gradient_by_time == 0 || !WritesTargets(corpus)) return;
  throw UsageError(
      "log.gradient_by_time is {}, but the targets of the corpus (kind \"{}\") have steps of their "
      "own, for which it is not defined: set it to 0",
      options.log.gradient_by_time, corpus.kind);
}

}  // namespace

std::unique_ptr<Model<float>> ModelFor(const TrainerOptions& options, const CorpusInfo& corpus) {
  RefuseTrace(options, corpus);
  auto model = MakeModel<float>(options.model, BatchSchema(corpus, options.stream));
  if (options.stream.part_steps == 0 || model->carried().arrays > 0) return model;
  if (WritesTargets(corpus)) {
    throw UsageError(
        "train.bptt_steps = {} cuts sequences into parts, but the targets of the corpus (kind "
        "\"{}\") have steps of their own, which do not belong to parts of their sources: set "
        "train.bptt_steps = 0",
        options.stream.part_steps, corpus.kind);
  }
  // A stream of symbols has no end, so it cannot be computed but in parts.
  throw UsageError(
      "train.bptt_steps = {} cuts sequences into parts and carries states from one to the next, "
      "which needs a loss that is a sum over steps (a target for each step, and a model.head other "
      "than crf) and layers of one direction: set model.head = \"auto\", model.bidirectional = "
      "false and model.layers to 1 or more{}",
      options.stream.part_steps, corpus.is_stream() ? "" : ", or train.bptt_steps = 0");
}

void CheckSameFields(const std::string& run_folder, const CorpusInfo& run,
                     const std::string& corpus_folder, const CorpusInfo& corpus) {
  constexpr const char* kWhose = "the run";
  const std::string difference = DifferenceOf("symbols", corpus.symbols(), kWhose, run.symbols()) +
                                 DifferenceOf("classes", corpus.classes(), kWhose, run.classes());
  if (!difference.empty()) {
    throw UsageError("corpus {} has other ids than run {}: {}{}", corpus_folder, run_folder,
                     difference, HowToPrepare(run, run_folder));
  }
  const std::string of_corpus = FieldsText(corpus), of_run = FieldsText(run);
  if (of_corpus != of_run) {
    throw UsageError("corpus {} has {}; run {} was trained on {}; {}", corpus_folder, of_corpus,
                     run_folder, of_run, HowToPrepare(run, run_folder));
  }
  const std::string features = FeaturesDifference(corpus, kWhose, run);
  if (features.empty()) return CheckSameTask(run_folder, run, corpus_folder, corpus);
  throw UsageError("the features of corpus {} are not those that run {} was trained on: {}{}",
                   corpus_folder, run_folder, features, HowToPrepare(run, run_folder));
}

namespace {

// The first vocabulary of two corpora that differs, and the first id that does; empty if there is
// none. Both have the same fields.
std::string VocabularyDifference(const CorpusInfo& corpus, const CorpusInfo& first) {
  const std::vector<Vocabulary>& own = corpus.schema.vocabularies;
  const std::vector<Vocabulary>& others = first.schema.vocabularies;
  for (std::size_t v = 0; v < std::min(own.size(), others.size()); ++v) {
    auto found = DifferenceOf(own[v].name, own[v].names, "the other", others[v].names);
    if (!found.empty()) return found;
  }
  return "";
}

// The first difference of two corpora that keeps one model from learning from both; empty if there
// is none.
std::string SampleDifference(const CorpusInfo& corpus, const CorpusInfo& first) {
  const auto differ = [](const char* what, const auto& own, const auto& other) {
    return fmt::format("it has {} {}, the other {}; ", what, own, other);
  };
  if (corpus.kind != first.kind)
    return differ("kind", Printable(corpus.kind), Printable(first.kind));
  const std::string fields = FieldsText(corpus), of_first = FieldsText(first);
  if (fields != of_first) return differ("the fields", fields, of_first);
  constexpr const char* kWhose = "the other";
  const std::string features = FeaturesDifference(corpus, kWhose, first);
  if (!features.empty()) return features;
  const std::string names = VocabularyDifference(corpus, first);
  if (!names.empty()) return names;
  if (corpus.schema != first.schema)
    return "their \"schema\" differs (complements, allowed orders of labels, or the unit); ";
  // Rules of texts and units, and scaling.
  const std::string rules = MemberDifference("task", corpus.task, kWhose, first.task) +
                            MemberDifference("units", corpus.units, kWhose, first.units);
  if (!rules.empty()) return rules;
  if (corpus.has_names != first.has_names || corpus.has_cuts != first.has_cuts)
    return "only one of them has names, or times of words, of its samples; ";
  if (corpus.window != first.window) return differ("windows of", corpus.window, first.window);
  if (corpus.overlap != first.overlap)
    return differ("an overlap of", corpus.overlap, first.overlap);
  return "";
}

// What to do about corpora that differ.
std::string HowToFit(const CorpusInfo& corpus, const CorpusInfo& first, const std::string& folder) {
  if (corpus.kind != first.kind) return "give corpora of one kind";
  if (!first.features.empty()) {
    return fmt::format(
        "prepare it again with --statistics {}, the units of the other (--units-file) and its "
        "other options",
        folder);
  }
  return fmt::format(
      "prepare it again with --like {}, or, where `lockstep prepare {} --help-all` has no --like, "
      "with the options of the other",
      folder, CellText(first.kind));
}

}  // namespace

void CheckSameSamples(const std::string& first_folder, const CorpusInfo& first,
                      const std::string& folder, const CorpusInfo& corpus) {
  const std::string difference = SampleDifference(corpus, first);
  if (difference.empty()) return;
  const std::string shown = PathText(first_folder);
  throw UsageError("data.mix: {}/{} does not fit {}/{}: {}{}", PathText(folder), kCorpusIndexName,
                   shown, kCorpusIndexName, difference, HowToFit(corpus, first, shown));
}

}  // namespace lockstep
