// Readers of files that users bring along, one for each name in kReaders. LOCKSTEP_FUZZ_READER
// names the one that is tried, so that one program serves all: most of its size is the same.
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/durable_file.h"
#include "base/hash.h"
#include "base/text_decoder.h"
#include "checkpoint/checkpoint_file.h"
#include "checkpoint/safetensors.h"
#include "data/arrays/delimited_rows.h"
#include "data/arrays/number_array.h"
#include "data/corpus/shard_format.h"
#include "data/dna/fasta.h"
#include "data/dna/gff3.h"
#include "data/speech/features/kaldi_ark.h"
#include "data/speech/features/mfc_file.h"
#include "data/speech/manifests/manifest_formats.h"
#include "data/text/labelled_formats.h"
#include "data/text/unit_list.h"
#include "data/text/vocabulary.h"
#include "launch/config/config.h"
#include "tests/fuzz/fuzz_target.h"
#include "trainer/save/training_state.h"
#include "worker/decode/arpa_file.h"
#include "worker/decode/word_list.h"

namespace lockstep {
namespace {

void ReadFasta(const std::string& path) {
  FastaReader reader(path);
  Index bases = 0;
  for (FastaPiece piece; reader.Next(&piece);) {
    LOCKSTEP_CHECK(!piece.codes.empty());
    for (const std::uint8_t code : piece.codes) LOCKSTEP_CHECK(code <= kBaseN);
    bases += std::ssize(piece.codes);
  }
  LOCKSTEP_CHECK(bases >= 0);
}

void ReadGff3(const std::string& path) {
  Gff3Reader reader(path);
  for (Gff3Row row; reader.Next(&row);) {
    LOCKSTEP_CHECK(1 <= row.start && row.start <= row.end && row.phase >= -1 && row.phase <= 2);
    AttributeOf(row, "ID");
    SaysCircular(row);
  }
}

// With the hash that belongs to what is there: nothing else would be looked at.
void ReadCorpusIndex(const std::string& path) {
  std::string text = ReadTextFile(path);
  auto document = nlohmann::json::parse(text, nullptr, false);
  if (document.is_object()) {
    document.erase("hash");
    try {
      document["hash"] = Hash128Hex(document.dump());
      text = document.dump();
    } catch (const nlohmann::json::exception&) {  // a text that is no UTF-8 cannot be written
    }
  }
  CorpusFromJson(text, "input");
}

// What was read and written is the same text when it is read and written again.
void ReadState(const std::string& path) {
  const TrainingState state = StateFromJson(ReadTextFile(path), "input");
  const std::string text = StateToJson(state);
  LOCKSTEP_CHECK(StateToJson(StateFromJson(text, "written")) == text);
}

void ReadConfig(const std::string& path) {
  Config config;
  config.ReadFile(path);
  config.Finish();
}

void ReadAnyCheckpoint(const std::string& path) { ReadCheckpoint(path); }

// Every tensor that is a list of floats is as long as its shape says.
void ReadAnySafetensors(const std::string& path) {
  const SafetensorsFile file = SafetensorsFile::Open(path);
  for (const auto& entry : file.tensors()) {
    ReadOrRefuse(
        [&] { LOCKSTEP_CHECK_EQ(std::ssize(file.ReadFloats(entry.first)), entry.second.count()); });
  }
}

void ReadAnyArpa(const std::string& path) { ReadArpa(path); }

void ReadWordList(const std::string& path) {
  static const std::vector<std::string> labels = {"<blank>", "<space>", "a", "b", "c", "ab"};
  WordList::Read(path, labels);
}

void ReadUnits(const std::string& path) { ReadUnitList(UnitKind::kLetters, path); }

void ReadVocabulary(const std::string& path) { VocabularyFromFile(path, {}); }

template <const char* const& format>
void ReadManifest(const std::string& path) {
  ManifestSpec spec;
  spec.path = path;
  spec.format = format;
  const auto reader = OpenManifest(spec);
  for (Utterance utterance; reader->Next(&utterance);) {
  }
  reader->Remarks();
}
constexpr const char* kJsonl = "jsonl";
constexpr const char* kTsv = "tsv";

void ReadArk(const std::string& path) {
  const FeatureMatrix matrix = ReadKaldiMatrix(path, 0);
  LOCKSTEP_CHECK(std::ssize(matrix.values) >= 0);
}

void ReadMfc(const std::string& path) { ReadMfcFile(path, 13); }

void ReadNumbers(const std::string& path) {
  const NumberArray array = OpenNumberArray(path, "");
  array.ReadAll();
}

void ReadNpz(const std::string& path) { OpenNumberArray(path, "x").ReadAll(); }

void ReadTable(const std::string& path) {
  DelimitedRows rows(path, kUtf8, DetectDelimiter(path, kUtf8));
  for (std::vector<std::string_view> cells; rows.Next(&cells);) LOCKSTEP_CHECK(!cells.empty());
}

template <const char* const& format>
void ReadLabelled(const std::string& path) {
  LabelledLinesOptions options;
  options.format = format;
  const auto lines = OpenLabelledLines({path}, options);
  for (LabelledText row; lines->Next(&row);) LOCKSTEP_CHECK(row.line > 0);
}

struct Reader {
  std::string_view name;
  void (*read)(const std::string& path);
};
constexpr std::array kReaders = {Reader{"fasta", ReadFasta},
                                 Reader{"gff3", ReadGff3},
                                 Reader{"corpus", ReadCorpusIndex},
                                 Reader{"state", ReadState},
                                 Reader{"checkpoint", ReadAnyCheckpoint},
                                 Reader{"config", ReadConfig},
                                 Reader{"safetensors", ReadAnySafetensors},
                                 Reader{"arpa", ReadAnyArpa},
                                 Reader{"words", ReadWordList},
                                 Reader{"units", ReadUnits},
                                 Reader{"vocabulary", ReadVocabulary},
                                 Reader{"jsonl", ReadManifest<kJsonl>},
                                 Reader{"tsv", ReadManifest<kTsv>},
                                 Reader{"ark", ReadArk},
                                 Reader{"mfc", ReadMfc},
                                 Reader{"npy", ReadNumbers},
                                 Reader{"npz", ReadNpz},
                                 Reader{"table", ReadTable},
                                 Reader{"labelled_json", ReadLabelled<kJsonl>},
                                 Reader{"labelled_tsv", ReadLabelled<kTsv>}};

const Reader& ChosenReader() {
  const char* const name = std::getenv("LOCKSTEP_FUZZ_READER");
  for (const Reader& reader : kReaders) {
    if (name != nullptr && reader.name == name) return reader;
  }
  throw UsageError("LOCKSTEP_FUZZ_READER must name a reader, one of kReaders");
}

}  // namespace
}  // namespace lockstep

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  using namespace lockstep;
  static MemoryFile file;
  static const Reader& reader = ChosenReader();
  file.Set({bytes, count});
  ReadOrRefuse([&] { reader.read(file.path()); });
  return 0;
}
