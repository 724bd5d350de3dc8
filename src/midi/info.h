/* What a score says about itself. */
#ifndef PLAINSONG_MIDI_INFO_H
#define PLAINSONG_MIDI_INFO_H

#include "midi/score.h"

/* Fills info from events, division and tempo map; format, tracks, rmid and texts that are set stay.
 */
ps_status ps_score_fill_info(ps_score *score);

#endif
