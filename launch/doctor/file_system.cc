#include "launch/doctor/file_system.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>
#include <span>

#include "base/durable_file.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/phase_timer.h"

namespace lockstep {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FileFacts, rank, host, seen_after_seconds, lock, record, won)

namespace {

constexpr const char* kToken = "this is the folder of rank 0\n";
constexpr double kMostSeconds = 5;  // the longest wait for a file written on another host
constexpr std::size_t kLargeBytes = std::size_t{8} << 20;
constexpr std::size_t kSmallBytes = 4096;
constexpr int kSmallFiles = 7;

struct FileSystemType {
  std::int64_t magic;
  const char* name;
};
constexpr FileSystemType kTypes[] = {
    {0x6969, "nfs"},          {0x0BD00BD0, "lustre"},  {0x47504653, "gpfs"}, {0x19830326, "beegfs"},
    {0x00C36400, "ceph"},     {0xFF534D42, "cifs"},    {0xFE534D42, "smb"},  {0x01021997, "9p"},
    {0x20030528, "orangefs"}, {0x5346414F, "afs"},     {0x65735546, "fuse"}, {0x01021994, "tmpfs"},
    {0x858458F6, "ramfs"},    {0x794C7630, "overlay"}, {0xEF53, "ext4"},     {0x58465342, "xfs"},
    {0x9123683E, "btrfs"},    {0x2FC12FC1, "zfs"}};

std::string TypeName(const struct statfs& status) {
  const auto magic = static_cast<std::int64_t>(status.f_type) & 0xFFFFFFFF;
  for (const FileSystemType& type : kTypes) {
    if (type.magic == magic) return type.name;
  }
  return fmt::format("type {:#x}", magic);
}

double SecondsUntilSeen(const std::string& path) {
  const double start = Seconds();
  while (Seconds() < start + kMostSeconds) {
    try {
      if (ReadTextFile(path) == kToken) return Seconds() - start;
    } catch (const Error&) {  // not there yet, or not whole
    }
    ::usleep(2000);
  }
  return -1;
}

std::string Outcome(bool granted) {
  if (granted) return "granted";
  return errno == EWOULDBLOCK || errno == EAGAIN || errno == EACCES ? "refused" : ErrnoText();
}

std::string TryLock(int fd) { return Outcome(::flock(fd, LOCK_EX | LOCK_NB) == 0); }

std::string TryRecordLock(int fd) {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  return Outcome(::fcntl(fd, F_SETLK, &range) == 0);
}

// Record locks belong to processes, so another process must try to get the lock: a child, which
// reports the result.
std::string TryRecordLockInChild(int fd) {
  std::array<int, 2> pipe_ends{};
  if (::pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return ErrnoText();
  const pid_t child = ::fork();
  if (child == 0) {
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    const int reason = ::fcntl(fd, F_SETLK, &range) == 0 ? 0 : errno;
    ::_exit(::write(pipe_ends[1], &reason, sizeof reason) == sizeof reason ? 0 : 1);
  }
  ::close(pipe_ends[1]);
  int reason = EIO;
  const bool told = ::read(pipe_ends[0], &reason, sizeof reason) == sizeof reason;
  ::close(pipe_ends[0]);
  if (child > 0) ::waitpid(child, nullptr, 0);
  errno = told ? reason : EIO;
  return Outcome(reason == 0 && told);
}

int OpenFile(const std::string& path) { return ::open(path.c_str(), O_RDWR | O_CLOEXEC, 0644); }

// Rank 0 holds both locks while the others try to get them. If there is only one rank, it tries
// itself.
void TryLocks(const Communicator& comm, const std::string& path, FileFacts* facts,
              PhaseWatch* watch) {
  const int held = comm.rank() == 0 ? OpenFile(path) : -1;
  if (held >= 0) {
    facts->lock = TryLock(held) == "granted" ? "" : ErrnoText();
    facts->record = TryRecordLock(held) == "granted" ? "" : ErrnoText();
  }
  CallRoll(comm, {}, watch);
  watch->Doing("locking a file");
  const int asking = OpenFile(path);
  if (facts->lock.empty()) facts->lock = asking < 0 ? ErrnoText() : TryLock(asking);
  if (facts->record.empty() && asking >= 0) {
    facts->record = comm.rank() == 0 ? TryRecordLockInChild(asking) : TryRecordLock(asking);
  }
  CallRoll(comm, {}, watch);  // closing any of them would give up rank 0's record lock
  if (asking >= 0) ::close(asking);
  if (held >= 0) ::close(held);
}

int RaceForFiles(const Communicator& comm, const std::string& folder, PhaseWatch* watch) {
  int won = 0;
  for (int i = 0; i < kRaces; ++i) {
    CallRoll(comm, {}, watch);
    watch->Doing("making a file exclusively");
    const std::string path = fmt::format("{}/race-{}", folder, i);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) continue;
    ++won;
    ::close(fd);
  }
  return won;
}

double Rate(std::size_t bytes, double start) {
  return static_cast<double>(bytes) / std::max(1e-6, Seconds() - start);
}

void ForgetCached(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  ::close(fd);
}

void WriteAndRead(const std::string& folder, FolderFacts* facts) {
  std::vector<std::byte> bytes(kLargeBytes);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(i * 2654435761u >> 13);
  const std::string path = folder + "/large";
  double start = Seconds();
  const std::span<const std::byte> piece(bytes);
  WriteDurably(path, std::span(&piece, 1));
  facts->write_bytes_per_second = Rate(bytes.size(), start);
  ForgetCached(path);
  start = Seconds();
  const std::vector<std::byte> read = ReadBytes(path);
  facts->read_bytes_per_second = Rate(bytes.size(), start);
  if (Hash64(read) != Hash64(bytes)) {
    throw IoError(fmt::format("{} does not read back as it was written", path));
  }
}

void WriteSmallFiles(const std::string& folder, FolderFacts* facts) {
  std::vector<double> seconds;
  for (int i = 0; i < kSmallFiles; ++i) {
    const double start = Seconds();
    WriteDurably(fmt::format("{}/small-{}", folder, i), std::string(kSmallBytes, 's'));
    seconds.push_back(Seconds() - start);
  }
  std::ranges::sort(seconds);
  facts->small_seconds = seconds[kSmallFiles / 2];
}

// Tries to write a file whose name exists. It must be refused and leave the old file unchanged; two
// writers of the same step rely on that.
void TryTakenName(const std::string& folder) {
  WriteDurably(folder + "/taken", "first");
  try {
    WriteDurably(folder + "/taken", "second");
  } catch (const IoError&) {
    if (ReadTextFile(folder + "/taken") == "first") return;
  }
  throw IoError(fmt::format("{}/taken: a file that exists was replaced by link()", folder));
}

void AskForSpace(const std::string& folder, FolderFacts* facts) {
  struct statfs status {};
  if (::statfs(folder.c_str(), &status) != 0) return;
  facts->type = TypeName(status);
  facts->free_bytes = static_cast<double>(status.f_bavail) * static_cast<double>(status.f_bsize);
  if (status.f_files > 0) facts->free_files = static_cast<double>(status.f_ffree);
}

}  // namespace

