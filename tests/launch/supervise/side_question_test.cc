#include "launch/supervise/side_question.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>

#include "base/phase_timer.h"

namespace lockstep {
namespace {

constexpr double kPatience = 30;  // seconds, for a busy machine

TEST(SideQuestion, AnswersYesAndNo) {
  SideQuestion yes([] { return true; });
  yes.Ask();
  EXPECT_EQ(yes.AnswerWithin(kPatience), true);
  SideQuestion no([] { return false; });
  no.Ask();
  EXPECT_EQ(no.AnswerWithin(kPatience), false);
}

TEST(SideQuestion, NothingThatWasNotAskedIsAnswered) {
  SideQuestion question([] { return true; });
  EXPECT_EQ(question.Answer(), std::nullopt);
  question.Ask();
  EXPECT_EQ(question.AnswerWithin(kPatience), true);
  EXPECT_EQ(question.Answer(), std::nullopt);  // once
}

TEST(SideQuestion, AnErrorIsNoAnswerAndItMayBeAskedAgain) {
  bool fails = true;
  SideQuestion question([&]() -> bool {
    if (fails) throw std::runtime_error("a disk");
    return true;
  });
  question.Ask();
  EXPECT_EQ(question.AnswerWithin(kPatience), std::nullopt);
  fails = false;
  question.Ask();
  EXPECT_EQ(question.AnswerWithin(kPatience), true);
}

TEST(SideQuestion, ADiskThatDoesNotAnswerHoldsNobody) {
  const double start = Seconds();
  {
    SideQuestion question([]() -> bool {
      while (true) ::pause();
    });
    question.Ask();
    question.Ask();  // one process, not two
    EXPECT_EQ(question.Answer(), std::nullopt);
    EXPECT_EQ(question.AnswerWithin(0.1), std::nullopt);
  }
  EXPECT_LT(Seconds() - start, kPatience);
}

}  // namespace
}  // namespace lockstep
