// The name of this machine, for messages.
#pragma once

#include <string>

namespace lockstep {

std::string HostName();

}  // namespace lockstep
