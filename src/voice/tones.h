/*
 * Voices as tones (plainsong/accelerator.h): one that is nothing but sines, whose parameters stand
 * or go straight, can be told by a few numbers from any frame on, so that somebody else may make
 * its sound. What a voice would have added up is had in closed form: the sum of a line is a
 * parabola.
 *
 * Frequencies that are summed up end within 1e-9 of a turn of where the voice itself gets, after
 * hours of a glide too; where they stand, in the same place.
 */
#ifndef PLAINSONG_VOICE_TONES_H
#define PLAINSONG_VOICE_TONES_H

#include "plainsong/accelerator.h"
#include "voice/voice.h"

/* Faster ones are left to the voice: what is so high tells rounding errors apart. */
#define PS_TONE_HZ_MOST 1e5 /* of a tone */
#define PS_SLOW_HZ_MOST 1e3 /* of what modulates it */

/*
 * Frames of a step in which alpha stands or goes straight, and how alpha went up to there: it stood
 * at 0, it moved, it stands at 1.
 */
struct ps_tone_stretch {
    uint64_t first, frames;
    double alpha, slope; /* of the first frame; per frame */
    uint64_t before, moved, after;
    double moved_sum; /* of alpha in the frames in which it moved */
    double frame_sec;
};

/* Whether a step is made of such stretches: alpha is a straight line. */
bool ps_goes_straight(const ps_voice_setup *setup);

/* The one that begins with a frame of such a step, and ends at `end` or before. */
ps_tone_stretch ps_tone_stretch_of(const ps_voice_setup *setup, uint64_t first, uint64_t end);

/* from + by alpha. */
ps_tone_line ps_tone_line_of(const ps_tone_stretch *stretch, double from, double by);

/*
 * The phase of a frequency that is summed up, from + by alpha in Hz, nowhere below 0. after: the
 * phase of a frame contains the frame's own step already.
 */
ps_tone_phase ps_tone_summed(const ps_tone_stretch *stretch, double from_hz, double by_hz,
                             double step_sec, bool after);

/* The phase of a frequency times time, besides an offset. */
ps_tone_phase ps_tone_timed(const ps_tone_stretch *stretch, double from_hz, double by_hz,
                            double from_cycles, double by_cycles);

/* Whether from + by alpha stays between two numbers. */
static inline bool ps_stays_within(double from, double by, double low, double high)
{
    const double end = from + by;

    return from >= low && from <= high && end >= low && end <= high;
}

#endif
