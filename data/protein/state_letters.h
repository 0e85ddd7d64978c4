// The letters of secondary-structure states. DSSP (Kabsch & Sander 1983) has eight: H alpha helix,
// G 3-10 helix, I pi helix, E strand, B bridge, T turn, S bend, and coil, written C, L, '-', '_' or
// '~'; DSSP 4 adds P (poly-proline II helix). Files with three states use H, E and C, or h, e
// and '_'.
#pragma once

#include <string_view>

namespace lockstep {

// What stands for a residue whose state is not known: its target is ignored.
inline constexpr char kUnknownState = '?';
// The three states, in the order of their ids.
inline constexpr std::string_view kThreeStates = "HEC";

// The usual three states of the eight: H G I -> H, E B -> E, all others -> C; lower case means the
// same. 0 for a letter that is no state of DSSP.
char ThreeStateOf(char letter);

}  // namespace lockstep
