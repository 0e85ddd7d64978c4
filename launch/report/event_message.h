// The message Event of TensorBoard (tensorflow/core/util/event.proto), as far as scalars need it.
// The numbers of the fields that are read, each of which may be missing:
//
//   Event       1 wall_time, 2 step, 5 summary, 7 session_log
//   Summary     1 value, repeated
//   Value       1 tag, and its number: 2 simple_value, or 8 tensor
//   Tensor      1 dtype, and one number: 4 tensor_content, 5 float_val or 6 double_val
//   SessionLog  1 status; START, which is 1, marks that a program begins again from the step
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace lockstep {

struct Scalar {
  std::string_view tag;  // part of the message
  double value = 0;      // may be NaN or infinite
};

struct Event {
  double seconds = 0;     // since 1970
  double step = 0;        // may be negative
  bool restarts = false;  // what was written of this step and of later ones is void
  std::vector<Scalar> scalars;
};

// Nothing if the text is no message of this form. Values that are no scalars, such as pictures, are
// passed over. The event refers to the text, which must live as long.
std::optional<Event> ParseEvent(std::string_view message);

}  // namespace lockstep
