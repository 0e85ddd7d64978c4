// Opens files that somebody else may have made: corpora, manifests, checkpoints, configurations.
// Only regular files are read: a named pipe would keep the program waiting for a writer, and a
// device may never end. Standard input is read only where the user asks for it.
#pragma once

#include <cstddef>
#include <string>

namespace lockstep {

// Opens a regular file for reading, and returns its descriptor; never waits. Symbolic links are
// followed, because users link corpora. MissingInput if the file does not exist, BadData if it is
// no regular file, IoError if it cannot be opened.
int OpenInput(const std::string& path);

// The first `count` bytes of a file, or all if it has fewer. Errors are those of OpenInput.
std::string FirstBytes(const std::string& path, std::size_t count);

// For readers that open the file themselves, with a library: the errors of OpenInput.
void RequireRegularFile(const std::string& path);

}  // namespace lockstep
