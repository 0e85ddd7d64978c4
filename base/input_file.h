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

// For the file `name` of a folder that may come from elsewhere as a whole, such as a corpus:
// BadData if it is a symbolic link that leads out of the folder. Whoever packed the folder could
// else make the program read any file of its user. (Checkpoints may be links, as to another disk:
// of a file that is none, nothing but its size is told.)
void RefuseLinkOutside(const std::string& folder, const std::string& name);

// The first `count` bytes of a file, or all if it has fewer. Errors are those of OpenInput.
std::string FirstBytes(const std::string& path, std::size_t count);

// For readers that open the file themselves, with a library: the errors of OpenInput.
void RequireRegularFile(const std::string& path);

}  // namespace lockstep
