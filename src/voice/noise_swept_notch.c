/* Noise through swept notches, in the words of the newer tracks. */
#include "base/row.h"
#include "voice/noise_rows.h"
#include "voice/noise_voice.h"

enum { ROWS = PS_NOISE_STANDING + 1 };

/* clang-format off */
static const ps_parameter table[ROWS] = {
    [PS_NOISE_LFO] = { "lfo_freq", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 0.1, 0.001, 10.0, NULL,
        "how often the notches sweep", "start_lfo_freq", "end_lfo_freq", 0.1, 0.1 },
    [PS_NOISE_SWEEPS] = { "sweeps", PS_PARAMETER_VALUE, PS_GLIDE_OWN, "Hz", 0.0, 20.0, 22050.0, NULL,
        PS_NOISE_SWEEPS_TEXT, "start_sweeps", "end_sweeps" },
    [PS_NOISE_Q] = { "notch_q", PS_PARAMETER_VALUE, PS_GLIDE_OWN, "", 25.0, 1.0, 1000.0, NULL,
        PS_NOISE_Q_TEXT, "start_q", "end_q", 25.0, 25.0 },
    [PS_NOISE_CASCADE] = { "casc", PS_PARAMETER_VALUE, PS_GLIDE_OWN, "", 10.0, 1.0, 20.0, NULL,
        PS_NOISE_CASCADE_TEXT, "start_casc", "end_casc", 10.0, 10.0 },
    [PS_NOISE_CHANNEL] = { "start_lfo_phase_offset_deg", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "deg", 0.0, 0.0, 360.0, NULL,
        PS_NOISE_CHANNEL_TEXT, "start_lfo_phase_offset_deg", "end_lfo_phase_offset_deg" },
    [PS_NOISE_INTRA] = { "start_intra_phase_offset_deg", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "deg", 0.0, 0.0, 360.0, NULL,
        PS_NOISE_INTRA_TEXT, "start_intra_phase_offset_deg", "end_intra_phase_offset_deg" },
    [PS_NOISE_COLOUR] = { "noise_type", PS_PARAMETER_VALUE, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0, NULL, PS_NOISE_COLOUR_TEXT },
    [PS_NOISE_WAVE] = { "lfo_waveform", PS_PARAMETER_TEXT, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0, "sine triangle", PS_NOISE_WAVE_TEXT },
    [PS_NOISE_INPUT] = { "input_audio_path", PS_PARAMETER_VALUE, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0, NULL, PS_NOISE_INPUT_TEXT },
    [PS_NOISE_LEVEL] = { "volume", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "", 1.0, 0.0, 1.0, NULL, "level" },
    [PS_NOISE_STANDING] = { "static_notches", PS_PARAMETER_VALUE, PS_GLIDE_NONE, "Hz", 0.0, 0.0, 0.0, NULL, PS_NOISE_STANDING_TEXT },
};
/* clang-format on */

static ps_status start(ps_voice *voice, ps_error *err)
{
    return ps_noise_voice_start(voice, &PS_ROW(ps_noise_row), true, err);
}

const ps_voice_kind PS_ROW(ps_voice_noise_swept_notch) = {
    .info = {"noise_swept_notch", "noise with swept and standing notches", true, table, ROWS},
    .voice_bytes = sizeof(ps_noise_voice),
    .start = start,
    .render = ps_noise_voice_render,
    .skip = ps_noise_voice_skip,
    .bound = ps_noise_voice_bound,
    .finish = ps_noise_voice_finish,
};
