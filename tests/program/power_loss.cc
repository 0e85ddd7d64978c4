// Cuts the power at recorded storage calls of a run and looks at what the disk is left with.
//
//   power_loss RECORD RUN SCRATCH STATES SEED [--forget file|folder]
//
// RECORD comes from tests/support/storage_faults.c, which watched the folder above RUN; RUN is the
// run's folder then. Each of STATES is a power cut at a random call with a random loss, drawn from
// its own seed (SEED, SEED + 1, ...), and laid out in the folder SCRATCH. In each must hold:
//
//   - The newest whole checkpoint is one that the program relied on (it said so, or deleted an
//   older
//     one), or a newer one. None that has a checkpoint's name is damaged.
//   - metrics.jsonl has all lines up to that checkpoint.
//   - config.toml, corpus.json and done.json are whole; done.json speaks of the newest checkpoint.
//
// And in the record: the program relies on a checkpoint only when its name lasts.
// --forget takes the syncs of files or of folders out of the record: states must then fail, or this
// program would see nothing. Exit code 0 when all hold, 1 when not.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json_text.h"
#include "checkpoint/checkpoint_folder.h"
#include "tests/support/losing_disk.h"
#include "trainer/save/training_state.h"

namespace lockstep {
namespace {

namespace fs = std::filesystem;

constexpr int kLosses = 5;  // kinds of LosingDisk::Loss

struct PowerCut {
  std::uint32_t seed;
  std::size_t call;  // so many calls were made before it
};

class Replay {
 public:
  Replay(const std::string& run, const std::string& scratch)
      : run_(run), scratch_(scratch), disk_(fs::path(run).parent_path().string()) {}

  void Apply(const RecordedCall& call) {
    if (call.operation == "unlink" && Newest() > StepOf(call.path) && StepOf(call.path) > 0) {
      RelyOn(Newest(), "deletes " + call.path);
    }
    disk_.Apply(call);
    if (call.operation == "say") Listen(call.bytes);
    if (call.operation == "link" || call.operation == "rename") NoteVersion(call.to);
    ++calls_;
  }

  void Cut(std::uint32_t seed) {
    std::mt19937 draw(seed);
    const auto loss = static_cast<LosingDisk::Loss>(draw() % kLosses);
    LayOut(disk_.AfterPowerCut(loss, &draw));
    const std::string problem = Problem();
    if (!problem.empty()) {
      Fail(fmt::format("seed {}: power cut after call {}, loss {}: {}", seed, calls_,
                       static_cast<int>(loss), problem));
    }
    ++states_;
  }

  int Report() const {
    fmt::print(
        "{} calls, {} power cuts: {} found the newest checkpoint, {} an older one that was "
        "promised, {} none (none was promised), {} problems\n",
        calls_, states_, found_newest_, found_older_, found_none_, problems_);
    return problems_ == 0 ? 0 : 1;
  }

 private:
  std::string CheckpointFolder() const { return run_ + "/checkpoints"; }

  // The step in the name of a checkpoint; 0 for any other name.
  static Index StepOf(const std::string& path) {
    const std::string name = fs::path(path).filename().string();
    Index step = 0;
    return std::sscanf(name.c_str(), "step-%ld.h5", &step) == 1 ? step : 0;
  }
  Index Newest() const { return steps_.empty() ? 0 : *steps_.rbegin(); }

  void Fail(const std::string& problem) {
    constexpr int kMostPrinted = 10;
    if (++problems_ <= kMostPrinted) fmt::print("{}\n", problem);
  }

  void RelyOn(Index step, const std::string& how) {
    const std::string path = CheckpointPath(CheckpointFolder(), step);
    if (!disk_.Exists(path) || !disk_.NameLasts(path)) {
      Fail(
          fmt::format("call {}: the program {}, but step {} may still be lost", calls_, how, step));
    }
    promised_ = std::max(promised_, step);
  }

  void Listen(const std::string& said) {
    for (const char* phrase : {"resumed at step {}", "stopped at step {}", "done: step {}"}) {
      const std::string before = std::string(phrase).substr(0, std::string(phrase).find('{'));
      const std::size_t at = said.find(before);
      if (at != std::string::npos)
        RelyOn(std::stol(said.substr(at + before.size())), "says " + said);
    }
  }

  // Whole versions of files that are replaced, and checkpoints that exist.
  void NoteVersion(const std::string& path) {
    if (StepOf(path) > 0) {
      steps_.insert(StepOf(path));
    } else {
      versions_[path].insert(disk_.Read(path));
    }
  }

