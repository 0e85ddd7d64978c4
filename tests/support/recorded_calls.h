// Reads the storage calls of a program, as storage_faults.c records them (FAULTS_RECORD).
#pragma once

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace lockstep {

struct RecordedCall {
  std::string operation;  // start open write truncate fsync lost close link rename unlink mkdir say
  int fd = -1;
  bool creates = false, empties = false;  // open
  long offset = 0;                        // of a write; for a truncate, the new size
  std::string path, to;                   // `to` is the new name of a link or rename
  std::string bytes;                      // the bytes of a write, or the text of a say
};

// Returns all calls of all starts of the program, in order. If a kill has cut the record, the last,
// incomplete call is left out.
inline std::vector<RecordedCall> ReadRecordedCalls(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot open " + file);
  std::vector<RecordedCall> calls;
  for (std::string line; std::getline(in, line);) {
    RecordedCall call;
    std::istringstream words(line);
    std::size_t size = 0;
    words >> call.operation;
    const std::string& name = call.operation;
    if (name == "open") words >> call.fd >> call.creates >> call.empties >> call.path;
    if (name == "write") words >> call.fd >> call.offset >> size;
    if (name == "truncate") words >> call.fd >> call.offset;
    if (name == "fsync" || name == "lost" || name == "close") words >> call.fd;
    if (name == "link" || name == "rename") words >> call.path >> call.to;
    if (name == "unlink" || name == "mkdir") words >> call.path;
    if (name == "say") words >> size;
    if (!words) throw std::runtime_error(file + ": cannot read \"" + line + "\"");
    call.bytes.resize(size);
    if (!in.read(call.bytes.data(), static_cast<std::streamsize>(size))) break;
    calls.push_back(std::move(call));
  }
  return calls;
}

}  // namespace lockstep
