// Lockstep as a peer of bench/compare_words.py, which runs it in turns with PyTorch: trains the
// language model of word_problem.h on one thread per rank, one slot per rank. Every rank reads the
// same requests, line by line, and rank 0 answers each with one line on stdout:
//
//   machine                      -> instruction set
//   losses PATH WORDS OPTIMIZER PRECISION
//                                -> writes parameters and text to PATH; losses of the first steps
//   case WORDS OPTIMIZER PRECISION
//                                -> "ok" and the number of parameters; has dropout
//   step                         -> seconds on the clock and of the processor, of one step
//   end                          -> nothing; the process ends
//
// OPTIMIZER is sgd or adam, PRECISION a value of numerics.precision. The last argument of the
// program is the name of a pipe or file to read requests from, to which ".RANK" is added: a rank
// that waits for the other in MPI would use its core while others are measured.
#include <fstream>
#include <memory>
#include <sstream>

#include "bench/request_loop.h"
#include "bench/turn_time.h"
#include "bench/word_problem.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

constexpr Index kParts = 8;
constexpr int kComparedSteps = 5;
constexpr double kDropout = 0.5;

// Rates with which the losses of the first steps differ, so that updates are compared, too.
TurnOptions OptionsOf(const std::string& optimizer) {
  TurnOptions options;
  options.clip.max_norm = 5;
  options.carries = true;
  options.measures_core = false;  // turns are timed from outside
  options.optimizer.kind = OptimizerFromName(optimizer);
  options.learning_rate = options.optimizer.kind == OptimizerKind::kSgd ? 1 : 1e-3;
  return options;
}

class Server {
 public:
  explicit Server(const Communicator& comm) : comm_(comm) {}

  std::string Answer(const std::string& line) {
    std::istringstream in(line);
    std::string request, path;
    in >> request;
    if (request == "machine") return IsaName(DetectIsa());
    if (request == "losses") {
      in >> path;
      Make(in, 0);
      return Losses(path);
    }
    if (request == "case") {
      Make(in, kDropout);
      training_->WarmUp(text_->Next());
      return fmt::format("ok {}", training_->layout().count());
    }
    if (request == "step" && training_ != nullptr) return Step();
    throw UsageError("unknown request \"{}\"", request);
  }

 private:
  void Make(std::istream& in, double dropout) {
    std::string optimizer, precision;
    in >> words_ >> optimizer >> precision;
    training_.reset();
    text_ = std::make_unique<WordText>(words_, kParts, comm_.size(), comm_);
    SmallModelOptions model = WordModel(words_, dropout);
    model.precision = PrecisionFromName(precision);
    training_ = std::make_unique<TrainingTurns>(comm_, model, text_->First(), comm_.size(),
                                                OptionsOf(optimizer));
  }

  std::string Losses(const std::string& path) {
    if (comm_.rank() == 0) SaveWordProblem(path, words_, *training_, *text_);
    std::string losses;
    for (int step = 0; step < kComparedSteps; ++step) {
      losses += fmt::format("{} ", training_->Turn(text_->Next()));
    }
    return losses;
  }

  std::string Step() {
    const TurnTime time;
    training_->Turn(text_->Next());
    return time.Text();
  }

  const Communicator& comm_;
  Index words_ = 0;
  std::unique_ptr<WordText> text_;
  std::unique_ptr<TrainingTurns> training_;
};

int Main(const std::string& requests) {
  const MpiSession session;
  const Communicator comm = Communicator::World();
  SelectIsa(DetectIsa());
  Server server(comm);
  std::ifstream in(fmt::format("{}.{}", requests, comm.rank()));
  AnswerRequests(in, comm.rank(), &server);
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  if (argc != 2) return static_cast<int>(lockstep::ExitCode::kUsage);
  return lockstep::Main(argv[1]);
}
