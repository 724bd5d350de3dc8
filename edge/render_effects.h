/* The effects of a request around the sources of a render. */
#ifndef PLAINSONG_EDGE_RENDER_EFFECTS_H
#define PLAINSONG_EDGE_RENDER_EFFECTS_H

#include "plainsong/render.h"

/* Puts a chain around *source, which is taken over also on failure (then *source is NULL). NULL or
   an empty chain: nothing. media NULL: files as they are named. */
ps_status ps_render_effects(ps_source **source, ps_engine *engine, const ps_chain *chain,
                            const ps_effect_media *media, const ps_render_request *request,
                            ps_error *err);

/*
 * A performance whose channels have effects of their own: each of those plays apart, with all else
 * together. *performance is the one that has everything else.
 */
ps_status ps_render_channels(ps_source **out, const ps_source **performance, ps_engine *engine,
                             const ps_score *score, const ps_bank_choice *banks, size_t bank_count,
                             const ps_effect_media *media, const ps_render_request *request,
                             ps_error *err);

#endif
