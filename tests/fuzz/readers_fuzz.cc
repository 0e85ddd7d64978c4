// Readers of files that users bring along, one for each name in kReaders. LOCKSTEP_FUZZ_READER
// names the one that is tried, so that one program serves all: most of its size is the same.
#include <algorithm>
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
#include "data/protein/letter_fasta.h"
#include "data/protein/residue_columns.h"
#include "data/speech/features/kaldi_ark.h"
#include "data/speech/features/mfc_file.h"
#include "data/speech/manifests/manifest_formats.h"
#include "data/speech/sound/audio_file.h"
#include "data/speech/sound/pcm_stream.h"
#include "data/tagging/tagged_sentences.h"
#include "data/text/label_first.h"
#include "data/text/labelled_formats.h"
#include "data/text/text_pieces.h"
#include "data/text/unit_list.h"
#include "data/text/vocabulary.h"
#include "data/text/word_vectors.h"
#include "launch/config/config.h"
#include "launch/report/event_file.h"
#include "tests/fuzz/fuzz_target.h"
#include "trainer/report/event_records.h"
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

// What is written of a configuration is read as the same one.
void ReadConfig(const std::string& path) {
  Config config;
  config.ReadFile(path);
  config.Finish();
  const std::string text = config.ToToml();
  MemoryFile written;
  written.Set({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  Config again;
  again.ReadFile(written.path());
  again.Finish();
  LOCKSTEP_CHECK(again.Values() == config.Values());
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

void ReadEventFile(const std::string& path) {
  EventScalars scalars;
  AddEventFile(path, &scalars);
  // The same bytes as a record whose checksums are right, which no search would find.
  static MemoryFile file;
  const std::string message = ReadTextFile(path);
  std::string record;
  const auto append = [&](std::uint64_t number, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) record += static_cast<char>(number >> (8 * i) & 0xFF);
  };
  append(message.size(), 8);
  append(MaskedCrc32c(record), 4);
  record += message;
  append(MaskedCrc32c(message), 4);
  file.Set({reinterpret_cast<const std::uint8_t*>(record.data()), record.size()});
  AddEventFile(file.path(), &scalars);
  for (const auto& [tag, curve] : scalars.by_tag) {
    LOCKSTEP_CHECK(curve.steps.size() == curve.values.size());
    LOCKSTEP_CHECK(curve.steps.size() == curve.seconds.size());
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
  // A file that cannot be unpacked is a bad row before its first line.
  for (LabelledText row; lines->Next(&row);) LOCKSTEP_CHECK(row.line > 0 || !row.problem.empty());
}

constexpr const char* kCsv = "csv";

template <const char* const& format>
void ReadTagged(const std::string& path) {
  const auto sentences = OpenTaggedSentences(path, {.format = format});
  for (TaggedSentence sentence; sentences->Next(&sentence);) {
    LOCKSTEP_CHECK(!sentence.tokens.empty() || !sentence.problems.empty());
    if (sentence.problems.empty()) LOCKSTEP_CHECK_EQ(sentence.tokens.size(), sentence.tags.size());
  }
}
constexpr const char* kColumns = "columns";

void ReadVectors(const std::string& path) {
  constexpr Index kWidth = 3;
  ReadWordVectors(path, kWidth, [&](std::string_view word, std::span<const float> values) {
    LOCKSTEP_CHECK(word.size() <= kLongestVectorWord && std::ssize(values) == kWidth);
  });
}

void ReadProteins(const std::string& path) {
  LetterFasta reader(path);
  for (LetterRecord record; reader.Next(&record);) LOCKSTEP_CHECK(!record.letters.empty());
}

void ReadResidues(const std::string& path) {
  ResidueColumns reader(path);
  for (ColumnChain chain; reader.Next(&chain);)
    LOCKSTEP_CHECK_EQ(chain.residues.size(), chain.labels.size());
}

void ReadPiecesAs(const std::string& path, PieceCut cut, const std::string& encoding) {
  ReadOrRefuse([&] {
    TextPieces pieces(path, cut, encoding);
    for (TextPieces::Piece piece; pieces.Next(&piece);)
      LOCKSTEP_CHECK(piece.text.size() <= TextPieces::kMostBytes);
  });
}

void ReadPieces(const std::string& path) {
  for (const PieceCut cut : {PieceCut::kWords, PieceCut::kCharacters, PieceCut::kBytes}) {
    for (const char* const encoding : {"UTF-8", "ISO-8859-1", "UTF-16"})
      ReadPiecesAs(path, cut, encoding);
  }
}

// All of it, its second half, and again its beginning, which a compressed file is decoded for anew.
void ReadSound(const std::string& path) {
  for (const int channel : {AudioFile::kMixedChannels, AudioFile::kOnlyChannel, 1}) {
    ReadOrRefuse([&] {
      AudioFile file(path, channel);
      const Index frames = file.info().frames;
      LOCKSTEP_CHECK(std::ssize(file.ReadRest()) <= frames);
      for (const Index begin : {frames / 2, Index{0}}) {
        file.SetRange(begin, frames);
        file.ReadRest();
      }
      file.SetRange(0, frames + 1);
    });
  }
}

// With each separator, and as a file of one class.
void ReadLabelFirst(const std::string& path) {
  const auto read = [](const std::unique_ptr<LabelledLines>& lines) {
    for (LabelledText row; lines->Next(&row);) LOCKSTEP_CHECK(row.line > 0 || !row.problem.empty());
  };
  for (const char* const separator : {"blank", "tab", "comma"}) {
    LabelledLinesOptions options;
    options.label_separator = separator;
    ReadOrRefuse([&] { read(OpenLabelFirst(path, options)); });
  }
  ReadOrRefuse([&] { read(OpenClassFile({.path = path, .label = "a"}, kUtf8)); });
}

// However the bytes are cut, the samples are the same.
void ReadStream(const std::string& path) {
  const std::string bytes = ReadTextFile(path);
  const auto samples_of = [&](std::size_t part) {
    std::vector<float> samples;
    PcmStream stream("input", {.sample_rate = 16000});
    for (std::size_t at = 0; at < bytes.size(); at += part)
      stream.Add(std::span(bytes).subspan(at, std::min(part, bytes.size() - at)), &samples);
    stream.Finish(&samples);
    return samples;
  };
  LOCKSTEP_CHECK(samples_of(7) == samples_of(4096));
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
                                 Reader{"events", ReadEventFile},
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
                                 Reader{"labelled_tsv", ReadLabelled<kTsv>},
                                 Reader{"labelled_csv", ReadLabelled<kCsv>},
                                 Reader{"label_first", ReadLabelFirst},
                                 Reader{"tagged_columns", ReadTagged<kColumns>},
                                 Reader{"tagged_json", ReadTagged<kJsonl>},
                                 Reader{"word_vectors", ReadVectors},
                                 Reader{"proteins", ReadProteins},
                                 Reader{"residues", ReadResidues},
                                 Reader{"pieces", ReadPieces},
                                 Reader{"sound", ReadSound},
                                 Reader{"stream", ReadStream}};

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
