// Computes CTC loss and gradient of random sequences, in float and double, and writes everything to
// an HDF5 file, for comparison with torch (ctc_parity_test.py).
//
//   ctc_dump FILE SEED CLASSES {LENGTH LABELS}...
//
// Lengths descend; LABELS is cut to what fits. Datasets: logits [rows, CLASSES] packed and
// time-major, lengths, label_counts, labels; loss_float, loss_double [1]; gradient_float,
// gradient_double [rows, CLASSES].
#include "base/error.h"
#include "tests/support/dump.h"
#include "tests/worker/losses/ctc_problem.h"

namespace lockstep {
namespace {

constexpr int kFirstLength = 4;

template <typename S>
void WriteResult(const CtcProblem& problem, const std::string& type, Hdf5File* file) {
  StepSums sums;
  const std::vector<S> gradient = problem.Gradient<S>(&sums);
  file->Write<double>("loss_" + type, {1}, std::span(&sums.loss, 1));
  file->Write<S>("gradient_" + type, {problem.layout.rows(), problem.classes}, gradient);
}

void WriteIndices(const std::string& name, const std::vector<std::int32_t>& values,
                  Hdf5File* file) {
  file->Write<std::int32_t>(name, {static_cast<Index>(values.size())}, values);
}

int Main(int argc, char** argv) {
  if (argc <= kFirstLength) throw UsageError("see the head of tests/worker/losses/ctc_dump.cc");
  const std::uint64_t seed = std::stoul(argv[2]);
  const Index classes = std::stol(argv[3]);
  std::vector<Index> lengths;
  std::vector<Labels> labels;
  for (int i = kFirstLength; i + 1 < argc; i += 2) {
    lengths.push_back(std::stol(argv[i]));
    labels.push_back(RandomLabels(std::stol(argv[i + 1]), classes, lengths.back(),
                                  seed + static_cast<std::uint64_t>(i)));
  }
  const CtcProblem problem(classes, lengths, labels, seed);
  std::vector<std::int32_t> counts;
  for (const Labels& sequence : labels)
    counts.push_back(static_cast<std::int32_t>(sequence.size()));
  Hdf5File file = Hdf5File::Create(argv[1]);
  file.Write<double>("logits", {problem.layout.rows(), classes}, problem.logits);
  WriteIndices("lengths", {lengths.begin(), lengths.end()}, &file);
  WriteIndices("label_counts", counts, &file);
  WriteIndices("labels", problem.labels, &file);
  WriteResult<float>(problem, "float", &file);
  WriteResult<double>(problem, "double", &file);
  file.Close();
  return 0;
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  return lockstep::RunDump("ctc_dump", argc, argv, lockstep::Main);
}
