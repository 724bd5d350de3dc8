/*
 * A GPU, lent to the core by whoever has one.
 *
 * An accelerator is a table of coarse jobs that somebody faster may take, and may decline. Whoever
 * has such a job offers it and does what is left of it: all, part or nothing. Results agree with
 * the processor's within 1e-5 of full scale, that is, of the largest sample of the result, or of 1
 * if that is more.
 *
 * What a job would cost either way is estimated from its sizes alone; what is faster on the
 * processor is declined. Samples that are no numbers count as 0.
 */
#ifndef PLAINSONG_ACCELERATOR_H
#define PLAINSONG_ACCELERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "plainsong/memory.h"
#include "plainsong/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ps_job_outcome {
    PS_JOB_DECLINED, /* nothing is done */
    PS_JOB_DONE,     /* everything is done */
    PS_JOB_PARTLY,   /* it failed on the way: each item says how much of it is done */
} ps_job_outcome;

/**
 * Channels of sound, each through a response:
 *
 *      out[c][i] = sum over j of response[r][j] in[c][i - j]        r = 0, or c
 *
 * or true stereo, two channels through four responses (from left to left, left to right, right to
 * left, right to right):
 *
 *      out[0] = response[0] * in[0] + response[2] * in[1]
 *      out[1] = response[1] * in[0] + response[3] * in[1]
 *
 * All pointers are borrowed for the call. No out may overlap an in or a response.
 */
typedef struct ps_convolution {
    const float *const *in;       /* `channels` of in_frames each */
    float *const *out;            /* `channels` of out_frames each */
    const float *const *response; /* `responses` of response_frames each */
    uint64_t in_frames;
    uint64_t
        out_frames; /* of the result, which is in_frames + response_frames - 1 long and 0 then */
    uint64_t response_frames;
    uint64_t piece_frames; /* `in` is one of several stretches of a piece so long; 0: all of it.
                              What it takes to get ready for the first of them is shared by all. */
    uint32_t channels;
    uint32_t responses;   /* 1 for all, as many as channels, or 4 with 2 channels: true stereo */
    uint64_t done_frames; /* set: so many of every channel of out are final; the others anything */
} ps_convolution;

typedef enum ps_spectra_kind {
    PS_SPECTRA_MAGNITUDE, /* |X|, one number a bin */
    PS_SPECTRA_POWER,     /* |X|^2, one number a bin */
    PS_SPECTRA_COMPLEX,   /* real and imaginary part, two numbers a bin */
} ps_spectra_kind;

/**
 * Transforms of windowed stretches of a sound, neither scaled nor in decibels:
 *
 *      X[t][k] = sum over n of window[n] samples[first + t hop + n] exp(-2 pi i k n / size)
 *
 * for the bins k = 0 .. size / 2 (rounded down). Outside 0 .. frames - 1 the sound is 0.
 */
typedef struct ps_spectra {
    const float *samples;
    const float *window; /* `size` of them; NULL: 1 */
    float *out;          /* `count` spectra, one after the other; may not overlap what is read */
    uint64_t frames;
    int64_t first;
    uint64_t count;
    uint32_t size, hop; /* at least 1 */
    ps_spectra_kind kind;
    uint64_t done; /* set: so many spectra are final; the others anything */
} ps_spectra;

/** A number that goes straight: at + by i, in the i-th frame of its tone. */
typedef struct ps_tone_line {
    double at, by;
} ps_tone_line;

/** A phase in 2^-64 of a turn, which wraps: at + by i + bend i (i - 1) / 2, without rounding. */
typedef struct ps_tone_phase {
    uint64_t at, by, bend;
} ps_tone_phase;

/**
 * A sine between two frames of a mix:
 *
 *      y = level[0] level[1] T G sin(2 pi (phase + turns[0] sin(2 pi swing[0])
 *                                                + turns[1] sin(2 pi swing[1])))
 *      T = 1 - depth (1 + S)
 *      G = (the smaller of u and audible - u) / (ramp audible), held to 0..1, where u is the
 *          pulse's phase, 0 up to 1; without a ramp, 1 while u < audible and 0 then
 *
 * S is a skewed sine: of the tremolo's phase p, a half wave up over the share k = (1 + skew) / 2 of
 * the turn, cos(pi (p / k - 1/2)), and one down over the rest, -cos(pi ((p - k) / (1 - k) - 1/2)).
 *
 * Lines are as precise as floats, pulses to 2^-29 of a turn.
 */
typedef struct ps_tone {
    uint64_t first, frames; /* of the mix; at most 2^24 */
    float left, right;      /* y times these is added */
    bool pulsed;            /* else G is 1 */
    ps_tone_phase phase, swing[2], tremolo, pulse;
    ps_tone_line level[2];
    ps_tone_line turns[2]; /* at most 64 in magnitude; 0 0: no such term */
    ps_tone_line depth;    /* 0 0: T is 1 */
    ps_tone_line skew;     /* held to 1e-7 less than 1 in magnitude */
    ps_tone_line audible;  /* 0..1 */
    ps_tone_line ramp;     /* 0..1/2 */
} ps_tone;

/** The sum of tones, all of which are borrowed for the call. */
typedef struct ps_tones {
    const ps_tone *tones;
    uint32_t count;
    float *out[2];         /* left and right, `frames` of each; the tones do not lie there */
    uint64_t frames;       /* what tones have before or behind is left out */
    uint64_t piece_frames; /* the mix is one of several stretches of a piece so long; 0: all of it.
                              What it takes to get ready for the first of them is shared by all. */
    uint64_t done_frames;  /* set: so many of out are final; the others anything */
} ps_tones;

typedef struct ps_accelerator {
    /**
     * Jobs, each with any number of independent items, which are worth more together than one by
     * one. They return when all that they do is done. Any may be NULL: declined. They may be called
     * from several threads at once.
     */
    ps_job_outcome (*convolve)(void *user, ps_convolution *items, uint32_t count);
    ps_job_outcome (*spectra)(void *user, ps_spectra *items, uint32_t count);
    ps_job_outcome (*tones)(void *user, ps_tones *items, uint32_t count);
    /**
     * Whether such a job would be taken, as far as can be told before: looks at its sizes alone
     * (of a mix, at its tones too), and may get ready for it. NULL: any may be offered.
     */
    bool (*wants_convolution)(void *user, const ps_convolution *items, uint32_t count);
    bool (*wants_tones)(void *user, const ps_tones *items, uint32_t count);
    const ps_allocator *memory; /* sound that lies there goes the fastest way; taking it is slow, so
                                   take much and keep it; NULL: any memory will do */
    void *user;
} ps_accelerator;

/** Offer a job to an accelerator; NULL declines everything. */
PS_API ps_job_outcome ps_accelerate_convolve(const ps_accelerator *accelerator,
                                             ps_convolution *items, uint32_t count);
PS_API bool ps_accelerate_wants_convolution(const ps_accelerator *accelerator,
                                            const ps_convolution *items, uint32_t count);
PS_API ps_job_outcome ps_accelerate_spectra(const ps_accelerator *accelerator, ps_spectra *items,
                                            uint32_t count);
PS_API ps_job_outcome ps_accelerate_tones(const ps_accelerator *accelerator, ps_tones *items,
                                          uint32_t count);
PS_API bool ps_accelerate_wants_tones(const ps_accelerator *accelerator, const ps_tones *items,
                                      uint32_t count);

#ifdef __cplusplus
}
#endif

#endif
