/* Fades: sin^2 in amplitude, so that a fade out and a fade in over the same frames add up to 1. */
#include "kernel/math.h"
#include "plainsong/audio.h"

/* sin^2 of a quarter cycle: 0 at frame 0 of the fade, 1 at its end and after. */
static double rising(uint64_t frame, uint64_t frames)
{
    double sine;

    if (frame >= frames)
        return 1.0;
    sine = ps_sin_cycles(0.25 * ((double)frame / (double)frames));
    return sine * sine;
}

void ps_fade(ps_block block, uint64_t first_frame, uint64_t fade_start, uint64_t fade_frames,
             bool out)
{
    const uint64_t end = first_frame + block.frames;

    if (out ? end <= fade_start : first_frame >= fade_start + fade_frames)
        return;
    for (uint32_t i = 0; i < block.frames; i++) {
        const uint64_t frame = first_frame + i;
        const double up = frame < fade_start ? 0.0 : rising(frame - fade_start, fade_frames);
        const float gain = (float)(out ? 1.0 - up : up);

        block.left[i] *= gain;
        block.right[i] *= gain;
    }
}
