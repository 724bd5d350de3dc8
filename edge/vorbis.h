/* Decoding the Ogg Vorbis samples of an SF3 bank, by libsndfile. */
#ifndef PLAINSONG_EDGE_VORBIS_H
#define PLAINSONG_EDGE_VORBIS_H

#include "plainsong/soundfont.h"

/* The decoder a bank takes; user is not used. Works on memory alone, from any thread. */
ps_sample_decoder ps_vorbis_decode;

#endif
