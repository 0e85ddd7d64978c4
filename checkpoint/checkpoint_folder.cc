#include "checkpoint/checkpoint_folder.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <set>

#include "base/error.h"

namespace lockstep {
namespace {

namespace fs = std::filesystem;

constexpr char kPrefix[] = "step-";
constexpr char kSuffix[] = ".h5";
constexpr std::size_t kDigits = 12;

// The step in a name such as "step-000000001200.h5"; nothing for any other name.
std::optional<Index> StepOf(const std::string& name) {
  constexpr std::size_t kStart = sizeof(kPrefix) - 1;
  if (name.size() != kStart + kDigits + sizeof(kSuffix) - 1) return std::nullopt;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  Index step = 0;
  const char* first = name.data() + kStart;
  const auto [end, error] = std::from_chars(first, first + kDigits, step);
  if (error != std::errc() || end != first + kDigits || step < 0) return std::nullopt;
  return step;
}

// The error code of a call. If a signal interrupts the call, it is repeated.
template <typename Call>
std::error_code ErrorOf(Call call) {
  std::error_code error = std::make_error_code(std::errc::interrupted);
  while (error == std::errc::interrupted) {
    error.clear();
    call(&error);
  }
  return error;
}

// The names of the files in the folder; none if the folder does not exist, or cannot because its
// name is too long: whoever makes it then says so.
std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  const std::error_code failed = ErrorOf([&](std::error_code* error) {
    names.clear();
    for (fs::directory_iterator entry(folder, *error); !*error && entry != fs::directory_iterator();
         entry.increment(*error)) {
      names.push_back(entry->path().filename().string());
    }
  });
  if (failed == std::errc::no_such_file_or_directory || failed == std::errc::filename_too_long)
    return {};
  if (failed) {
    throw IoError(fmt::format("cannot list checkpoint folder {}: {}", folder, failed.message()));
  }
  return names;
}

void Remove(const std::string& path) {
  const std::error_code failed = ErrorOf([&](std::error_code* error) { fs::remove(path, *error); });
  if (failed) {
    throw IoError(fmt::format("cannot delete {}: {}; delete it by hand", path, failed.message()));
  }
}

bool IsGone(const std::string& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() == fs::file_type::not_found;
}

// A search for the newest valid checkpoint, which may have to list the folder more than once.
struct NewestSearch {
  const DamageReport& on_damaged;
  const CheckpointCheck& check;
  std::set<std::string> damaged;  // paths that were told of

  // The first of the files that is valid. Where one was deleted since they were listed, sets
  // `is_outdated` unless it is null, and returns nothing: a newer file has come instead.
  std::optional<LoadedCheckpoint> FirstValid(const std::vector<CheckpointEntry>& entries,
                                             bool* is_outdated) {
    for (const CheckpointEntry& entry : entries) {
      if (damaged.contains(entry.path)) continue;
      try {
        LoadedCheckpoint loaded{entry, ReadCheckpoint(entry.path)};
        if (check) check(loaded);
        return loaded;
      } catch (const NewerFormatError&) {
        throw;
      } catch (const InputError& error) {
        if (is_outdated != nullptr && IsGone(entry.path)) {
          *is_outdated = true;
          return std::nullopt;
        }
        damaged.insert(entry.path);
        on_damaged(entry, error.what());
      }
    }
    return std::nullopt;
  }
};

// The name that a temporary file would have got: what follows ".tmp-<process>-<random>-<n>-"
// (base/own_file.h). Of other names, what follows ".tmp-".
std::string FinalNameOf(std::string_view temporary) {
  temporary.remove_prefix(std::string_view(".tmp-").size());
  std::string_view rest = temporary;
  for (int number = 0; number < 3; ++number) {
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0 || digits == rest.size() || rest[digits] != '-') return std::string(temporary);
    rest.remove_prefix(digits + 1);
  }
  return std::string(rest);
}

// Whether numbers stand in the name, by which a temporary file of this program is known: at least
// those of the process and of the file.
bool HasNumbers(std::string_view temporary) {
  temporary.remove_prefix(std::string_view(".tmp-").size());
  for (int number = 0; number < 2; ++number) {
    const std::size_t digits =
        std::min(temporary.find_first_not_of("0123456789"), temporary.size());
    if (digits == 0 || digits == temporary.size() || temporary[digits] != '-') return false;
    temporary.remove_prefix(digits + 1);
  }
  return !temporary.empty();
}

