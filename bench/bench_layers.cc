// Runs the peers of this process: Lockstep, oneDNN's RNN primitives and GEMM. Reads requests line
// by line from stdin and answers each with one line on stdout, so that bench/compare_layers.py can
// run them in turns with PyTorch in another process.
//
//   machine                -> instruction set, oneDNN version, and what bf16 and bf16-amx bring
//   case CELL L D I H B T  -> "ok" and the largest difference between peers on a small version of
//   it agree                  -> largest difference of outputs at full size, after one step each
//   save PATH              -> the small version with Lockstep's results, written to PATH; its case
//   lockstep, onednn       -> processor seconds of one step of the case, the faster of two
//   bf16, bf16-amx         -> the same of Lockstep with bfloat16 operands
//   gemm                   -> GFLOP/s
//   core                   -> GFLOP/s of multiply-adds between registers, and 1e9 nops per second
// An answer that begins with "error" says why; the process goes on.
#include <dnnl.h>

#include <algorithm>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <sstream>

#include "base/error.h"
#include "bench/agreement.h"
#include "bench/core_speed.h"
#include "bench/gemm_peak.h"
#include "bench/lockstep_peer.h"
#include "bench/onednn_peer.h"
#include "bench/stopwatch.h"
#include "worker/kernels/amx.h"
#include "worker/kernels/bfloat16_route.h"

namespace lockstep {
namespace {

// Steps of a turn, as many for small shapes as for large ones: the fastest of many steps would be a
// better one. The first brings the caches back from the peer before. torch_peer.py does the same.
constexpr int kTurnSteps = 2;

// Seconds of the fastest step of a turn: what disturbs a step only ever adds time.
template <typename Peer>
double TimeTurn(Peer* peer) {
  double fastest = std::numeric_limits<double>::infinity();
  for (int step = 0; step < kTurnSteps; ++step) {
    const Stopwatch watch;
    peer->Step();
    fastest = std::min(fastest, watch.Seconds());
  }
  return fastest;
}

// Lockstep with operands that are rounded to bfloat16.
struct Rounded {
  std::unique_ptr<LayerProblem> problem;
  std::unique_ptr<LockstepPeer> peer;
};

class Server {
 public:
  std::string Answer(const std::string& line) {
    std::istringstream in(line);
    std::string request;
    in >> request;
    if (request == "machine") return Machine();
    if (request == "case") return Prepare(ReadLayerCase(in));
    if (request == "gemm") return fmt::format("{}", gemm_.Measure());
    if (request == "core") return Core();
    if (problem_ == nullptr) throw UsageError("\"{}\" before any case, or unknown", request);
    if (request == "lockstep") return fmt::format("{}", TimeTurn(lockstep_.get()));
    if (request == "bf16") return fmt::format("{}", TimeTurn(PeerIn(Precision::kBfloat16)));
    if (request == "bf16-amx") return fmt::format("{}", TimeTurn(PeerIn(Precision::kBfloat16Amx)));
    if (request == "onednn") return fmt::format("{}", TimeTurn(onednn_.get()));
    if (request == "agree") return AgreeAtFullSize();
    if (request == "save") return SaveSmall(in);
    throw UsageError("unknown request \"{}\"", request);
  }

 private:
  static std::string Machine() {
    const dnnl_version_t* version = dnnl_version();
    const Isa isa = DetectIsa();
    return fmt::format("{} {}.{}.{} {}; {}", IsaName(isa), version->major, version->minor,
                       version->patch, Bfloat16Text(Bfloat16Gain(isa)), AmxText(AmxGain(isa)));
  }

  static std::string Core() {
    const CoreSpeed speed = MeasureCore();
    return fmt::format("{} {}", speed.gflops, speed.nops);
  }

  std::string Prepare(const LayerCase& c) {
    const double difference = RequireAgreement(LayerProblem(SmallVersion(c)));
    lockstep_.reset();
    onednn_.reset();
    rounded_.clear();
    problem_ = std::make_unique<LayerProblem>(c);
    lockstep_ = std::make_unique<LockstepPeer>(*problem_);
    onednn_ = std::make_unique<OnednnPeer>(*problem_);
    return fmt::format("ok {:.3g}", difference);
  }

  LockstepPeer* PeerIn(Precision precision) {
    Rounded& rounded = rounded_[precision];
    if (rounded.peer == nullptr) {
      LayerCase c = problem_->shape;
      c.precision = precision;
      rounded.problem = std::make_unique<LayerProblem>(c);
      rounded.peer = std::make_unique<LockstepPeer>(*rounded.problem);
    }
    return rounded.peer.get();
  }

  std::string AgreeAtFullSize() {
    lockstep_->Step();
    onednn_->Step();
    return fmt::format("{:.3g}", Compare(lockstep_->Result(), onednn_->Result()).output);
  }

  std::string SaveSmall(std::istream& in) const {
    std::string path;
    in >> path;
    const LayerProblem small(SmallVersion(problem_->shape));
    LockstepPeer peer(small);
    peer.Step();
    SaveProblem(small, peer.Result(), path);
    return LayerCaseText(small.shape);
  }

  GemmPeak gemm_;
  std::unique_ptr<LayerProblem> problem_;
  std::unique_ptr<LockstepPeer> lockstep_;
  std::unique_ptr<OnednnPeer> onednn_;
  std::map<Precision, Rounded> rounded_;
};

int Main() {
  SelectIsa(DetectIsa());
  Server server;
  for (std::string line; std::getline(std::cin, line);) {
    try {
      std::cout << server.Answer(line) << std::endl;
    } catch (const std::exception& error) {
      std::cout << "error: " << error.what() << std::endl;
    }
  }
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace
}  // namespace lockstep

int main() { return lockstep::Main(); }
