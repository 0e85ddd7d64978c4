// Writes files such that they exist whole or not at all, even after a kill or a power cut: create a
// temporary file, write, fsync, close, rename without replacing, fsync the folder. A file counts as
// saved only when the call has returned. Temporary names begin with ".tmp-".
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "base/types.h"

namespace lockstep {

// Writes the pieces one after another as the new file `path`. IoError (with path, errno text and
// bytes) if anything fails, and if `path` exists already. After an error of writing, `path` does
// not exist (unless a power cut brings it back, whole), and at worst a temporary file remains.
void WriteDurably(const std::string& path, std::span<const std::span<const std::byte>> pieces);
// The same, but calls `before_commit` when the file is complete on the disk and lacks only its
// name; `before_commit` may throw to refuse it.
void WriteDurably(const std::string& path, std::span<const std::span<const std::byte>> pieces,
                  FunctionRef<void()> before_commit);
void WriteDurably(const std::string& path, const std::string& text);

// The same, but if `path` exists, it is replaced in one step. After an error it holds either the
// old contents or the new ones.
void ReplaceDurably(const std::string& path, std::span<const std::span<const std::byte>> pieces,
                    FunctionRef<void()> before_commit);
void ReplaceDurably(const std::string& path, const std::string& text);
void ReplaceDurably(const std::string& path, const std::string& text,
                    FunctionRef<void()> before_commit);

// Replaces the file by a copy of its first `bytes` bytes; it must have at least that many. A
// process that has the old file open then writes to a file without a name. If there is no file,
// makes an empty one. `before_commit` as in WriteDurably.
void CutToCopy(const std::string& path, Index bytes, FunctionRef<void()> before_commit);

// Gives a closed file its final name: fsync, rename without replacing, fsync of the folder. After
// an error, `path` does not exist.
void PublishFile(const std::string& temporary_path, const std::string& path);

// Deletes a file durably. It is no error if the file does not exist.
void RemoveDurably(const std::string& path);

// Makes the creations, renamings and deletions in the folder durable. IoError if that fails.
void SyncFolder(const std::string& folder);

// Makes the folder, and the folders above it, if they do not exist. Afterwards its name is durable,
// and so are the names of folders above it that were made by this call.
void MakeFolder(const std::string& path);

// Reads a whole file. MissingInput if it does not exist, BadData if it is not a regular file,
// IoError if it cannot be read after several tries.
std::vector<std::byte> ReadBytes(const std::string& path);
std::string ReadTextFile(const std::string& path);

}  // namespace lockstep
