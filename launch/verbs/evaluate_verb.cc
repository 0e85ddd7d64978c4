#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "launch/config/agreement.h"
#include "launch/frame/options.h"
#include "launch/frame/program.h"
#include "launch/frame/shared_files.h"
#include "launch/frame/stored_path.h"
#include "launch/run/class_report.h"
#include "launch/run/run_folder.h"
#include "launch/tasks/speech/speech_recognition.h"
#include "trainer/evaluation/evaluator.h"
#include "trainer/evaluation/shared_tables.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

constexpr const char* kUsage =
    "Loss and accuracy of a trained model on a split; the same figures on any number of ranks.\n"
    "  lockstep evaluate --run RUN --corpus CORPUS --split test --json\n"
    "  lockstep evaluate --run RUN --corpus SPEECH --lm words.arpa --words words.txt\n";

constexpr std::uint64_t kBootstrapSeed = 1;
constexpr Index kMostConfusions = 10;

Options::Description Describe() {
  namespace po = boost::program_options;
  Options::Description description("Options");
  description.add_options()("help", "this text")("run", po::value<std::string>(), "run folder")(
      "corpus", po::value<std::string>(), "corpus folder")("split", po::value<std::string>(),
                                                           "split to evaluate on; default test")(
      "checkpoint", po::value<std::string>(), "best (default), newest, or a step")(
      "threads", po::value<std::string>(), "threads of each rank; default 1")(
      "json", "one JSON object on standard output");
  AddDecoderOptions(&description);
  return description;
}

struct Reference {
  double majority = 0;  // accuracy of always naming the most frequent class
  double bayes = -1;    // of the best possible classifier, where the corpus knows it
};

Reference ReferenceOf(const CorpusInfo& corpus, const std::string& split) {
  Reference reference;
  const std::vector<Index>& counts = corpus.Split(split).label_counts;
  Index sum = 0, most = 0;
  for (Index count : counts) {
    sum += count;
    most = std::max(most, count);
  }
  if (sum > 0) reference.majority = static_cast<double>(most) / static_cast<double>(sum);
  const nlohmann::json provenance = nlohmann::json::parse(corpus.provenance, nullptr, false);
  if (provenance.is_object() && split == "test") {
    reference.bayes = provenance.value("bayes_accuracy", -1.0);
  }
  return reference;
}

void PrintJson(const TrainedModel& trained, const std::string& split, const Evaluation& found,
               const Reference& reference, const ClassReport* classes) {
  const bool counts = !trained.model->counts().empty();
  nlohmann::ordered_json json = {{"split", split}};
  if (counts) json["accuracy"] = found.Share(0);
  json.update({{"loss", found.loss}, {"labels", found.sums.targets}});
  if (counts) json["correct"] = found.sums.counts[0];
  json["sequences"] = found.sequences;
  if (counts) json["majority_accuracy"] = reference.majority;
  if (classes != nullptr) json.update(classes->ToJson());
  if (reference.bayes >= 0) json["bayes_accuracy"] = reference.bayes;
  json["step"] = trained.state.step;
  json["checkpoint"] = trained.path;
  json["parameters_hash"] = trained.state.parameters_hash;
  json["seconds"] = found.seconds;
  std::cout << json.dump() << std::endl;
}

void PrintText(const TrainedModel& trained, const std::string& split, const Evaluation& found,
               const Reference& reference, const ClassReport* classes) {
  if (trained.model->counts().empty()) {
    std::cout << fmt::format("{} (step {}), split {}: loss {:.6g} per target ({} targets)\n",
                             trained.path, trained.state.step, split, found.loss,
                             found.sums.targets);
    return;
  }
  std::cout << fmt::format(
      "{} (step {}), split {}: accuracy {:.3f} % ({} of {} labels), loss {:.4f} nats\n",
      trained.path, trained.state.step, split, 100 * found.Share(0), found.sums.counts[0],
      found.sums.targets, found.loss);
  std::cout << fmt::format("always naming the most frequent class: {:.3f} %\n",
                           100 * reference.majority);
  if (classes != nullptr) std::cout << classes->ToText();
  if (reference.bayes <= reference.majority) return;
  const double reached =
      (found.Share(0) - reference.majority) / (reference.bayes - reference.majority);
  std::cout << fmt::format("best possible (Bayes): {:.3f} %; {:.1f} % of its margin reached\n",
                           100 * reference.bayes, 100 * reached);
}

nlohmann::ordered_json ToJson(const ErrorRate& rate) {
  const ErrorCounts& total = rate.total();
  const RateInterval interval = rate.Bootstrap(kBootstrapSeed);
  return {{"rate", total.rate()},
          {"low", interval.low},
          {"high", interval.high},
          {"reference", total.reference_tokens()},
          {"substitutions", total.substitutions},
          {"insertions", total.insertions},
          {"deletions", total.deletions}};
}