FileFacts LookAtSharedFiles(const Communicator& comm, const std::string& host,
                            const std::string& folder, PhaseWatch* watch) {
  FileFacts facts;
  facts.rank = comm.rank();
  facts.host = host;
  const std::string token = folder + "/token";
  watch->Doing("writing " + token);
  if (comm.rank() == 0) WriteDurably(token, kToken);
  CallRoll(comm, {}, watch);
  watch->Doing("looking for " + token);
  facts.seen_after_seconds = SecondsUntilSeen(token);
  TryLocks(comm, token, &facts, watch);
  facts.won = RaceForFiles(comm, folder, watch);
  return facts;
}

FolderFacts MeasureFolder(const std::string& folder, double needed_bytes, PhaseWatch* watch) {
  FolderFacts facts;
  facts.path = folder;
  facts.needed_bytes = needed_bytes;
  AskForSpace(folder, &facts);
  watch->Doing("writing and reading files in " + folder);
  try {
    WriteSmallFiles(folder, &facts);
    TryTakenName(folder);
    WriteAndRead(folder, &facts);
  } catch (const Error& error) {
    facts.failure = error.code();
    facts.failed = error.what();
  }
  return facts;
}

std::string ToJson(const FileFacts& facts) { return JsonText(nlohmann::json(facts)); }

FileFacts FileFactsFromJson(const std::string& text) { return ParseJson(text).get<FileFacts>(); }

}  // namespace lockstep
