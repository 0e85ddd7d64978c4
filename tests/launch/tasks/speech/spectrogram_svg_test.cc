#include "launch/tasks/speech/spectrogram_svg.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <limits>

#include "launch/output/png_image.h"
#include "launch/output/svg_text.h"
#include "tests/support/expect_error.h"
#include "tests/support/run_python.h"
#include "tests/worker/decode/frames.h"

namespace lockstep {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Index kBins = 40;
const std::vector<std::string> kNames = {"<blank>", "|", "a", "<", "&"};

// An utterance of random features and clear posteriors; what a case changes is public.
struct Utterance {
  explicit Utterance(const std::vector<Index>& path, Index feature_frames)
      : logits(PeakedLogits(path, 5, 0.9)),
        posteriors(logits, 5),
        features(RandomLogits(feature_frames, kBins, 1)) {}

  std::string Svg() const {
    SpectrogramPicture picture;
    picture.title = "utt <1> & more";
    picture.features = features;
    picture.bins = kBins;
    picture.feature_seconds = 0.01;
    picture.posteriors = &posteriors;
    picture.frame_seconds = 0.03;
    picture.labels = kNames;
    picture.words = words;
    return SpectrogramSvg(picture);
  }

  std::vector<float> logits;
  LogPosteriors posteriors;
  std::vector<float> features;
  std::vector<DecodedWord> words = {{"a<", 1, 3, 0.9}, {"&", 5, 5, 0.25}};
};

const std::vector<Index> kPath = {0, 2, 2, 3, 1, 4, 0, 0};

// "" when expat reads it as XML.
std::string XmlProblem(const std::string& svg) {
  const TempFolder folder;
  Spill(folder / "picture.svg", svg);
  const PythonResult result = RunPython(
      "import sys, xml.etree.ElementTree as tree\ntree.parse(sys.argv[1])", folder / "picture.svg");
  return result.exit_code == 0 ? "" : result.output;
}

TEST(SpectrogramSvg, IsXmlWithTitleAxesLegendAndWords) {
  const std::string svg = Utterance(kPath, 24).Svg();
  EXPECT_EQ(XmlProblem(svg), "");
  for (const char* text :
       {"utt &lt;1&gt; &amp; more", "mel bin", "log energy", "posterior", "time (s)", "blank",
        ">a&lt;</text>", ">0.25</text>", ">\u2423</text>"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
}

TEST(SpectrogramSvg, OneFrameIsEnough) {
  Utterance utterance({2}, 1);
  utterance.words.clear();
  EXPECT_EQ(XmlProblem(utterance.Svg()), "");
}

TEST(SpectrogramSvg, TenMinutesStayBelowAMegabyte) {
  std::vector<Index> path(20'000);
  for (std::size_t i = 0; i < path.size(); ++i) path[i] = static_cast<Index>(i * i % 5);
  Utterance utterance(path, 60'000);
  utterance.words.clear();
  for (Index t = 0; t < 19'990; t += 10) utterance.words.push_back({"word", t, t + 5, 0.5});
  const std::string svg = utterance.Svg();
  EXPECT_LT(svg.size(), 1'000'000u);
  EXPECT_THAT(svg, HasSubstr("(no room: "));
}

TEST(SpectrogramSvg, FeaturesThatAreNoNumbersOrAllAlikeAreDrawn) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), -0.5f, std::numeric_limits<float>::infinity()}) {
    Utterance utterance(kPath, 24);
    for (float& feature : utterance.features) feature = value;
    const std::string svg = utterance.Svg();
    EXPECT_EQ(XmlProblem(svg), "");
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
  }
}

TEST(SpectrogramSvg, AnUtteranceWithoutFramesIsRefused) {
  ExpectError(ExitCode::kUsage, "no frames to draw", [] { Utterance(kPath, 0).Svg(); });
  ExpectError(ExitCode::kUsage, "no frames to draw", [] { Utterance({}, 10).Svg(); });
}

TEST(PngImage, HoldsItsPixels) {
  const std::vector<std::uint8_t> pixels = {0, 1, 2, 253, 254, 255};
  const std::string png = EncodePng(pixels, 3, ViridisPalette());
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(png.substr(16, 8), std::string("\0\0\0\3\0\0\0\2", 8));
  const std::size_t data = png.find("IDAT") + 4;
  std::string rows(8, '\0');
  uLongf size = rows.size();
  ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(rows.data()), &size,
                       reinterpret_cast<const Bytef*>(png.data() + data), png.size() - data),
            Z_OK);
  EXPECT_EQ(rows, std::string("\0\0\1\2\0\xfd\xfe\xff", 8));
}

TEST(PngImage, BrightnessRisesWithTheValue) {
  const Palette palette = ViridisPalette();
  const auto luma = [&](std::size_t i) {
    return 0.3 * palette[i].red + 0.59 * palette[i].green + 0.11 * palette[i].blue;
  };
  for (std::size_t i = 1; i < palette.size(); ++i) EXPECT_GE(luma(i), luma(i - 1) - 0.6) << i;
  EXPECT_EQ(palette[255].green, 231);
}

// RFC 4648, section 10.
TEST(PngImage, Base64IsThatOfTheStandard) {
  EXPECT_EQ(EncodeBase64(""), "");
  EXPECT_EQ(EncodeBase64("f"), "Zg==");
  EXPECT_EQ(EncodeBase64("fo"), "Zm8=");
  EXPECT_EQ(EncodeBase64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(EncodeBase64("\xff\xef\xbe"), "/+++");
}

TEST(SvgText, EscapesWhatXmlCannotHold) {
  EXPECT_EQ(XmlText("a<b>&\"\u00fc\u2423"), "a&lt;b&gt;&amp;&quot;\u00fc\u2423");
  EXPECT_EQ(XmlText(std::string_view("\0\x1b\xff\xc3", 4)), "????");
}

TEST(SvgText, TicksAreRoundNumbers) {
  EXPECT_DOUBLE_EQ(TickStep(3.2, 10), 0.5);
  EXPECT_DOUBLE_EQ(TickStep(10, 10), 1);
  EXPECT_DOUBLE_EQ(TickStep(80, 6), 20);
  EXPECT_DOUBLE_EQ(TickStep(0.03, 12), 0.005);
}

}  // namespace
}  // namespace lockstep
