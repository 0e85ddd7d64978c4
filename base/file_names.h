// Names of files that are made from data, such as the ids of utterances. Ids come from manifests of
// other people: they may hold "/" or "..", begin with a dot or a dash, be of any length, or differ
// only in ways that a file system does not see. What comes out is always one plain name, so a file
// called by it lies in the folder it was meant for.
#pragma once

#include <map>
#include <set>
#include <string>

namespace lockstep {

// The id itself where it consists of letters and digits of ASCII, '.', '_' and '-', and begins with
// neither '.' nor '-'. Every other byte, such as '/', is written as %XX, an empty id as "%". The
// name has at most 100 bytes, which leaves room for an extension and a temporary name: a longer one
// is cut, and ends with '~' and a hash of the id. The same id always gets the same name; two ids
// get different ones, except for ids whose hashes agree.
std::string FileNameOf(const std::string& id);

// Names for many ids in one folder. Other than those of FileNameOf they also differ where the file
// system takes capital and small letters for the same, and where hashes agree: the name of an id
// that comes later gets "~2", "~3" and so on at its end.
class FileNames {
 public:
  // The same for the same id.
  const std::string& Of(const std::string& id);

 private:
  std::map<std::string, std::string> names_;  // by id
  std::set<std::string> taken_;               // in small letters
};

}  // namespace lockstep
