/* From a voice as a document says it to one that can be made. */
#ifndef PLAINSONG_VOICE_SETUP_H
#define PLAINSONG_VOICE_SETUP_H

#include "voice/voice.h"

/*
 * Which voice a function's name means: with is_transition its transition form if it has one, else
 * its static form. NULL when there is none of that name.
 *
 * transition: receives which of the two forms it is
 */
const ps_voice_kind *ps_voice_resolve(const ps_voice_row *row, const char *function,
                                      bool is_transition, bool *transition);

/*
 * Completes a setup from a map of parameters (NULL or a null: no parameters): settings, ramp,
 * frames. The caller has filled in allocator, rate_hz, duration_sec, reference, seed, stream and
 * media. What belongs to the flanger is taken out of the map, and so are `duration` and
 * `sample_rate`, which are not the document's to say. Nulls stay in it and count as absent.
 *
 * params: borrowed until ps_voice_setup_free
 * name:   of what could not be read, as it stands in the map; NULL when the trouble has no name
 *
 * PS_BAD_DATA when a parameter cannot be read as its kind or the curve cannot be compiled,
 * PS_BAD_ARGUMENT when the step has no frame or more than 2^53.
 */
ps_status ps_voice_setup_read(ps_voice_setup *setup, const ps_voice_kind *kind, bool transition,
                              const ps_value *params, const char **name, ps_error *err);

/* Gives back what was read. The setup may be one that could not be read, or was zeroed. */
void ps_voice_setup_free(ps_voice_setup *setup);

#endif
