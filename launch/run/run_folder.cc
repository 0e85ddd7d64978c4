#include "launch/run/run_folder.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/durable_file.h"
#include "base/error.h"
#include "base/json_text.h"
#include "base/line_reader.h"
#include "base/log.h"
#include "base/output_name.h"
#include "base/own_file.h"
#include "base/system_call.h"
#include "launch/frame/stored_path.h"
#include "worker/comm/together.h"

namespace lockstep {
namespace {

// False if the file does not take all of the text; errno says why.
bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t taken = Uninterrupted([&] { return ::write(file, text.data(), text.size()); });
    if (taken < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(taken));
  }
  return true;
}

// Whether the next line can begin; not where a start was killed while it wrote its own.
bool EndsInALine(int file) {
  char last = '\n';
  const off_t size = ::lseek(file, 0, SEEK_END);
  return size <= 0 || ::pread(file, &last, 1, size - 1) != 1 || last == '\n';
}

}  // namespace

bool HoldsRun(const std::string& folder) {
  const std::string checkpoints = folder + "/checkpoints";
  std::error_code error;
  const bool has_checkpoints =
      IsTaken(checkpoints) && !std::filesystem::is_empty(checkpoints, error);
  return has_checkpoints || IsTaken(folder + "/config.toml");
}

void RequireNoCorpus(const std::string& run_folder) {
  if (HoldsRun(run_folder) || !IsTaken(run_folder + "/" + kCorpusIndexName)) return;
  throw UsageError("--run {}: the folder holds a corpus; give another one for the run", run_folder);
}

void WriteRunFiles(const std::string& run_folder, const Config& config, const CorpusInfo& corpus,
                   FunctionRef<void()> before_commit) {
  ReplaceDurably(run_folder + "/config.toml", config.ToToml(), before_commit);
  ReplaceDurably(run_folder + "/" + kCorpusIndexName, CorpusToJson(corpus), before_commit);
}

void AppendStart(const std::string& run_folder, const StartFacts& facts) {
  const std::string path = run_folder + "/starts.jsonl";
  const nlohmann::ordered_json line = {
      {"kind", "start"},
      {"step", facts.step},
      {"time", fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr)))},
      {"ranks", facts.ranks},
      {"threads", facts.threads},
      {"isa", facts.isa},
      {"version", facts.version},
      {"corpus", facts.corpus}};
  // A path need not be UTF-8.
  const std::string text = JsonTextOfAnyBytes(line) + "\n";
  try {
    const int file = OpenOwnFile(path, O_RDWR | O_APPEND | O_CREAT);
    const bool is_written = WriteAll(file, (EndsInALine(file) ? "" : "\n") + text);
    const std::string reason = is_written ? "" : ErrnoText();
    ::close(file);
    if (!is_written) LogWarning("cannot write to {}: {}", path, reason);
  } catch (const IoError& error) {
    LogWarning("{}", error.what());
  }
}

std::string CorpusOfLastStart(const std::string& run_folder) {
  const std::string path = run_folder + "/starts.jsonl";
  if (!std::filesystem::exists(path)) return "";
  std::string corpus;
  LineReader lines(path, AnyBytes{});
  for (std::string_view text; lines.Next(&text);) {
    const auto line = ParseJsonOrDiscard(text);
    if (line.is_object() && line.contains("corpus") && line["corpus"].is_string())
      corpus = line["corpus"].get<std::string>();
  }
  return corpus;
}

CorpusInfo ReadRunCorpus(const std::string& run_folder) { return ReadCorpusInfo(run_folder); }

CorpusInfo ReadSharedRunCorpus(const Communicator& comm, const std::string& run_folder) {
  std::string text;
  Together(comm, [&] {
    if (comm.rank() != 0) return;
    RequireRunFolder(run_folder);
    text = CorpusToJson(ReadRunCorpus(run_folder));
  });
  comm.Broadcast(&text);
  return CorpusFromJson(text, run_folder + "/" + kCorpusIndexName);
}

void WriteCompletionMark(const std::string& run_folder, const TrainingState& state,
                         FunctionRef<void()> before_commit) {
  const nlohmann::ordered_json mark = {
      {"step", state.step}, {"epoch", state.cursor.epoch}, {"skipped", state.skipped}};
  ReplaceDurably(run_folder + "/done.json", JsonText(mark) + "\n", before_commit);
}

std::optional<RunEnd> ReadCompletionMark(const std::string& run_folder) {
  const std::string path = run_folder + "/done.json";
  if (!std::filesystem::exists(path)) return std::nullopt;
  RunEnd end;
  try {
    const auto mark = ParseJsonOrDiscard(ReadTextFile(path));
    const auto count = [&](const char* name) {
      const bool is_count =
          mark.is_object() && mark.contains(name) && mark[name].is_number_unsigned();
      return is_count ? mark[name].get<Index>() : -1;
    };
    end = {count("step"), count("epoch")};
  } catch (const Error&) {  // a folder of this name, or the next start has just removed it
  }
  return end;
}

void RemoveCompletionMark(const std::string& run_folder) {
  RemoveDurably(run_folder + "/done.json");
}

}  // namespace lockstep
