// A disk with a cache that loses what was not synced, for replaying recorded storage calls up to a
// power cut. It promises as little as POSIX does:
//
//   - A write, truncation or new length lasts only once the file was synced; before, any sectors of
//     it may be there, be missing or hold garbage, in any order.
//   - A name that was given, taken or moved lasts only once its folder was synced; before, each
//   such
//     change may be there or not, whatever its order. (A rename is one change.)
//   - After a sync that failed, what was written before it is never promised any more.
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
  // `top` is a folder that lasts; all paths are below it.
  explicit LosingDisk(const std::string& top);

  void Apply(const RecordedCall& call);

  // What may be left on the disk if power fails now: bytes by path, folders with a '/' at the end.
  using Contents = std::map<std::string, std::string>;
  enum class Loss {
    kNothing,   // a killed program: all is there
    kUnsynced,  // all that was not synced is lost
    kNames,     // names are lost at random, no bytes
    kBytes,     // bytes are lost at random, no names: files that are empty, torn or full of zeros
    kAnything,  // both at random
  };
  Contents AfterPowerCut(Loss loss, std::mt19937* draw) const;

  // As the running program sees it.
  bool Exists(const std::string& path) const { return names_.contains(path); }
  std::string Read(const std::string& path) const;
  // The name, and all folders above it, outlast any power cut.
  bool NameLasts(const std::string& path) const;

 private:
  struct Change {
    long offset;
    bool truncates;
    std::string bytes;
    enum { kPending, kLost, kSynced } fate = kPending;  // lost: no sync can save it any more
  };
  struct File {
    bool is_folder = false;
    std::string synced;           // bytes that last
    std::vector<Change> changes;  // on top of them; synced ones only behind a lost one
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
  Names names_;                                             // now
  Names lasting_;                                           // as synced
  std::map<std::string, std::vector<NameChange>> pending_;  // by folder
  std::map<int, std::pair<FileRef, std::string>> open_;     // file and path by descriptor
};

}  // namespace lockstep
