// A FASTA file as windows of bases, cut as `prepare` cuts a corpus (data/dna/dna_corpus.h) when one
// range holds it all: windows never leave their record, the cores of the windows of a record follow
// each other without gap or overlap, and the context on both sides of a core is read but labelled
// elsewhere. Memory does not grow with the genome, but for the names of its records.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/batch/batch.h"
#include "data/dna/fasta.h"

namespace lockstep {

// Some bases of one record, context included.
struct GenomeWindow {
  Index record = 0;  // place in the file, from 0
  std::string record_name;
  Index start = 0;       // of the first base in the record, from 0
  Index core_begin = 0;  // the bases labelled here: [core_begin, core_end) of the window
  Index core_end = 0;
  std::vector<std::uint8_t> codes;  // positions in kDnaLetters
  std::uint8_t gc_bin = 0;          // of its record (data/dna/gc_bins.h)
  Index core_size() const { return core_end - core_begin; }
};

class GenomeWindows {
 public:
  // MissingInput when the file is not there. `window` and `overlap` as in CorpusInfo. `gc_bins` has
  // the bin of each record; empty: all have bin 0.
  GenomeWindows(const std::string& fasta, Index window, Index overlap,
                std::vector<std::uint8_t> gc_bins = {});

  // The next windows, at most `most`; empty at the end. BadData names file, line and column of what
  // is no base, or says that two records have one name, or the file more records than bins.
  std::vector<GenomeWindow> Next(Index most);
  // How much of the file has been read, from 0 to 1, for progress.
  double share_read() const { return reader_.share_read(); }

 private:
  bool FindWindow();
  void ReadPiece();
  void BeginRecord();
  GenomeWindow CutWindow();
  Index gathered() const { return buffer_start_ + static_cast<Index>(codes_.size()); }

  std::string fasta_;
  FastaReader reader_;
  RecordNames names_;
  std::vector<std::uint8_t> gc_bins_;
  FastaPiece piece_;  // read, but not yet in codes_
  bool at_end_ = false;
  Index core_;
  Index overlap_;
  // The current record; positions count from its first base.
  Index record_ = -1;
  std::string record_name_;
  bool record_ends_ = true;  // all its bases are in codes_
  std::vector<std::uint8_t> codes_;
  Index buffer_start_ = 0;  // position of codes_[0]
  Index next_core_ = 0;     // position of the core of the next window
};

// The windows as slots of one batch, dealt as in training. Sample ids count from `first_id`.
std::vector<SlotBatch> PackWindows(const std::vector<GenomeWindow>& windows, Index first_id,
                                   Index slots);

}  // namespace lockstep
