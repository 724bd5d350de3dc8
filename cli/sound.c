/* What commands that render MIDI files and tracks share. */
#include "sound.h"

#include <math.h>

void sound_request(const sound *s, const output *out, ps_render_request *request)
{
    ps_performance_options *performance = &request->performance;

    for (uint32_t i = 0; i < s->banks.count; i++) {
        request->soundfont_paths[i] = s->banks.paths[i];
        request->soundfont_offsets[i] = s->banks.offsets[i];
    }
    request->soundfont_count = s->banks.count;
    performance->synth.interpolation = (ps_interpolation)s->interpolation;
    performance->synth.bank_mode = (ps_bank_mode)s->bank_mode;
    performance->synth.polyphony = (uint32_t)s->polyphony;
    performance->synth.gain *= pow(10.0, s->gain_db / 20.0);
    if (s->no_reverb)
        performance->synth.reverb_gain = 0.0;
    if (s->no_chorus)
        performance->synth.chorus_gain = 0.0;
    performance->tail_sec = out->tail_sec;
    performance->loops = (uint32_t)s->loops;
    request->strict = s->strict;
    request->reference = s->compat == 1;
    request->even_if_huge = s->yes;
    if (request->effects_tail_sec < 0.0)
        request->effects_tail_sec = out->tail_sec;
}