  void LayOut(const LosingDisk::Contents& contents) {
    fs::remove_all(scratch_);
    fs::create_directories(scratch_);
    const std::size_t above = fs::path(run_).parent_path().string().size();
    for (const auto& [path, bytes] : contents) {
      const std::string place = scratch_ + path.substr(above);
      if (path.ends_with('/')) {
        fs::create_directory(place);
      } else {
        std::ofstream(place, std::ios::binary) << bytes;
      }
    }
  }
  std::string Place(const std::string& name) const {
    return scratch_ + "/" + fs::path(run_).filename().string() + "/" + name;
  }

  std::string Problem() {
    std::optional<LoadedCheckpoint> loaded;
    std::string problem;
    const auto note = [&](const CheckpointEntry& entry, const std::string& why) {
      problem += fmt::format("step {} is damaged: {}; ", entry.step, why);
    };
    try {
      loaded = LoadNewestValid(Place("checkpoints"), note);
    } catch (const Error& error) {
      problem += error.what();
    }
    const Index step = loaded ? loaded->entry.step : 0;
    if (step < promised_) problem += fmt::format("step {}, {} was promised; ", step, promised_);
    if (loaded) problem += MetricsProblem(loaded->content);
    problem += VersionProblem("config.toml", step > 0) + VersionProblem("corpus.json", step > 0);
    problem += VersionProblem("done.json", false) + CompletionProblem(step);
    ++(step == 0 ? found_none_ : step == Newest() ? found_newest_ : found_older_);
    return problem;
  }

  std::string MetricsProblem(const CheckpointContent& content) const {
    const auto bytes =
        static_cast<std::size_t>(StateFromJson(content.state, "checkpoint").metrics_bytes);
    const std::string found = Read("metrics.jsonl");
    if (found.size() < bytes) {
      return fmt::format("metrics.jsonl has {} bytes of {}; ", found.size(), bytes);
    }
    const std::string written = disk_.Read(run_ + "/metrics.jsonl");
    return found.compare(0, bytes, written, 0, bytes) == 0 ? "" : "metrics.jsonl is torn; ";
  }

  std::string VersionProblem(const std::string& name, bool must_be) const {
    if (!fs::exists(Place(name))) return must_be ? name + " is lost; " : "";
    const auto found = versions_.find(run_ + "/" + name);
    const bool is_whole = found != versions_.end() && found->second.contains(Read(name));
    return is_whole ? "" : name + " is torn; ";
  }

  std::string CompletionProblem(Index step) const {
    if (!fs::exists(Place("done.json"))) return "";
    const auto mark = ParseJsonOrDiscard(Read("done.json"));
    if (mark.is_object() && mark.value("step", Index{-1}) == step) return "";
    return fmt::format("done.json is {}, the newest checkpoint is of step {}; ", JsonText(mark),
                       step);
  }

  std::string Read(const std::string& name) const {
    std::ifstream file(Place(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string run_, scratch_;
  LosingDisk disk_;
  std::set<Index> steps_;  // of checkpoints that have had their name
  std::map<std::string, std::set<std::string>> versions_;
  Index promised_ = 0;
  std::size_t calls_ = 0;
  int states_ = 0, problems_ = 0, found_newest_ = 0, found_older_ = 0, found_none_ = 0;
};

// The syncs of folders, or of files, as if the program had never asked for them.
std::vector<RecordedCall> Forget(std::vector<RecordedCall> calls, const std::string& what) {
  std::map<int, std::string> paths;
  std::set<std::string> folders;
  std::erase_if(calls, [&](const RecordedCall& call) {
    if (call.operation == "open") paths[call.fd] = call.path;
    if (call.operation == "mkdir") folders.insert(call.path);
    const bool of_folder = folders.contains(paths[call.fd]);
    return call.operation == "fsync" && of_folder == (what == "folder");
  });
  return calls;
}

int Run(const std::vector<std::string>& words) {
  std::vector<RecordedCall> calls = ReadRecordedCalls(words.at(0));
  const auto states = static_cast<std::uint32_t>(std::stoul(words.at(3)));
  const auto seed = static_cast<std::uint32_t>(std::stoul(words.at(4)));
  if (words.size() > 5) calls = Forget(std::move(calls), words.at(6));
  std::vector<PowerCut> cuts;
  for (std::uint32_t i = 0; i < states; ++i) {
    cuts.push_back({seed + i, std::mt19937(seed + i)() % (calls.size() + 1)});
  }
  std::ranges::sort(cuts, {}, &PowerCut::call);
  Replay replay(words.at(1), words.at(2));
  auto cut = cuts.begin();
  for (std::size_t made = 0; made <= calls.size(); ++made) {
    for (; cut != cuts.end() && cut->call == made; ++cut) replay.Cut(cut->seed);
    if (made < calls.size()) replay.Apply(calls[made]);
  }
  return replay.Report();
}

}  // namespace
}  // namespace lockstep

int main(int argc, char** argv) { return lockstep::Run({argv + 1, argv + argc}); }
