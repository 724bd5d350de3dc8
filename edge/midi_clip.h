/* A MIDI file as a clip of a track. */
#ifndef PLAINSONG_EDGE_MIDI_CLIP_H
#define PLAINSONG_EDGE_MIDI_CLIP_H

#include "plainsong/synth.h"

/* A performance with the score it needs; the bytes are not. Banks and engine must outlive it.
   PS_BAD_DATA when it has no notes. */
ps_status ps_midi_clip_create(ps_source **out, ps_engine *engine, const uint8_t *bytes,
                              size_t size_bytes, double rate_hz, const ps_bank_choice *banks,
                              size_t bank_count, ps_error *err);

#endif
