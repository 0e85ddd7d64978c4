#include "base/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/input_file.h"
#include "base/own_file.h"
#include "base/rank_status.h"
#include "base/storage_call.h"
#include "base/system_call.h"

namespace lockstep {
namespace {

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// Whether both names stand for one file.
bool AreSame(const std::string& a, const std::string& b) {
  struct stat of_a {
  }, of_b{};
  return ::lstat(a.c_str(), &of_a) == 0 && ::lstat(b.c_str(), &of_b) == 0 &&
         of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

// link + unlink instead of renameat2(RENAME_NOREPLACE): network file systems lack the latter. They
// may also carry out a link, lose the answer, and refuse the repeated question with EEXIST.
void RenameWithoutReplacing(const std::string& from, const std::string& to) {
  if (StorageCall([&] { return ::link(from.c_str(), to.c_str()); }) != 0) {
    const std::string reason = ErrnoText();
    if (!AreSame(from, to)) {
      throw IoError(fmt::format("cannot rename {} to {}: {}", from, to, reason),
                    ExitCode::kCannotCreate);
    }
  }
  StorageCall([&] { return ::unlink(from.c_str()); });  // at worst a second name stays
}

// Gives a whole, synced file its final name. When the name cannot be made durable it is taken back,
// so that nobody finds a file that was reported as failed, and the next try has its place.
void Commit(const std::string& temporary, const std::string& path) {
  RenameWithoutReplacing(temporary, path);
  try {
    SyncFolder(FolderOf(path));
  } catch (...) {
    ::unlink(path.c_str());
    throw;
  }
}

std::string WriteTemporary(const std::string& path,
                           std::span<const std::span<const std::byte>> pieces) {
  std::string temporary = TemporaryPath(path);
  try {
    Descriptor file(temporary, CreateNew(temporary));
    for (std::span<const std::byte> piece : pieces) file.Write(piece);
    file.Sync();
    file.Close();
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  return temporary;
}

// The error of a call that has set errno. A folder where a file should be is no failing disk, and
// stays until somebody moves it.
IoError CannotReplace(const std::string& what, const std::string& path) {
  const bool in_the_way = errno == EISDIR || errno == ENOTDIR || errno == ENOTEMPTY;
  const std::string message = fmt::format("cannot {} {}: {}", what, path, ErrnoText());
  if (!in_the_way) return IoError(message);
  return IoError(message + "; move it away, and run the same command again",
                 ExitCode::kCannotCreate);
}

// What is there already is replaced at once.
void RenameReplacing(const std::string& temporary, const std::string& path) {
  if (StorageCall([&] { return ::rename(temporary.c_str(), path.c_str()); }) != 0) {
    const IoError error = CannotReplace(fmt::format("rename {} to", temporary), path);
    ::unlink(temporary.c_str());
    throw error;
  }
  SyncFolder(FolderOf(path));
}

void CopyBytes(const std::string& path, Index bytes, Descriptor* copy) {
  Descriptor file(path, OpenExisting(path, O_RDONLY));
  std::vector<std::byte> block(static_cast<std::size_t>(std::min(bytes, Index{1} << 20)));
  for (Index done = 0; bytes > 0;) {
    const std::size_t wanted = std::min(block.size(), static_cast<std::size_t>(bytes));
    // At a position: a read that failed may have moved on.
    const ssize_t got =
        PatientRead(path, [&] { return ::pread(file.fd(), block.data(), wanted, done); });
    if (got < 0) throw IoError(fmt::format("cannot read {}: {}", path, ErrnoText()));
    if (got == 0) throw BadData("{} is {} bytes shorter than it was", path, bytes);
    copy->Write(std::span(block).first(static_cast<std::size_t>(got)));
    bytes -= got;
    done += got;
  }
}

}  // namespace

void WriteDurably(const std::string& path, std::span<const std::span<const std::byte>> pieces) {
  WriteDurably(path, pieces, [] {});
}

void WriteDurably(const std::string& path, std::span<const std::span<const std::byte>> pieces,
                  FunctionRef<void()> before_commit) {
  const std::string temporary = WriteTemporary(path, pieces);
  try {
    before_commit();
    Commit(temporary, path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

void WriteDurably(const std::string& path, const std::string& text) {
  const std::span<const std::byte> piece = std::as_bytes(std::span(text));
  WriteDurably(path, std::span(&piece, 1));
}

void ReplaceDurably(const std::string& path, const std::string& text) {
  ReplaceDurably(path, text, [] {});
}

void ReplaceDurably(const std::string& path, const std::string& text,
                    FunctionRef<void()> before_commit) {
  const std::span<const std::byte> piece = std::as_bytes(std::span(text));
  ReplaceDurably(path, std::span(&piece, 1), before_commit);
}

void ReplaceDurably(const std::string& path, std::span<const std::span<const std::byte>> pieces,
                    FunctionRef<void()> before_commit) {
  const std::string temporary = WriteTemporary(path, pieces);
  try {
    before_commit();
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  RenameReplacing(temporary, path);
}

void CutToCopy(const std::string& path, Index bytes, FunctionRef<void()> before_commit) {
  const std::string temporary = TemporaryPath(path);
  try {
    Descriptor copy(temporary, CreateNew(temporary));
    if (bytes > 0) CopyBytes(path, bytes, &copy);
    copy.Sync();
    copy.Close();
    before_commit();
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  RenameReplacing(temporary, path);
}

void PublishFile(const std::string& temporary_path, const std::string& path) {
  Descriptor file(temporary_path, OpenExisting(temporary_path, O_RDONLY));
  file.Sync();
  file.Close();
  Commit(temporary_path, path);
}

void RemoveDurably(const std::string& path) {
  if (StorageCall([&] { return ::unlink(path.c_str()); }) != 0) {
    if (errno == ENOENT) return;
    throw CannotReplace("delete", path);
  }
  SyncFolder(FolderOf(path));
}

// File systems that cannot sync a folder (EINVAL) and folders that may be entered but not listed
// (EACCES) exist; training on them is better than none.
void SyncFolder(const std::string& folder) {
  const int fd =
      StorageCall([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (fd < 0 && errno == EACCES) return;
  if (fd < 0) throw IoError(fmt::format("cannot open folder {}: {}", folder, ErrnoText()));
  const bool failed = StorageCall([&] { return ::fsync(fd); }) != 0 && errno != EINVAL;
  const std::string reason = failed ? ErrnoText() : "";
  ::close(fd);  // nothing was written through it
  if (failed) throw IoError(fmt::format("cannot fsync folder {}: {}", folder, reason));
}

void MakeFolder(const std::string& path) {
  if (path.ends_with('/') && path != "/") return MakeFolder(path.substr(0, path.size() - 1));
  const auto make = [&] { return ::mkdir(path.c_str(), 0777); };
  int result = Uninterrupted(make);
  if (result != 0 && errno == ENOENT && FolderOf(path) != path) {
    MakeFolder(FolderOf(path));
    result = Uninterrupted(make);
  }
  const std::string reason = ErrnoText();
  std::error_code ignored;
  if (result != 0 && !std::filesystem::is_directory(path, ignored)) {
    throw IoError(fmt::format("cannot make folder {}: {}", path, reason), ExitCode::kCannotCreate);
  }
  // A durable file in a folder whose own name is lost in a power cut would be lost too. Who made
  // the folder may have been killed before this, so it is done for one that is there, too.
  SyncFolder(FolderOf(path));
}

std::vector<std::byte> ReadBytes(const std::string& path) {
  Descriptor file(path, OpenInput(path));
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0) {
    throw IoError(fmt::format("cannot measure {}: {}", path, ErrnoText()));
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  constexpr std::size_t kBlock = std::size_t{1}
                                 << 24;  // each is a beat, so a large file is no stall
  std::size_t done = 0;
  while (done < bytes.size()) {
    Status().Beat();
    const std::size_t wanted = std::min(kBlock, bytes.size() - done);
    const ssize_t got = PatientRead(path, [&] {
      return ::pread(file.fd(), bytes.data() + done, wanted, static_cast<off_t>(done));
    });
    if (got < 0) throw IoError(fmt::format("cannot read {}: {}", path, ErrnoText()));
    if (got == 0) break;  // shorter than it was: whoever reads the bytes will notice
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

std::string ReadTextFile(const std::string& path) {
  const std::vector<std::byte> bytes = ReadBytes(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace lockstep
