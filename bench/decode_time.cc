// Measures the CPU time of the CTC beam search on synthetic frames: 30 letters, 100 frames per
// second, words of random letters, with and without a language model and a word list.
//
//   build/release/bench/bench_decode
//
// "clear" frames have peaks like those of a trained model (a letter every 7 frames, 2 frames long);
// "flat" frames are noise, the worst case. A real-time factor of 0.01 means 10 ms of one core for
// one second of speech.

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/counter_rng.h"
#include "worker/decode/arpa_file.h"
#include "worker/decode/ctc_beam.h"
#include "worker/decode/ngram_estimate.h"

namespace lockstep {
namespace {

constexpr Index kFrames = 2000;
constexpr double kSpeechSeconds = kFrames / 100.0;

double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::vector<std::string> LetterNames() {
  std::vector<std::string> names = {"<blank>", " "};
  for (char c = 'a'; c <= 'z'; ++c) names.emplace_back(1, c);
  names.insert(names.end(), {"'", "-"});
  return names;
}

class Problem {
 public:
  Problem() : rng_(1, RandomPurpose::kTest), labels_(LetterNames(), LabelKind::kLetters) {
    for (int i = 0; i < 5000; ++i) words_.push_back(RandomWord());
    std::sort(words_.begin(), words_.end());
    words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
  }

  const DecoderLabels& labels() const { return labels_; }

  void WriteText(const std::string& path) {
    std::ofstream file(path);
    for (int i = 0; i < 200'000; ++i) file << FrequentWord() << (i % 10 == 9 ? '\n' : ' ');
  }
  void WriteList(const std::string& path) const {
    std::ofstream file(path);
    for (const std::string& word : words_) file << word << '\n';
  }

  // [kFrames, classes]: noise, with peaks of this height over it.
  std::vector<float> Logits(double peak) {
    const Index classes = labels_.classes();
    std::vector<float> logits(static_cast<std::size_t>(kFrames * classes));
    for (float& logit : logits) logit = static_cast<float>(rng_.Normal(draw_++));
    for (Index t = 0; t < kFrames;) {
      for (const char c : FrequentWord() + " ") {
        for (Index i = 0; i < 7 && t < kFrames; ++i, ++t) {
          const Index label = i >= 2 ? kCtcBlank : c == ' ' ? 1 : c - 'a' + 2;
          logits[static_cast<std::size_t>(t * classes + label)] += static_cast<float>(peak);
        }
      }
    }
    return logits;
  }

 private:
  std::string RandomWord() {
    std::string word;
    for (std::uint64_t n = 2 + rng_.Below(draw_++, 7); n > 0; --n) {
      word += static_cast<char>('a' + rng_.Below(draw_++, 26));
    }
    return word;
  }
  // Zipf's law: the r-th word with probability 1 / r.
  const std::string& FrequentWord() {
    const double size = static_cast<double>(words_.size());
    return words_[static_cast<std::size_t>(std::pow(size, rng_.Uniform(draw_++))) - 1];
  }

  CounterRng rng_;
  std::uint64_t draw_ = 0;
  DecoderLabels labels_;
  std::vector<std::string> words_;
};

void Measure(const char* name, const DecoderKnowledge& knowledge,
             const std::vector<float>& logits) {
  for (const Index beam : {8, 32, 128}) {
    CtcBeamOptions options;
    options.beam = beam;
    const double start = CpuSeconds();
    const LogPosteriors posteriors(logits, knowledge.labels->classes());
    const auto hypotheses = CtcBeamDecoder(knowledge, options).Decode(posteriors);
    fmt::print("{:<32} beam {:>3}  real-time factor {:.4f}  {:>4} words\n", name, beam,
               (CpuSeconds() - start) / kSpeechSeconds, hypotheses.at(0).words.size());
  }
}

void Run(const std::string& folder) {
  Problem problem;
  problem.WriteText(folder + "/text");
  problem.WriteList(folder + "/words");
  double start = CpuSeconds();
  std::ofstream arpa(folder + "/model.arpa");
  WriteArpa(EstimateNgrams(folder + "/text", 3), &arpa);
  arpa.close();
  fmt::print("3-gram model of 200 000 words: estimated in {:.2f} s, ", CpuSeconds() - start);
  start = CpuSeconds();
  const NgramModel model = ReadArpa(folder + "/model.arpa");
  fmt::print("read in {:.2f} s\n", CpuSeconds() - start);
  const WordList list = WordList::Read(folder + "/words", problem.labels().names());
  for (const double peak : {8.0, 0.0}) {
    const std::vector<float> logits = problem.Logits(peak);
    const std::string frames = peak > 0 ? "clear" : "flat";
    Measure(frames.c_str(), {&problem.labels(), nullptr, nullptr}, logits);
    Measure((frames + ", language model").c_str(), {&problem.labels(), &model, nullptr}, logits);
    Measure((frames + ", language model, list").c_str(), {&problem.labels(), &model, &list},
            logits);
  }
}

}  // namespace
}  // namespace lockstep

int main() {
  const auto folder = std::filesystem::temp_directory_path() / "lockstep-bench-decode";
  std::filesystem::create_directories(folder);
  lockstep::Run(folder);
  std::filesystem::remove_all(folder);
}
