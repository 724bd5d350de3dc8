/* Noise through notches that sweep up and down, each ear at another place of the sweep. */
#include "base/row.h"
#include "voice/noise_rows.h"
#include "voice/noise_voice.h"

/* clang-format off */
static const ps_parameter table[PS_NOISE_ROWS] = {
    [PS_NOISE_LFO] = { "lfo_freq", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "Hz", 1.0 / 12.0, 0.001, 10.0, NULL,
        "how often the notches sweep", "start_lfo_freq", "end_lfo_freq" },
    [PS_NOISE_SWEEPS] = { "filter_sweeps", PS_PARAMETER_VALUE, PS_GLIDE_CHAIN, "Hz", 0.0, 20.0, 22050.0, NULL,
        PS_NOISE_SWEEPS_TEXT, "start_filter_sweeps", "end_filter_sweeps" },
    [PS_NOISE_Q] = { "notch_q", PS_PARAMETER_VALUE, PS_GLIDE_CHAIN, "", 25.0, 1.0, 1000.0, NULL,
        PS_NOISE_Q_TEXT, "start_notch_q", "end_notch_q" },
    [PS_NOISE_CASCADE] = { "cascade_count", PS_PARAMETER_VALUE, PS_GLIDE_CHAIN, "", 10.0, 1.0, 20.0, NULL,
        PS_NOISE_CASCADE_TEXT, "start_cascade_count", "end_cascade_count" },
    [PS_NOISE_CHANNEL] = { "lfo_phase_offset_deg", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "deg", 90.0, 0.0, 360.0, NULL,
        PS_NOISE_CHANNEL_TEXT, "start_lfo_phase_offset_deg", "end_lfo_phase_offset_deg" },
    [PS_NOISE_INTRA] = { "intra_phase_offset_deg", PS_PARAMETER_NUMBER, PS_GLIDE_CHAIN, "deg", 0.0, 0.0, 360.0, NULL,
        PS_NOISE_INTRA_TEXT, "start_intra_phase_offset_deg", "end_intra_phase_offset_deg" },
    [PS_NOISE_COLOUR] = { "noise_type", PS_PARAMETER_VALUE, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0, NULL, PS_NOISE_COLOUR_TEXT },
    [PS_NOISE_WAVE] = { "lfo_waveform", PS_PARAMETER_TEXT, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0, "sine triangle", PS_NOISE_WAVE_TEXT },
    [PS_NOISE_INPUT] = { "input_audio_path", PS_PARAMETER_VALUE, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0, NULL, PS_NOISE_INPUT_TEXT },
    [PS_NOISE_LEVEL] = { "amp", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "", 1.0, 0.0, 1.0, NULL, "level" },
};
/* clang-format on */

static ps_status start(ps_voice *voice, ps_error *err)
{
    return ps_noise_voice_start(voice, &PS_ROW(ps_noise_row), false, err);
}

const ps_voice_kind PS_ROW(ps_voice_generate_swept_notch_pink_sound) = {
    .info = {"generate_swept_notch_pink_sound", "noise with swept notches", true, table,
             PS_NOISE_ROWS},
    .voice_bytes = sizeof(ps_noise_voice),
    .start = start,
    .render = ps_noise_voice_render,
    .skip = ps_noise_voice_skip,
    .bound = ps_noise_voice_bound,
    .finish = ps_noise_voice_finish,
};
