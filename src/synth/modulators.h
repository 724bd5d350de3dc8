/*
 * Modulators: what a note's generators become under the controllers of its channel (SF2 9.5).
 */
#ifndef PLAINSONG_SYNTH_MODULATORS_H
#define PLAINSONG_SYNTH_MODULATORS_H

#include "synth/note.h"

/* Notes which sources the note's modulators read, for ps_modulators_depend. */
void ps_modulators_prepare(ps_note *note);

/*
 * values[g] = generator g plus its modulators, NRPNs and sound controllers.
 *
 * fixed_attenuation_cb receives the part of the attenuation's modulation that comes from key and
 * velocity alone.
 */
void ps_modulators_apply(const ps_note *note, const ps_note_context *context,
                         double values[PS_GENERATORS], double *fixed_attenuation_cb);

#endif
