// Names of sequences in GFF3.
#pragma once

#include <string>

namespace lockstep {

// The name with %XX for every byte that GFF3 does not allow in a seqid.
std::string EscapeSeqid(const std::string& name);

}  // namespace lockstep
