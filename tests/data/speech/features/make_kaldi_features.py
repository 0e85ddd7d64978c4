#!/usr/bin/env python3
"""Writes kaldi_features.json: features of a made-up signal as Kaldi computes them.

    python3 -m venv kaldi && kaldi/bin/pip install kaldi-native-fbank==1.23.0 numpy==2.4.6
    kaldi/bin/python tests/data/speech/features/make_kaldi_features.py > tests/data/speech/features/kaldi_features.json

kaldi-native-fbank is Kaldi's feature extraction without the rest of Kaldi. The signal is that of
KaldiSignal in kaldi_features_test.cc: two tones, one of them rising, noise of a linear congruential
generator, and an offset.
"""

import json
import math

import kaldi_native_fbank as knf
import numpy

DEFAULTS = {
    "kind": "fbank", "sample_rate": 16000.0, "frame_length_ms": 25.0, "frame_shift_ms": 10.0,
    "preemphasis": 0.97, "window": "povey", "remove_dc_offset": True,
    "round_to_power_of_two": True, "snip_edges": True, "num_mel_bins": 80, "low_freq": 20.0,
    "high_freq": 0.0, "use_power": True, "use_log_fbank": True, "use_energy": False,
    "raw_energy": True, "energy_floor": 0.0, "num_ceps": 13, "cepstral_lifter": 22.0,
}
CASES = {
    "fbank_80": {},
    "fbank_40_mirrored": {"num_mel_bins": 40, "snip_edges": False},
    "fbank_23_8khz": {"sample_rate": 8000.0, "num_mel_bins": 23},
    "fbank_40_8khz_mirrored": {"sample_rate": 8000.0, "num_mel_bins": 40, "snip_edges": False,
                               "low_freq": 60.0, "high_freq": -200.0},
    "fbank_40_hamming_energy": {"num_mel_bins": 40, "window": "hamming", "use_energy": True},
    "fbank_40_hann_magnitude": {"num_mel_bins": 40, "window": "hann", "use_power": False,
                                "use_energy": True, "raw_energy": False, "high_freq": 7600.0},
    "fbank_23_plain": {"num_mel_bins": 23, "window": "rectangular", "preemphasis": 0.0,
                       "remove_dc_offset": False},
    "fbank_23_linear": {"num_mel_bins": 23, "use_log_fbank": False, "use_power": False},
    "fbank_23_not_rounded": {"num_mel_bins": 23, "round_to_power_of_two": False,
                             "frame_length_ms": 20.0, "frame_shift_ms": 12.5},
    "mfcc_13": {"kind": "mfcc", "num_mel_bins": 23},
    "mfcc_13_energy": {"kind": "mfcc", "num_mel_bins": 23, "use_energy": True},
    "mfcc_13_energy_windowed": {"kind": "mfcc", "num_mel_bins": 23, "use_energy": True,
                                "raw_energy": False, "energy_floor": 1e10},
    "mfcc_40_mirrored": {"kind": "mfcc", "num_mel_bins": 40, "num_ceps": 40, "snip_edges": False},
    "mfcc_13_8khz": {"kind": "mfcc", "num_mel_bins": 23, "sample_rate": 8000.0,
                     "cepstral_lifter": 0.0},
}
SAMPLES = 4001


def signal(rate):
    state = 12345
    samples = numpy.zeros(SAMPLES, dtype=numpy.float32)
    for n in range(SAMPLES):
        state = (1103515245 * state + 12345) % 2**31
        t = n / rate
        samples[n] = (8000 * math.sin(2 * math.pi * 440 * t)
                      + 3000 * math.sin(2 * math.pi * (900 + 4000 * t) * t)
                      + state / 2**31 * 400 - 100)
    return samples


def kaldi_options(options):
    mfcc = options["kind"] == "mfcc"
    kaldi = knf.MfccOptions() if mfcc else knf.FbankOptions()
    frame = kaldi.frame_opts
    frame.dither = 0
    frame.samp_freq = options["sample_rate"]
    frame.frame_length_ms = options["frame_length_ms"]
    frame.frame_shift_ms = options["frame_shift_ms"]
    frame.preemph_coeff = options["preemphasis"]
    frame.window_type = {"hann": "hanning"}.get(options["window"], options["window"])
    for name in ("remove_dc_offset", "round_to_power_of_two", "snip_edges"):
        setattr(frame, name, options[name])
    kaldi.mel_opts.num_bins = options["num_mel_bins"]
    kaldi.mel_opts.low_freq = options["low_freq"]
    kaldi.mel_opts.high_freq = options["high_freq"]
    names = ["use_energy", "raw_energy", "energy_floor"]
    names += ["num_ceps", "cepstral_lifter"] if mfcc else ["use_power", "use_log_fbank"]
    for name in names:
        setattr(kaldi, name, options[name])
    return kaldi


def compute(options):
    kaldi = kaldi_options(options)
    online = knf.OnlineMfcc(kaldi) if options["kind"] == "mfcc" else knf.OnlineFbank(kaldi)
    online.accept_waveform(options["sample_rate"], signal(options["sample_rate"]).tolist())
    online.input_finished()
    return [online.get_frame(i).tolist() for i in range(online.num_frames_ready)]


def main():
    cases = []
    for name, changes in CASES.items():
        options = DEFAULTS | changes
        rows = compute(options)
        kept = sorted({0, 1, len(rows) // 2, len(rows) - 1})
        cases.append({"name": name, "samples": SAMPLES, "frames": len(rows), "options": options,
                      "rows": {str(i): [float(f"{x:.6g}") for x in rows[i]] for i in kept}})
    print('{"made_by": "make_kaldi_features.py, kaldi-native-fbank 1.23.0",\n "cases": [')
    print(",\n".join(json.dumps(case) for case in cases))
    print("]}")


if __name__ == "__main__":
    main()
