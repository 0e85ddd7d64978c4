#include "data/speech/synthetic_speech.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/counter_rng.h"
#include "base/error.h"
#include "base/text.h"

extern char** environ;

namespace lockstep {
namespace {

constexpr std::array kSplits = {"train", "valid", "test"};
constexpr const char* kProgram = "espeak-ng";

// The voices of each split: accents and variants of espeak-ng 1.51. Each pair of them is a speaker.
constexpr std::array kAccents = {"en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp"};
constexpr std::array kTrainVariants = {"m1", "m2", "m3", "m4", "m5", "f1", "f2", "f3"};
constexpr std::array kValidVariants = {"m6", "f4"};
constexpr std::array kTestVariants = {"m7", "f5"};

constexpr std::array kDigits = {"zero", "one", "two",   "three", "four",
                                "five", "six", "seven", "eight", "nine"};
constexpr std::array kCommands = {"yes",   "no",   "up",    "down",   "left",  "right",
                                  "on",    "off",  "stop",  "go",     "open",  "close",
                                  "start", "help", "erase", "repeat", "enter", "cancel"};

std::span<const char* const> VariantsOf(int split) {
  if (split == 0) return kTrainVariants;
  return split == 1 ? std::span<const char* const>(kValidVariants) : kTestVariants;
}

// Makes a text of one to seven words: mostly digits, sometimes with a command at the front.
std::string MakeTranscript(const CounterRng& draw) {
  std::string text;
  if (draw.Below(0, 2) == 0) text = kCommands[draw.Below(1, kCommands.size())];
  const std::uint64_t digits = draw.Below(2, 6) + (text.empty() ? 1 : 0);
  for (std::uint64_t i = 0; i < digits; ++i) {
    if (!text.empty()) text += ' ';
    text += kDigits[draw.Below(3 + i, kDigits.size())];
  }
  return text;
}

class SyntheticReader : public ManifestReader {
 public:
  SyntheticReader(std::uint64_t seed, int split, Index count)
      : seed_(seed), split_(split), count_(count) {}

  bool Next(Utterance* utterance) override {
    if (next_ == count_) return false;
    const auto number = static_cast<std::uint64_t>(next_++);
    const CounterRng draw(seed_, RandomPurpose::kSpeech, 1 + static_cast<std::uint64_t>(split_),
                          number);
    const auto variants = VariantsOf(split_);
    *utterance = {};
    utterance->kind = UtteranceKind::kSpoken;
    utterance->id = fmt::format("{}-{:07}", kSplits[static_cast<std::size_t>(split_)], number);
    utterance->speaker = fmt::format("{}+{}", kAccents[draw.Below(20, kAccents.size())],
                                     variants[draw.Below(21, variants.size())]);
    // 130 to 220 words per minute, pitch 30 to 70.
    utterance->path = fmt::format("-v {} -s {} -p {}", utterance->speaker, 130 + draw.Below(22, 91),
                                  30 + draw.Below(23, 41));
    utterance->transcript = MakeTranscript(draw);
    utterance->source = fmt::format("synthetic:{}", next_);
    return true;
  }

 private:
  std::uint64_t seed_;
  int split_;
  Index count_;
  Index next_ = 0;
};

std::vector<std::string> SplitAtBlanks(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) words.emplace_back(TakeWord(&text));
  return words;
}

// Runs a program without a shell and waits for it; its standard streams are discarded. Returns its
// exit code, or -1 if it cannot be started.
int Run(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  for (const int stream : {0, 1, 2}) {
    ::posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0);
  }
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, kProgram, &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return -1;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace

std::vector<SpeechSplit> SyntheticSplits() {
  std::vector<SpeechSplit> splits;
  splits.reserve(std::size(kSplits));
  for (const char* name : kSplits) splits.push_back({name, {"synthetic", "", ""}});
  return splits;
}

std::unique_ptr<ManifestReader> OpenSyntheticSpeech(const SpeechOptions& options, int number) {
  const Index tenth = std::max<Index>(options.synthetic / 10, 1);
  const Index count = number == 0 ? std::max<Index>(options.synthetic - 2 * tenth, 1) : tenth;
  return std::make_unique<SyntheticReader>(options.seed, number, count);
}

void SpeakToFile(const Utterance& utterance, const std::string& wav) {
  std::vector<std::string> words = {kProgram};
  for (std::string& word : SplitAtBlanks(utterance.path)) words.push_back(std::move(word));
  for (const std::string& word : {std::string("-w"), wav, utterance.transcript}) {
    words.push_back(word);
  }
  const int code = Run(words);
  if (code == 0 && ::access(wav.c_str(), R_OK) == 0) return;
  const std::string why = code < 0 ? std::strerror(ENOENT) : fmt::format("it ended with {}", code);
  throw IoError(fmt::format("cannot speak with the program {}: {}; install the Debian package "
                            "espeak-ng (1.51), which --synthetic needs",
                            kProgram, why),
                ExitCode::kMissingInput);
}

double GuessSpokenSeconds(const Utterance& utterance) {
  return 0.5 * static_cast<double>(SplitAtBlanks(utterance.transcript).size()) + 0.5;
}

}  // namespace lockstep
