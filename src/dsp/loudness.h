/*
 * Loudness as it goes by (ITU-R BS.1770-4, EBU Tech 3341): the weighting filters, mean squares over
 * the last 400 ms (momentary) and 3 s (short-term) every 10 ms, and what the gates make of them.
 */
#ifndef PLAINSONG_DSP_LOUDNESS_H
#define PLAINSONG_DSP_LOUDNESS_H

#include <stdbool.h>

#include "dsp/level_row.h"
#include "dsp/loudness_gate.h"

/* A hop of 100 ms is cut into parts, as even as whole frames allow. */
#define PS_LOUDNESS_PARTS           10u
#define PS_LOUDNESS_MOMENTARY_HOPS  4u
#define PS_LOUDNESS_SHORT_TERM_HOPS 30u
#define PS_LOUDNESS_PARTS_KEPT      (PS_LOUDNESS_SHORT_TERM_HOPS * PS_LOUDNESS_PARTS)

typedef struct ps_loudness {
    const ps_level_row *row;
    ps_level_filter filter;
    uint32_t hop_frames;
    uint32_t part;                       /* being filled, of the hop */
    uint32_t filled_frames;              /* of the part */
    double parts[PS_LOUDNESS_PARTS];     /* energies of the last ten, by their place in a hop */
    double hops[PS_LOUDNESS_PARTS_KEPT]; /* energies of ten parts up to each of the last, a ring */
    uint32_t next;                       /* place in the ring */
    uint64_t ended;                      /* parts */
    double momentary_most, short_term_most; /* mean squares */
    ps_loudness_gate gate;
    ps_loudness_spread spread;
} ps_loudness;

/* row: of the instruction set. Large: lives in memory of its own. */
void ps_loudness_init(ps_loudness *l, double rate_hz, const ps_level_row *row);

/* How many frames may be added next: up to the end of the part, at most PS_LEVEL_RUN. */
uint32_t ps_loudness_room(const ps_loudness *l);

/* Finite samples of at most 2^60; frames up to the room. silent: all of them are 0. */
void ps_loudness_add(ps_loudness *l, const float *left, const float *right, uint32_t frames,
                     bool silent);

/* Mean square of the last hops; as if silence had come before the first frame. */
double ps_loudness_last(const ps_loudness *l, uint32_t hops);

#endif
