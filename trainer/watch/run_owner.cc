#include "trainer/watch/run_owner.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/durable_file.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/system_call.h"

namespace lockstep {
namespace {

std::string PathOf(const std::string& run_folder) { return run_folder + "/.owner"; }

std::string TextOf(const char* variable) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

std::string HostName() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

// A random part of the token, because clocks and process numbers of two hosts may agree by chance.
std::string RandomPart() {
  std::uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits) {
    throw IoError(fmt::format("the system gives no random numbers: {}", ErrnoText()));
  }
  return fmt::format("{:016x}", bits);
}

// True if the fields of a token that are read later have the types that this program writes.
bool IsOwner(const nlohmann::json& found) {
  constexpr Index kMostStarts = Index{1} << 53;
  const auto counts = [&](const char* name) {
    if (!found.contains(name)) return true;
    const nlohmann::json& value = found[name];
    return value.is_number_unsigned() && value.get<std::uint64_t>() < kMostStarts;
  };
  const auto is_text = [&](const char* name) {
    return !found.contains(name) || found[name].is_string();
  };
  return found.is_object() && counts("number") && counts("start") && counts("process") &&
         is_text("host") && is_text("job") && is_text("time");
}

// Reads the token; returns an empty object if there is none, or it is damaged. Then only the number
// begins at 1 again; the random part still tells owners apart.
nlohmann::json Read(const std::string& path) {
  try {
    auto found = ParseJsonOrDiscard(ReadTextFile(path));
    if (IsOwner(found)) return found;
    LogWarning("{} is damaged; it is written anew", path);
  } catch (const InputError&) {
  }
  return nlohmann::json::object();
}

// The name of a job with letters only that are safe in files and logs, cut to a length that IsMine
// can read.
std::string PlainName(std::string name) {
  constexpr std::size_t kLongest = 200;
  if (name.size() > kLongest) name.resize(kLongest);
  std::ranges::replace_if(
      name, [](char c) { return c < ' ' || c > '~'; }, '_');
  return name;
}

// The number of a start in an environment variable; a negative one counts as 0.
Index StartOf(const char* variable) {
  return std::max<Index>(0, std::atoll(TextOf(variable).c_str()));
}

std::string Describe(const nlohmann::json& owner) {
  const std::string job = owner.value("job", "");
  return fmt::format(
      "process {} on {}{}, since {}", owner.value("process", Index{0}),
      owner.value("host", "an unknown host"),
      job.empty() ? "" : fmt::format(" (job {}, start {})", job, owner.value("start", Index{0})),
      owner.value("time", "an unknown time"));
}

std::string UtcNow() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

}  // namespace

JobStart ThisJobStart() {
  if (const std::string job = TextOf("LOCKSTEP_JOB"); !job.empty()) {
    return {PlainName(job), StartOf("LOCKSTEP_START")};
  }
  return {PlainName(TextOf("SLURM_JOB_ID")), StartOf("SLURM_RESTART_COUNT")};
}

RunOwner::RunOwner(const std::string& run_folder, const JobStart& start)
    : path_(PathOf(run_folder)) {
  number_ = Read(path_).value("number", Index{0}) + 1;
  const nlohmann::ordered_json mine = {
      {"number", number_},    {"host", HostName()}, {"process", ::getpid()}, {"job", start.job},
      {"start", start.start}, {"time", UtcNow()},   {"random", RandomPart()}};
  text_ = JsonText(mine) + "\n";
  ReplaceDurably(path_, text_);
}

void RunOwner::Require() const {
  std::string found;
  try {
    found = ReadTextFile(path_);
  } catch (const InputError&) {  // it is gone
  }
  if (found != text_) throw Error(ExitCode::kSuperseded, Successor());
}

void RunOwner::Guard(FunctionRef<void()> change) const {
  try {
    change();
  } catch (const IoError&) {
    Require();
    throw;
  }
}

bool RunOwner::IsMine() const {
  const int fd =
      Uninterrupted([&] { return ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); });
  if (fd < 0) return errno != ENOENT;
  std::array<char, 1024> found{};
  const ssize_t count = Uninterrupted([&] { return ::read(fd, found.data(), found.size()); });
  ::close(fd);
  if (count < 0) return true;
  // If only the first part of this start's own text was read, the read was cut short.
  return std::string_view(text_).starts_with({found.data(), static_cast<std::size_t>(count)});
}

std::string RunOwner::Successor() const {
  const nlohmann::json found = Read(path_);
  if (found.empty()) {
    return fmt::format(
        "{} is gone, with which this start had taken the run; it ends and writes "
        "nothing more; run the same command again to go on",
        path_);
  }
  return fmt::format(
      "{} has taken over the run ({}); this start, number {}, ends and writes "
      "nothing more",
      Describe(found), path_, number_);
}

Index OwnerNumber(const std::string& run_folder) {
  return Read(PathOf(run_folder)).value("number", Index{0});
}

bool BelongsToAnEarlierStart(const std::string& run_folder, const JobStart& start) {
  if (start.job.empty()) return false;
  const nlohmann::json owner = Read(PathOf(run_folder));
  return owner.value("job", "") == start.job && owner.value("start", Index{0}) < start.start;
}

}  // namespace lockstep
