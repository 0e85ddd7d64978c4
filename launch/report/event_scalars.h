// The scalars of event files as curves by their tags. A program that begins again from an earlier
// step writes the later ones once more: a restart takes back what was written of them.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "launch/report/event_message.h"
#include "launch/report/run_curves.h"

namespace lockstep {

struct EventScalars {
  std::map<std::string, Curve> by_tag;  // as written; steps need not ascend
  // Records that are passed over: their checksum is wrong, or they are no message of this form.
  Index unreadable_records = 0;
  Index left_out_values = 0;  // beyond 200 tags or 2 million values
  // Sentences for the user, each of which begins with the path of a file: up to which byte it was
  // read, if that is not its end, and how many values are left out because their tags are longer
  // than 200 bytes or their steps lie beyond +-10^15.
  std::vector<std::string> problems;
};

// Adds values to the curves of their tags, and takes them back.
class ScalarStore {
 public:
  // Goes on with the curves that `scalars` has; it must outlive the store.
  explicit ScalarStore(EventScalars* scalars);

  // False if there are too many tags or values.
  bool Add(const Event& event, const Scalar& scalar);

  // Takes back the values of `step` and of later steps. A file may hold as many restarts as values,
  // so a restart must not walk through all of them. Tags without such a value are passed over; of
  // a tag whose steps ascend, as programs write them, only the end is touched. Tags whose steps do
  // not ascend are walked through, so that many restarts that each void few of their values are
  // slow; a heap of the values by step would end that.
  void Forget(double step);

 private:
  static constexpr double kNoStep = -std::numeric_limits<double>::infinity();
  struct Tag {
    Curve* curve = nullptr;
    double largest_step = kNoStep;
    bool ascends = true;  // each step is at least the one before
  };

  static void FindOrder(Tag* tag);
  static std::size_t KeepBefore(double step, Curve* curve);
  void ForgetOf(double step, Tag* tag);

  EventScalars& scalars_;
  std::map<std::string, Tag, std::less<>> tags_;  // those of scalars_.by_tag
  double largest_step_ = kNoStep;                 // of all tags
  Index values_ = 0;                              // of all tags
};

}  // namespace lockstep
