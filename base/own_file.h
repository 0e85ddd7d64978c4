// Opens files that the program itself makes in a folder, such as RUN/log.txt, and whose names the
// user does not give. Another user with the right to write to the folder could put a symbolic link
// in the place of such a file, so that the target of the link would be overwritten. Therefore these
// functions do not follow links. They are not meant for files that the user names, such as --out
// FILE.
#pragma once

#include <string>

namespace lockstep {

// A name in the folder of `path` for a temporary file, which must be created with O_EXCL:
// ".tmp-<process>-<random>-<n>-<name>". Processes on two hosts may have the same process number and
// the same counter n, so each name has 64 random bits; they also make it impossible to guess. A
// long `name` is cut at its front.
std::string TemporaryPath(const std::string& path);

// Opens `path` for writing and returns the descriptor. `flags` are those of open(2); O_NOFOLLOW,
// O_NONBLOCK and O_CLOEXEC are added. A file that is created gets the mode 0666 without the bits of
// the umask. IoError (kCannotCreate) if it cannot be opened, or is not a regular file but a
// symbolic link (also one without a target), a folder, a named pipe or a device. The message says
// what to do about it.
int OpenOwnFile(const std::string& path, int flags);

// Creates an empty file with a name from TemporaryPath and returns the name. IoError
// (kCannotCreate) if that fails.
std::string CreateTemporary(const std::string& path);

}  // namespace lockstep
