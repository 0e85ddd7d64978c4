#include <algorithm>
#include <array>

#include "base/durable_file.h"
#include "base/text_decoder.h"
#include "data/arrays/delimited_rows.h"
#include "data/arrays/number_array.h"
#include "data/dna/fasta.h"
#include "data/dna/gff3.h"
#include "data/protein/letter_fasta.h"
#include "data/protein/residue_columns.h"
#include "data/speech/features/kaldi_ark.h"
#include "data/speech/features/mfc_file.h"
#include "data/speech/manifests/manifest_formats.h"
#include "data/speech/sound/audio_file.h"
#include "data/speech/sound/pcm_stream.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/readers.h"

namespace lockstep {
namespace {

void ReadFasta(const std::string& path) {
  FastaReader reader(path);
  RecordNames names;
  for (FastaPiece piece; reader.Next(&piece);) {
    LOCKSTEP_CHECK(!piece.codes.empty() && !reader.record_name().empty());
    for (const std::uint8_t code : piece.codes) LOCKSTEP_CHECK(code <= kBaseN);
    LOCKSTEP_CHECK(reader.share_read() >= 0 && reader.header_line() > 0);
    if (piece.begins_record) names.Add("input", reader);
    for (const char letter : reader.description()) BaseCodeOf(letter);
  }
}

void ReadGff3(const std::string& path) {
  Gff3Reader reader(path);
  for (Gff3Row row; reader.Next(&row);) {
    LOCKSTEP_CHECK(1 <= row.start && row.start <= row.end && row.phase >= -1 && row.phase <= 2);
    for (const char* const name : {"ID", "Parent", "transcript_id", ""}) AttributeOf(row, name);
    SaysCircular(row);
    HasGtfAttributes(row);
    IsCdsType(row.type);
  }
  for (const SequenceRegion& region : reader.regions()) LOCKSTEP_CHECK(region.line > 0);
}

// With transcripts, and as a list of recordings that are to be transcribed.
template <const char* const& format>
void ReadManifest(const std::string& path) {
  for (const bool needs_transcripts : {true, false}) {
    ReadOrRefuse([&] {
      ManifestSpec spec;
      spec.path = path;
      spec.format = format;
      spec.needs_transcripts = needs_transcripts;
      const auto reader = OpenManifest(spec);
      for (Utterance utterance; reader->Next(&utterance);)
        LOCKSTEP_CHECK(!utterance.id.empty() || !utterance.problem.empty());
      reader->Remarks();
      reader->Notes();
    });
  }
}
constexpr const char* kJsonl = "jsonl";
constexpr const char* kTsv = "tsv";

void ReadArk(const std::string& path) {
  const FeatureMatrix matrix = ReadKaldiMatrix(path, 0);
  const MatrixShape shape = KaldiMatrixShape(path, 0);
  LOCKSTEP_CHECK_EQ(std::ssize(matrix.values), shape.rows * shape.columns);
}

void ReadMfc(const std::string& path) {
  constexpr Index kColumns = 13;
  const FeatureMatrix matrix = ReadMfcFile(path, kColumns);
  LOCKSTEP_CHECK_EQ(std::ssize(matrix.values), MfcShape(path, kColumns).rows * kColumns);
}

void ReadNumbers(const std::string& path) {
  const NumberArray array = OpenNumberArray(path, "");
  array.ReadAll();
}

void ReadNpz(const std::string& path) { OpenNumberArray(path, "x").ReadAll(); }

void ReadTable(const std::string& path) {
  DelimitedRows rows(path, kUtf8, DetectDelimiter(path, kUtf8));
  for (std::vector<std::string_view> cells; rows.Next(&cells);) LOCKSTEP_CHECK(!cells.empty());
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

// However the bytes are cut, the samples are the same. Without a header they are of the encoding
// that the user names.
void ReadStream(const std::string& path) {
  const std::string bytes = ReadTextFile(path);
  const auto samples_of = [&](std::size_t part, PcmEncoding encoding) {
    std::vector<float> samples;
    PcmStream stream("input", {.sample_rate = 16000, .encoding = encoding});
    for (std::size_t at = 0; at < bytes.size(); at += part)
      stream.Add(std::span(bytes).subspan(at, std::min(part, bytes.size() - at)), &samples);
    stream.Finish(&samples);
    LOCKSTEP_CHECK(samples.empty() || stream.format().has_value());
    return samples;
  };
  for (const char* const name : {"s16le", "f32le", "u8"}) {
    ReadOrRefuse([&] {
      const PcmEncoding encoding = PcmEncodingFromName(name, "--encoding");
      LOCKSTEP_CHECK(samples_of(7, encoding) == samples_of(4096, encoding));
    });
  }
}

constexpr std::array kReaders = {
    Reader{"ark", ReadArk},           Reader{"fasta", ReadFasta},
    Reader{"gff3", ReadGff3},         Reader{"jsonl", ReadManifest<kJsonl>},
    Reader{"mfc", ReadMfc},           Reader{"npy", ReadNumbers},
    Reader{"npz", ReadNpz},           Reader{"proteins", ReadProteins},
    Reader{"residues", ReadResidues}, Reader{"sound", ReadSound},
    Reader{"stream", ReadStream},     Reader{"table", ReadTable},
    Reader{"tsv", ReadManifest<kTsv>}};

}  // namespace

std::span<const Reader> FieldReaders() { return kReaders; }

}  // namespace lockstep
