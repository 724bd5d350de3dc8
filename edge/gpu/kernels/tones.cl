/*
 * Sums of tones, as include/plainsong/accelerator.h defines them: each work item makes one frame.
 * Phases are whole numbers, so that they are the same everywhere after hours; waves are float, with
 * an error below 3e-7.
 */

/* at + by i + bend i (i - 1) / 2, in 2^-64 of a turn. */
typedef struct {
    ulong at, by, bend;
} phase;

/* As ps_gpu_tone in tones.c. */
typedef struct {
    phase tone, swing[2], tremolo, pulse;
    long turns_at[2], turns_by[2]; /* 2^-48 of a turn */
    long audible_at, audible_by;   /* 2^-61 of a turn */
    float level_at[2], level_by[2];
    float depth_at, depth_by, skew_at, skew_by, ramp_at, ramp_by;
    float left, right;
    uint first, end; /* frames of the mix */
    uint uses;       /* of the bits below */
    uint spare;
} tone;

#define TILE 2048u

#define SWING   1u /* the first, and 2 the second */
#define TREMOLO 4u
#define SKEW    8u
#define PULSE   16u

ulong phase_at(__global const phase *p, uint i)
{
    const ulong n = i, pairs = n > 0 ? n * (n - 1) / 2 : 0;

    return p->at + p->by * n + p->bend * pairs;
}

/* A phase as a signed part of a quarter of a turn, 2^30 being all of it, with the same sine. */
int quarter(uint phase)
{
    const int x = (int)phase, far = (int)(0x80000000u - phase);

    return x > 0x40000000 || x < -0x40000000 ? far : x;
}

/* sin(2 pi phase): the polynomial of ps_sin_quarter_float in src/kernel/math.h. */
float sine(uint phase)
{
    const float x = (float)quarter(phase) * 0x1p-32f, u = x * x;
    float p = 3.97598271e1f;

    p = p * u - 7.65811726e1f;
    p = p * u + 8.16024764e1f;
    p = p * u - 4.13416807e1f;
    p = p * u + 6.28318528f;
    return p * x;
}

/* The same in 2^-30, error under 2e-9, for what turns a phase by many turns: t P(t^2), where P
 * interpolates sin(pi / 2 t) / t at the Chebyshev nodes of t^2 = 0..1, in 2^-32. */
long whole_sine(uint phase)
{
    const long t = quarter(phase), u = t * t >> 30;
    long p = -14739;

    p = 688288 + (p * u >> 30);
    p = -20107567 + (p * u >> 30);
    p = 342277127 + (p * u >> 30);
    p = -2774394665 + (p * u >> 30);
    p = 6746518852 + (p * u >> 30);
    return p * t >> 32;
}

/* By how much a swing turns the tone, in 2^-32 of a turn: 2^-48 times 2^-30, brought to that. */
uint swung(__global const tone *t, uint which, uint i)
{
    const long turns = t->turns_at[which] + t->turns_by[which] * (long)i;
    const long wave = whole_sine((uint)(phase_at(&t->swing[which], i) >> 32));

    return (uint)(mul_hi(turns, wave << 32) >> 14);
}

/* cos(pi y) for y in -1/2..1/2: the polynomial of ps_half_wave in src/voice/blocks.h. */
float half_wave(float y)
{
    const float u = y * y;
    float p = 0.219682425f;

    p = p * u - 1.33187389f;
    p = p * u + 4.05841017f;
    p = p * u - 4.93479252f;
    return p * u + 0.99999994f;
}

#define SKEW_MOST 0.9999999f

float skewed(uint phase, float skew)
{
    const float s = clamp(skew, -SKEW_MOST, SKEW_MOST);
    const float up_share = s * 0x1p30f + 0x1p30f, down_share = s * -0x1p30f + 0x1p30f;
    const int p = (int)(phase >> 1), k = (int)up_share;
    const bool up = p < k;
    const float wave =
        half_wave((float)(p - (up ? 0 : k)) / (up ? up_share : down_share) - 0.5f);

    return up ? wave : -wave;
}

float tremolo(__global const tone *t, uint i)
{
    const uint p = (uint)(phase_at(&t->tremolo, i) >> 32);
    const float n = (float)i;
    const float wave = t->uses & SKEW ? skewed(p, t->skew_by * n + t->skew_at) : sine(p);

    return 1.0f - (t->depth_by * n + t->depth_at) * (1.0f + wave);
}

/* Differences are taken in 2^-29 of a turn, so that a steep fall is as precise as a steep rise. */
float pulse(__global const tone *t, uint i)
{
    const int u = (int)(phase_at(&t->pulse, i) >> 35);
    const int audible = (int)((t->audible_at + t->audible_by * (long)i) >> 32);
    const int left = audible - u;
    const float ramp = (t->ramp_by * (float)i + t->ramp_at) * (float)audible;

    if (!(ramp > 0x1p29f * 1e-9f))
        return left > 0 ? 1.0f : 0.0f;
    return clamp((float)min(u, left) / ramp, 0.0f, 1.0f);
}

float tone_at(__global const tone *t, uint i)
{
    const float n = (float)i;
    uint p = (uint)(phase_at(&t->tone, i) >> 32);
    float level = (t->level_by[0] * n + t->level_at[0]) * (t->level_by[1] * n + t->level_at[1]);

    if (t->uses & SWING)
        p += swung(t, 0, i);
    if (t->uses & (2 * SWING))
        p += swung(t, 1, i);
    if (t->uses & TREMOLO)
        level *= tremolo(t, i);
    if (t->uses & PULSE)
        level *= pulse(t, i);
    return level * sine(p);
}

/*
 * `frames` frames from `first` on, left in out[0 .. frames - 1] and right behind them. What has gone
 * up are the tones, then for each TILE frames where its list begins (and where the last one ends),
 * then the lists of the tones that are heard there.
 */
__kernel void sum(__global const tone *tones, uint count, __global float *out, uint first,
                  uint frames)
{
    __global const uint *begins = (__global const uint *)(tones + count);
    __global const uint *lists = begins + (frames + TILE - 1) / TILE + 1;
    const uint n = get_global_id(0), frame = first + n;
    float left = 0.0f, right = 0.0f;

    if (n >= frames)
        return;
    for (uint k = begins[n / TILE]; k < begins[n / TILE + 1]; k++) {
        __global const tone *t = tones + lists[k];

        if (frame >= t->first && frame < t->end) {
            const float y = tone_at(t, frame - t->first);

            left += t->left * y;
            right += t->right * y;
        }
    }
    out[n] = left;
    out[frames + n] = right;
}
