// Files that the program makes and keeps by itself in a folder, such as RUN/log.txt, which nobody
// names on the command line. Whoever else may write to the folder could put a symbolic link in the
// place of such a file, and what the link leads to would be overwritten or appended to. So no link
// is followed here. Files that the user names, such as --out FILE, are not opened by these.
#pragma once

#include <string>

namespace lockstep {

// A name beside `path` for a file to be created with O_EXCL: ".tmp-<process>-<random>-<n>-<name>".
// Processes of two hosts may have one number and count alike, so each name has 64 random bits; they
// also keep others from being there first. A long `name` is cut at its front.
std::string TemporaryPath(const std::string& path);

// Opens `path` for writing and gives the descriptor. `flags` are those of open(2); O_NOFOLLOW,
// O_NONBLOCK and O_CLOEXEC are added. A file that is created gets the mode 0644. IoError (cannot
// create) when it cannot be opened, and for anything but a regular file: a symbolic link, also one
// that leads nowhere, a folder, a named pipe, a device; the message says what to do about it.
int OpenOwnFile(const std::string& path, int flags);

// Creates an empty file with a name by TemporaryPath and gives the name. IoError (cannot create).
std::string CreateTemporary(const std::string& path);

}  // namespace lockstep
