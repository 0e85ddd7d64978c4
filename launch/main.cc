// lockstep VERB ...: finds the verb, runs it, and turns what it throws into one message and an exit
// code.
#include <array>
#include <csignal>
#include <iostream>
#include <string>

#include "base/closest_name.h"
#include "base/error.h"
#include "base/process_memory.h"
#include "base/terminal.h"
#include "launch/frame/build_facts.h"
#include "launch/frame/program.h"
#include "launch/frame/terminal_filter.h"
#include "launch/frame/usage.h"
#include "launch/frame/verbs.h"
#include "launch/frame/version.h"

namespace lockstep {
namespace {

struct Verb {
  const char* name;
  const char* what;
  ExitCode (*run)(const Arguments&);
  // Instead of `run`, of a verb that moves the cursor: it gets standard output past the filter.
  ExitCode (*draw)(const Arguments&, std::ostream&) = nullptr;
};
constexpr std::array<Verb, 14> kVerbs = {{
    {"prepare", "corpus files -> shards", PrepareVerb},
    {"train", "train a model, or go on training it", TrainVerb},
    {"check", "what training would take, here and on a cluster", CheckVerb},
    {"job", "the SLURM script of a run", JobVerb},
    {"doctor", "whether launch, files, arithmetic and MPI can be trusted", DoctorVerb},
    {"evaluate", "loss and accuracy of a trained model", EvaluateVerb},
    {"predict", "apply a trained model to new data", PredictVerb},
    {"generate", "make new sequences by a trained model", GenerateVerb},
    {"export", "write a trained model for other programs", ExportVerb},
    {"import", "make a run of a model of PyTorch", ImportVerb},
    {"report", "curves of a run as a page, a table or for TensorBoard", ReportVerb},
    {"watch", "curves of a run as text, also while it goes on", nullptr, WatchVerb},
    {"inspect", "what a shard, corpus, checkpoint or run holds", InspectVerb},
    {"verify", "check every byte of a shard, corpus, checkpoint or run", VerifyVerb},
}};

void PrintUsage() {
  std::cout << "lockstep " << kVersion
            << ": trains recurrent networks on many ranks, same bits on any\n\n";
  for (const Verb& verb : kVerbs)
    std::cout << fmt::format("  lockstep {:<10} {}\n", verb.name, verb.what);
  std::cout << "\n"
            << UsageText(
                   "`lockstep VERB --help` lists the options of a verb, `lockstep --version` "
                   "libraries and instruction sets.");
}

// Verbs in the form of HelpTable (launch/frame/help.h).
void PrintVerbTable() {
  for (const Verb& verb : kVerbs)
    std::cout << fmt::format("Verbs\t{}\t\t{}\n", verb.name, verb.what);
}

// `lockstep help VERB ...` is `lockstep VERB ... --help`.
Arguments WithHelpLast(Arguments words) {
  if (words.empty() || words[0] != "help") return words;
  words.erase(words.begin());
  words.emplace_back("--help");
  return words;
}

[[noreturn]] void FailUnknown(const std::string& word) {
  Arguments names;
  for (const Verb& verb : kVerbs) names.emplace_back(verb.name);
  throw UsageError("unknown verb \"{}\"{}; `lockstep --help` lists them", word,
                   DidYouMean(word, names));
}

ExitCode Run(const Verb& verb, const Arguments& arguments, std::ostream& raw) {
  return verb.draw != nullptr ? verb.draw(arguments, raw) : verb.run(arguments);
}

// `raw` is standard output past the filter.
ExitCode Dispatch(const Arguments& given, std::ostream& raw) {
  const Arguments words = WithHelpLast(given);
  if (words.empty() || words[0] == "--help" || words[0] == "--help-all" || words[0] == "-h") {
    PrintUsage();
    return words.empty() ? ExitCode::kUsage : ExitCode::kDone;
  }
  if (words[0] == "--version" || words[0] == "--help-table") {
    words[0] == "--version" ? void(std::cout << VersionText()) : PrintVerbTable();
    return ExitCode::kDone;
  }
  for (const Verb& verb : kVerbs) {
    if (words[0] == verb.name) return Run(verb, Arguments(words.begin() + 1, words.end()), raw);
  }
  FailUnknown(words[0]);
}

// What a verb printed must have gone out; a verb that failed has said so already.
void RequireStandardOutput(ExitCode code, std::ostream& raw) {
  const bool is_out = std::cout.flush() && raw.flush();
  if (is_out || code != ExitCode::kDone) return;
  throw IoError("cannot write to standard output: what was printed is lost; is the disk full?");
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) {
  lockstep::ReturnLargeArrays();
  std::signal(SIGXFSZ, SIG_IGN);  // a file above the limit of its size is an error with a name
  const lockstep::Arguments words(argv + 1, argv + argc);
  lockstep::TerminalFilter filter(&std::cout, lockstep::OutputColumns() > 0);
  return static_cast<int>(lockstep::WithMessages([&] {
    const lockstep::ExitCode code = lockstep::Dispatch(words, filter.raw());
    lockstep::RequireStandardOutput(code, filter.raw());
    return code;
  }));
}
