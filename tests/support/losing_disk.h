// Simulates a disk with a cache that loses what was not synced, to replay recorded storage calls up
// to a power cut. It guarantees no more than POSIX does:
//
//   - A write, truncation or new length is durable only after the file was synced. Before that,
//     each of its sectors may exist, be missing or hold garbage, in any order.
//   - A new, removed or changed name is durable only after its folder was synced. Before that, each
//     such change may have happened or not, in any order. (A rename is a single change.)
//   - If a sync fails, everything written before it is never guaranteed any more.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/support/recorded_calls.h"

namespace lockstep {

class LosingDisk {
 public:
  // `top` is a durable folder; all paths are below it.
  explicit LosingDisk(const std::string& top);

  void Apply(const RecordedCall& call);

  // A possible contents of the disk if power fails now: bytes by path; paths of folders end with
  // '/'.
  using Contents = std::map<std::string, std::string>;
  enum class Loss {
    kNothing,   // nothing is lost, as if the program was killed
    kUnsynced,  // everything that was not synced is lost
    kNames,     // changes of names are lost at random, but no bytes
    kBytes,     // bytes are lost at random, but no names: files are empty, torn or full of zeros
    kAnything,  // names and bytes are lost at random
  };
  Contents AfterPowerCut(Loss loss, std::mt19937* draw) const;

  // What the running program sees.
  bool Exists(const std::string& path) const { return names_.contains(path); }
  std::string Read(const std::string& path) const;
  // True if the name, and those of all folders above it, survive any power cut.
  bool NameLasts(const std::string& path) const;

 private:
  struct Change {
    long offset;
    bool truncates;
    std::string bytes;
    // kLost: a sync has failed since, so that no later sync makes it durable.
    enum { kPending, kLost, kSynced } fate = kPending;
  };
  struct File {
    bool is_folder = false;
    std::string synced;           // the durable bytes
    std::vector<Change> changes;  // later changes; synced ones only after a lost one
  };
  using FileRef = std::shared_ptr<File>;
  struct NameChange {
    std::string removed, added;  // either may be empty
    FileRef file;                // of `added`
  };
  using Names = std::map<std::string, FileRef>;

  void Open(const RecordedCall& call);
  void SyncFile(File* file);
  void SyncFolder(const std::string& folder);
  void ChangeName(const std::string& folder, NameChange change);
  enum class Kept { kAll, kSynced, kByChance };
  static std::string BytesAfter(const File& file, Kept kept, std::mt19937* draw);

  std::string top_;
  Names names_;                                             // what the program sees now
  Names lasting_;                                           // the durable names
  std::map<std::string, std::vector<NameChange>> pending_;  // by folder
  std::map<int, std::pair<FileRef, std::string>> open_;     // file and path by descriptor
};

}  // namespace lockstep
