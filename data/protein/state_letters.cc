#include "data/protein/state_letters.h"

namespace lockstep {

char ThreeStateOf(char letter) {
  const char upper =
      letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  const auto is_one_of = [upper](std::string_view letters) {
    return letters.find(upper) != std::string_view::npos;
  };
  if (is_one_of("HGI")) return 'H';
  if (is_one_of("EB")) return 'E';
  return is_one_of("CLTSP-_~") ? 'C' : '\0';
}

}  // namespace lockstep
