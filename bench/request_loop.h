// The main loop of programs that comparisons in Python run in turns with other programs: requests
// come line by line, and each is answered by one line on stdout.
#pragma once

#include <fmt/format.h>

#include <iostream>
#include <string>

#include "base/error.h"

namespace lockstep {

// Answers the requests of `in` by server->Answer(line), up to its end or a line "end". An Error
// becomes the answer "error: ...". Every rank must read the same requests; only rank 0 prints.
template <typename Server>
void AnswerRequests(std::istream& in, int rank, Server* server) {
  for (std::string line; std::getline(in, line) && line != "end";) {
    std::string answer;
    try {
      answer = server->Answer(line);
    } catch (const Error& error) {
      answer = fmt::format("error: {}", error.what());
    }
    if (rank == 0) std::cout << answer << std::endl;
  }
}

}  // namespace lockstep