// Removes the temporary files whose names are wanted.
void RemoveWhere(const std::string& folder, FunctionRef<bool(const std::string&)> is_wanted,
                 FunctionRef<void()> before_delete) {
  std::vector<std::string> names = NamesIn(folder);
  std::erase_if(names, [&](const std::string& name) {
    std::error_code ignored;  // of a file that is gone
    return !name.starts_with(".tmp-") || !is_wanted(name) ||
           !fs::is_regular_file(fs::symlink_status(fs::path(folder) / name, ignored));
  });
  if (names.empty()) return;
  before_delete();
  for (const std::string& name : names) Remove((fs::path(folder) / name).string());
}

}  // namespace

void RequireNoLink(const std::string& folder) {
  std::error_code ignored;  // of what is not there
  if (!fs::is_symlink(fs::symlink_status(folder, ignored))) return;
  throw BadData(
      "{} is a symbolic link, which is not followed, because another run may write to where it "
      "leads; put the folder itself there, or the whole run where it shall lie",
      folder);
}

std::string CheckpointPath(const std::string& folder, Index step) {
  if (step < 0 || step > kMostStep)
    throw BadData("{}: step {} has no checkpoint; steps are 0 to {}", folder, step, kMostStep);
  return (fs::path(folder) / fmt::format("{}{:012}{}", kPrefix, step, kSuffix)).string();
}

std::vector<CheckpointEntry> ListCheckpoints(const std::string& folder) {
  RequireNoLink(folder);
  std::vector<CheckpointEntry> entries;
  for (const std::string& name : NamesIn(folder)) {
    if (const auto step = StepOf(name))
      entries.push_back({*step, (fs::path(folder) / name).string()});
  }
  std::ranges::sort(entries, std::greater<>(), &CheckpointEntry::step);
  return entries;
}

std::optional<LoadedCheckpoint> LoadNewestValid(const std::string& folder,
                                                const DamageReport& on_damaged,
                                                const CheckpointCheck& check) {
  constexpr int kMostLists = 10;
  NewestSearch search{on_damaged, check, {}};
  for (int list = 1;; ++list) {
    const std::vector<CheckpointEntry> entries = ListCheckpoints(folder);
    bool is_outdated = false;
    auto loaded = search.FirstValid(entries, list < kMostLists ? &is_outdated : nullptr);
    if (loaded || entries.empty()) return loaded;
    if (is_outdated) continue;
    throw BadData(
        "cannot resume from {}: all {} checkpoints in it are damaged; put a good copy there, or "
        "move the folder away to begin anew",
        folder, entries.size());
  }
}

std::string SetAside(const CheckpointEntry& damaged) {
  std::string aside = damaged.path + ".damaged";
  for (int i = 2; fs::exists(fs::symlink_status(aside)); ++i) {
    aside = fmt::format("{}.damaged-{}", damaged.path, i);
  }
  const std::error_code failed =
      ErrorOf([&](std::error_code* error) { fs::rename(damaged.path, aside, *error); });
  if (failed) {
    throw IoError(fmt::format("cannot rename {} to {}: {}", damaged.path, aside, failed.message()));
  }
  return aside;
}

void RemoveTemporaries(const std::string& folder, FunctionRef<void()> before_delete) {
  RemoveWhere(
      folder, [](const std::string& name) { return HasNumbers(name); }, before_delete);
}

void RemoveTemporariesOf(FunctionRef<bool(const std::string&)> is_own, const std::string& folder,
                         FunctionRef<void()> before_delete) {
  RemoveWhere(
      folder, [&](const std::string& temporary) { return is_own(FinalNameOf(temporary)); },
      before_delete);
}

void PruneCheckpoints(const std::string& folder, Index keep, Index keep_every,
                      const std::vector<Index>& protected_steps,
                      FunctionRef<void()> before_delete) {
  if (keep == 0) return;
  Index kept = 0;
  std::vector<std::string> outdated;
  for (const CheckpointEntry& entry : ListCheckpoints(folder)) {
    const bool is_protected = std::ranges::count(protected_steps, entry.step) > 0 ||
                              (keep_every > 0 && entry.step % keep_every == 0);
    if (kept++ < keep || is_protected) continue;
    if (fs::is_directory(fs::symlink_status(entry.path))) continue;  // not written by this program
    outdated.push_back(entry.path);
  }
  if (outdated.empty()) return;
  before_delete();
  for (const std::string& path : outdated) Remove(path);
}

}  // namespace lockstep
