/* The audio files that effects name. */
#ifndef PLAINSONG_EDGE_EFFECT_FILES_H
#define PLAINSONG_EDGE_EFFECT_FILES_H

#include "plainsong/effect_file.h"
#include "tally.h"

/* ps_effect_files that count in a tally what is no number. NULL: nobody counts. */
ps_effect_media ps_tallied_effect_files(ps_tally *tally);

#endif
