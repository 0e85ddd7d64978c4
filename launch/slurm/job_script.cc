#include "launch/slurm/job_script.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/shell_word.h"
#include "launch/slurm/train_sbatch.h"

namespace lockstep {
namespace {

constexpr std::string_view kCommon = "# What follows is the same for every run.\n";

// The numbers of a text in which they are separated by ':'; empty if it contains anything else.
std::vector<Index> NumbersIn(std::string_view text) {
  std::vector<Index> numbers;
  while (true) {
    Index number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number < 0 || number > Index{1} << 40) return {};
    numbers.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return numbers;
    if (text[0] != ':') return {};
    text.remove_prefix(1);
  }
}

// Checks a value for a header line. sbatch reads these lines itself: a blank ends a value, and
// there is no quoting that works with all versions.
std::string HeaderValue(const std::string& what, const std::string& value) {
  const bool plain = !value.empty() && std::none_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '#' || c == '"' || c == '\'' || c == 127;
  });
  if (plain) return value;
  throw UsageError("{} is \"{}\"; a #SBATCH line can hold no blanks, quotes or #", what, value);
}

std::string Header(const JobOptions& o) {
  std::string text = "#!/usr/bin/env bash\n# Made by `lockstep job`. Submit it with sbatch.\n";
  const auto line = [&](const std::string& words) { text += "#SBATCH " + words + "\n"; };
  line("--job-name=" + HeaderValue("--name", o.name));
  line(fmt::format("--nodes={}", o.nodes));
  line(fmt::format("--ntasks-per-node={}", o.tasks_per_node));
  line(fmt::format("--cpus-per-task={}", o.threads));
  line("--time=" + HeaderValue("--time", o.time));
  line(fmt::format("--signal=B:USR1@{}", o.lead_seconds));
  line("--requeue");
  line("--open-mode=append");
  line("--output=" + HeaderValue("--output", o.output));
  line("--exclusive");
  for (const std::string& more : o.more) line(HeaderValue("--sbatch", more));
  return text;
}

std::string Command(const JobOptions& o) {
  std::string text =
      fmt::format("\nlockstep={}\nfolder={}\nrun={}\nwords=(train", ShellQuoted(o.program),
                  ShellQuoted(o.folder), ShellQuoted(o.run_folder));
  for (const std::string& word : o.words) text += " " + ShellQuoted(word);
  return text + " --run \"$run\")\n\n";
}

}  // namespace

std::optional<Index> SlurmSeconds(const std::string& time) {
  const std::size_t dash = time.find('-');
  const bool has_days = dash != std::string::npos;
  const std::vector<Index> days =
      has_days ? NumbersIn(std::string_view(time).substr(0, dash)) : std::vector<Index>{0};
  std::vector<Index> rest = NumbersIn(std::string_view(time).substr(has_days ? dash + 1 : 0));
  if (days.size() != 1 || rest.empty() || rest.size() > 3) return std::nullopt;
  // After days, the first number is hours. Without days, one or two numbers begin with minutes.
  if (has_days) {
    rest.resize(3);
  } else if (rest.size() < 3) {
    rest.insert(rest.begin(), 0);
    rest.resize(3);
  }
  return ((days[0] * 24 + rest[0]) * 60 + rest[1]) * 60 + rest[2];
}

std::string JobScript(const JobOptions& options) {
  const std::string_view whole = kTrainSbatch;
  const std::size_t common = whole.find(kCommon);
  LOCKSTEP_CHECK(common != std::string_view::npos);
  return Header(options) + Command(options) + std::string(whole.substr(common));
}

}  // namespace lockstep
