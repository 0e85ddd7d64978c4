// Lockstep as a peer of bench/compare_recipes.py, which runs it in turns with PyTorch: trains what
// recipe_training.h opens, on one thread per rank. Every rank reads the same requests, and rank 0
// answers each with one line on stdout (request_loop.h):
//
//   machine            -> instruction set
//   open CORPUS CONFIG BATCHES PATH [KEY=VALUE]...
//                      -> "ok" and the number of parameters; each rank writes its parameters and
//                         batches to PATH.RANK
//   validation PATH    -> "ok"; each rank writes its part of the validation split to PATH.RANK
//   losses STEPS       -> the losses of the next steps
//   turn STEPS         -> seconds on the clock and of the processor, time steps and target steps of
//                         the next steps
//   evaluate STEPS     -> the same of as many passes forward with their losses
//
// The last argument of the program is the name of pipes or files to read requests from, to which
// ".RANK" is added. Paths must not contain blanks.
#include <fstream>
#include <memory>
#include <sstream>

#include "bench/recipe_training.h"
#include "bench/request_loop.h"
#include "bench/turn_time.h"
#include "worker/kernels/isa.h"

namespace lockstep {
namespace {

class Server {
 public:
  explicit Server(const Communicator& comm) : comm_(comm) {}

  std::string Answer(const std::string& line) {
    std::istringstream in(line);
    std::string request;
    Index steps = 0;
    in >> request;
    if (request == "machine") return IsaName(DetectIsa());
    if (request == "open") return Open(in);
    if (request == "validation" && training_ != nullptr) return Validation(in);
    if (request == "losses" && training_ != nullptr && in >> steps) return Losses(steps);
    if (request == "turn" && training_ != nullptr && in >> steps) {
      return Turn(steps, [&] { training_->Step(); });
    }
    if (request == "evaluate" && training_ != nullptr && in >> steps) {
      return Turn(steps, [&] { training_->Evaluate(); });
    }
    throw UsageError("unknown request \"{}\"", line);
  }

 private:
  std::string Open(std::istream& in) {
    RecipeOptions options;
    std::string path;
    if (!(in >> options.corpus >> options.config >> options.batches >> path)) {
      throw UsageError("open lacks a word: CORPUS CONFIG BATCHES PATH");
    }
    for (std::string setting; in >> setting;) options.settings.push_back(setting);
    training_.reset();
    training_ = std::make_unique<RecipeTraining>(comm_, options);
    training_->Save(fmt::format("{}.{}", path, comm_.rank()));
    comm_.Barrier();
    return fmt::format("ok {}", training_->layout().count());
  }
  std::string Validation(std::istream& in) {
    std::string path;
    in >> path;
    training_->SaveValidation(fmt::format("{}.{}", path, comm_.rank()));
    comm_.Barrier();
    return "ok";
  }
  std::string Losses(Index steps) {
    std::string losses;
    for (Index step = 0; step < steps; ++step) losses += fmt::format("{} ", training_->Step());
    return losses;
  }
  template <typename Work>
  std::string Turn(Index steps, const Work& work) {
    const StepCounts counts = training_->CountsOfNext(steps);
    const TurnTime time;
    for (Index step = 0; step < steps; ++step) work();
    return fmt::format("{} {} {}", time.Text(), counts.steps, counts.target_steps);
  }

  const Communicator& comm_;
  std::unique_ptr<RecipeTraining> training_;
};

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  using namespace lockstep;
  if (argc != 2) return static_cast<int>(ExitCode::kUsage);
  const MpiSession session;
  const Communicator comm = Communicator::World();
  SelectIsa(DetectIsa());
  Server server(comm);
  std::ifstream in(fmt::format("{}.{}", argv[1], comm.rank()));
  AnswerRequests(in, comm.rank(), &server);
  return static_cast<int>(ExitCode::kDone);
}
