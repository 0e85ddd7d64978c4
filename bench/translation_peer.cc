// Lockstep as a peer of bench/compare_translation.py, which runs it in turns with PyTorch: trains
// the translator of translation_problem.h on one thread, and translates with it. Requests come line
// by line on stdin; each is answered by one line on stdout:
//
//   machine                  -> instruction set
//   losses PATH SLOTS        -> writes parameters and pairs to PATH; losses of the first steps
//   case SLOTS               -> "ok", the number of parameters, and the target tokens of a turn;
//   has
//                               the dropout of the recipe
//   turn                     -> processor seconds of one step for each batch
//   open PATH                -> "ok"; writes parameters for translating and pairs to PATH
//   translate BEAM PATH      -> processor seconds of translating the sources of all batches by the
//                               search; writes the ids of each translation to PATH, a line each
//
// Translations are written to the lengths of their sources: the bias of the end is so small that it
// is never chosen, since a model that has learned little would end nowhere or at once.
#include <fstream>
#include <memory>
#include <sstream>

#include "bench/one_rank.h"
#include "bench/request_loop.h"
#include "bench/stopwatch.h"
#include "bench/training_turns.h"
#include "bench/translation_problem.h"
#include "worker/decode/token_search.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

constexpr int kComparedSteps = 5;
constexpr Index kLinesAtOnce = 32;  // as lockstep predict
constexpr float kNever = -100;

TurnOptions RecipeOptions() {
  TurnOptions options;
  options.optimizer.kind = OptimizerKind::kAdamW;
  options.optimizer.weight_decay = 0.01;
  options.clip.max_norm = 1;
  options.learning_rate = 2e-3;
  options.measures_core = false;  // turns are timed from outside
  return options;
}

// Some of the sources of a batch, in their order.
SlotBatch SourcesOf(const std::vector<PairText::Pair>& pairs, Index first) {
  std::vector<Index> lengths;
  const auto part = std::span(pairs).subspan(static_cast<std::size_t>(first),
                                             static_cast<std::size_t>(kLinesAtOnce));
  for (const auto& pair : part) lengths.push_back(std::ssize(pair.first));
  SlotBatch slot;
  slot.layout = PackedLayout(lengths);
  slot.fields.resize(1);
  for (Index t = 0; t < slot.layout.steps(); ++t) {
    for (Index b = 0; b < slot.layout.active(t); ++b)
      slot.fields[0].ids.push_back(
          part[static_cast<std::size_t>(b)].first[static_cast<std::size_t>(t)]);
  }
  return slot;
}

// Parameters as at the start of training, with which nothing ends by itself.
class Translating {
 public:
  Translating()
      : text_(1),
        model_(MakeModel<float>(TranslatorOptions(false), TranslatorSchema())),
        values_(model_->layout().size()) {
    InitialiseParameters<float>(model_->layout(), 1, values_.span());
    for (const ParameterInfo& info : model_->layout().infos())
      if (info.name == "head.bias") values_[info.offset + kEnd] = kNever;
  }
  void Save(const std::string& path) const {
    SaveTranslationProblem(path, model_->layout(), values_.span(), text_);
  }
  // Returns processor seconds.
  double Run(Index beam, std::ostream& out) {
    SearchOptions options;
    options.beam = beam;
    options.most_ratio = 1;
    options.most_extra = 0;
    SlotBounds bounds = text_.bounds();
    bounds.sequences = kLinesAtOnce;
    const Stopwatch watch;
    const auto stepper = model_->OpenTokenStepper(values_.data(), bounds, kLinesAtOnce * beam);
    TokenStepper<float>* const one[] = {stepper.get()};
    for (const auto& pairs : text_.pairs()) {
      for (Index first = 0; first < kPairsOfBatch; first += kLinesAtOnce) {
        for (const auto& found : SearchTokens(one, SourcesOf(pairs, first), kEnd, kEnd, options))
          out << fmt::format("{}\n", fmt::join(found.front().tokens, " "));
      }
    }
    return watch.Seconds();
  }

 private:
  PairText text_;
  std::unique_ptr<Model<float>> model_;
  AlignedBuffer<float> values_;
};

class Server {
 public:
  explicit Server(const Communicator& comm) : comm_(comm) {}

  std::string Answer(const std::string& line) {
    std::istringstream in(line);
    std::string request, path;
    Index number = 0;
    in >> request;
    if (request == "machine") return IsaName(DetectIsa());
    if (request == "losses" && in >> path >> number) return Losses(path, number);
    if (request == "case" && in >> number) {
      Make(number, true);
      Turn();
      return fmt::format("ok {} {}", training_->layout().count(), text_->target_tokens());
    }
    if (request == "turn" && training_ != nullptr) return fmt::format("{}", Turn());
    if (request == "open" && in >> path) {
      translating_ = std::make_unique<Translating>();
      translating_->Save(path);
      return "ok";
    }
    if (request == "translate" && translating_ != nullptr && in >> number >> path) {
      std::ofstream out(path);
      return fmt::format("{}", translating_->Run(number, out));
    }
    throw UsageError("unknown request \"{}\"", line);
  }

 private:
  void Make(Index slots, bool drops) {
    training_.reset();
    text_ = std::make_unique<PairText>(slots);
    training_ = std::make_unique<TrainingTurns>(
        comm_, MakeModel<float>(TranslatorOptions(drops), TranslatorSchema()),
        WorkerOptions{.slots = slots, .bounds = text_->bounds()}, RecipeOptions());
  }
  std::string Losses(const std::string& path, Index slots) {
    Make(slots, false);
    SaveTranslationProblem(path, training_->layout(), training_->values(), *text_);
    std::string losses;
    for (std::size_t step = 0; step < kComparedSteps; ++step)
      losses += fmt::format("{} ", training_->Turn(text_->batches()[step]));
    return losses;
  }
  double Turn() {
    const Stopwatch watch;
    for (const RankBatch& batch : text_->batches()) training_->Turn(batch);
    return watch.Seconds();
  }

  const Communicator& comm_;
  std::unique_ptr<PairText> text_;
  std::unique_ptr<TrainingTurns> training_;
  std::unique_ptr<Translating> translating_;
};

int Main() {
  const MpiSession session;
  const Communicator comm = Communicator::World();
  if (!IsOnlyRank(comm, "bench_translation_peer")) return static_cast<int>(ExitCode::kUsage);
  SelectIsa(DetectIsa());
  Server server(comm);
  AnswerRequests(std::cin, comm.rank(), &server);
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace
}  // namespace lockstep

int main() { return lockstep::Main(); }
