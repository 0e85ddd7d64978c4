// Makes names of files from data, such as the ids of utterances. Ids come from other people's
// manifests: they may contain "/" or "..", begin with a dot or a dash, have any length, or differ
// only in ways that a file system ignores. The result is always a plain name without "/", so the
// file is in the intended folder.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace lockstep {

// The name of one id. If the id consists of ASCII letters and digits, '.', '_' and '-', and does
// not begin with '.' or '-', it is the name itself. Every other byte, such as '/', becomes %XX; an
// empty id becomes "%". The name has at most 100 bytes, which leaves room for an extension and a
// temporary name: a longer one is cut and ends with '~' and a hash of the id. The same id always
// gets the same name; different ids get different names, unless both are cut and their hashes
// agree.
std::string FileNameOf(const std::string& id);

// Names for many ids in one folder. Unlike those of FileNameOf, they differ even on a file system
// that does not distinguish capital and small letters, and if hashes agree: the name of a later id
// gets "~2", "~3" and so on at its end.
class FileNames {
 public:
  // The name of `id`; the same id always gets the same name.
  const std::string& Of(const std::string& id);

 private:
  std::map<std::string, std::string> names_;  // by id
  std::set<std::string> taken_;               // in small letters
};

// BadData if a path that was read from a file holds U+0000, which ends a name for the system: the
// rest of the name would be lost without a word.
void RefuseNul(std::string_view path);

}  // namespace lockstep