std::string ToText(const char* name, const ErrorRate& rate) {
  const ErrorCounts& total = rate.total();
  const RateInterval interval = rate.Bootstrap(kBootstrapSeed);
  return fmt::format(
      "{} {:.2f} % (95 %: {:.2f} to {:.2f}): {} substitutions, {} insertions, {} deletions in {}",
      name, 100 * total.rate(), 100 * interval.low, 100 * interval.high, total.substitutions,
      total.insertions, total.deletions, total.reference_tokens());
}

void PrintSpeech(bool json, const TrainedModel& trained, const std::string& split,
                 const Evaluation& found, const SpeechDecoder& decoder,
                 const SpeechErrors& errors) {
  if (json) {
    const nlohmann::ordered_json line = {{"split", split},
                                         {"utterances", errors.words.utterances()},
                                         {"words", ToJson(errors.words)},
                                         {"characters", ToJson(errors.characters)},
                                         {"loss", found.loss},
                                         {"decoder", decoder.Describe()},
                                         {"step", trained.state.step},
                                         {"checkpoint", trained.path},
                                         {"parameters_hash", trained.state.parameters_hash}};
    std::cout << line.dump() << std::endl;
    return;
  }
  std::cout << fmt::format(
                   "{} (step {}), split {}: {} utterances, {} wrong, loss {:.4f} nats, {}\n",
                   trained.path, trained.state.step, split, errors.words.utterances(),
                   errors.words.wrong_utterances(), found.loss, decoder.Describe())
            << ToText("WER", errors.words) << "\n"
            << ToText("CER", errors.characters) << "\n";
  for (const Confusion& pair : errors.words.Confusions(kMostConfusions)) {
    std::cout << fmt::format("{:6} x {} -> {}\n", pair.count, pair.reference, pair.hypothesis);
  }
}

ExitCode EvaluateRun(const Communicator& comm, const Options& options) {
  const std::string split = options.Maybe("split").value_or("test");
  const Index threads = options.Number("threads", 1, 1);
  std::string folder, run;
  Together(comm, [&] {
    folder = options.Text("corpus");
    run = options.Text("run");
  });
  const CorpusInfo corpus = ReadSharedCorpus(comm, folder);
  Together(comm, [&] {
    corpus.Split(split);
    if (comm.rank() != 0) return;
    RequireRunFolder(run);
    CheckSameFields(run, ReadRunCorpus(run), folder, corpus);
  });
  const auto trained =
      LoadTrainedModel(comm, run, corpus, options.Maybe("checkpoint").value_or("best"));
  const StreamOptions& stream = trained->stream;
  Together(comm, [&] { CheckSlots(comm.size(), threads, stream.plan.slots); });
  CheckSameOnAllRanks(comm, {{"threads", std::to_string(threads)}});
  SelectInstructions(comm, trained->config.run(), trained->state.isa);
  Worker worker(*trained->model, comm,
                {stream.plan.slots, static_cast<int>(threads), 0,
                 BoundsOf(corpus, corpus.Split(split), EvaluationStream(stream)), false,
                 stream.part_steps > 0});
  std::optional<SpeechDecoder> decoder;
  Together(comm, [&] {
    if (corpus.has_target_lists()) {
      decoder.emplace(options, corpus);
    } else if (!DecoderOptionsGiven(options).empty()) {
      throw UsageError("--{} is for corpora with transcripts; {} has classes of steps",
                       DecoderOptionsGiven(options).front(), folder);
    }
  });
  const auto never = [] { return 0.0; };
  SharedShards shared(comm, folder, corpus, corpus.Split(split));
  const Evaluation found = *Evaluate(folder, corpus, split, &shared.shards, stream,
                                     trained->values.data(), never, &worker);
  if (decoder) {
    const SpeechErrors errors = CountSpeechErrors(comm, {folder, &corpus, split}, *trained,
                                                  *decoder, static_cast<int>(threads));
    if (comm.rank() == 0)
      PrintSpeech(options.Has("json"), *trained, split, found, *decoder, errors);
    return ExitCode::kDone;
  }
  std::optional<ClassReport> classes;
  if (corpus.target().alignment == Alignment::kSequence && !corpus.target().is_real()) {
    classes = ReportClasses(comm, folder, corpus, split, *trained, static_cast<int>(threads));
  }
  if (comm.rank() != 0) return ExitCode::kDone;
  (options.Has("json") ? PrintJson : PrintText)(*trained, split, found, ReferenceOf(corpus, split),
                                                classes ? &*classes : nullptr);
  return ExitCode::kDone;
}

}  // namespace

ExitCode EvaluateVerb(const Arguments& arguments) {
  const Options options("evaluate", Describe(), arguments);
  if (options.Has("help")) {
    std::cout << kUsage << Describe();
    return ExitCode::kDone;
  }
  return WithMpi([&](const Communicator& comm) { return EvaluateRun(comm, options); });
}

}  // namespace lockstep
