/*
 * Rooms made by formula.
 *
 * old-room: the exponential of the old engine, 100 ms of exp(-5 t) (1 - t), t from 0 to 1. Its taps
 * all had the same sign there, which is a low-pass at some 10 Hz and no room; here each has a sign
 * of its own.
 *
 * The others: early reflections of a box by its mirror images (Allen and Berkley, JASA 65, 1979)
 * for a pair of loudspeakers and a pair of ears, then noise whose octaves die at their own pace
 * (Moorer, "About this reverberation business", CMJ 3, 1979). A plate has no early reflections.
 */
#include "effect/room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

#define BANDS        7u /* under 177 Hz, octaves around 250 .. 4k Hz, from 5657 Hz up */
#define SOUND_M_SEC  343.0
#define OLD_ROOM_SEC 0.1
#define ORDER        3 /* of the mirror images */
#define PI           3.14159265358979323846

typedef struct shape {
    const char *name;
    double decay_sec[BANDS]; /* to -60 dB */
    double size_m[3];        /* width, depth, height; all 0: no early reflections */
    double reflection;       /* what a wall gives back of a pressure */
    double late_sec;         /* when the diffuse part has come in */
    double early;            /* level of the early part beside the late one */
} shape;

static const shape shapes[] = {
    {"room", {0.5, 0.48, 0.45, 0.42, 0.4, 0.35, 0.25}, {5.2, 6.4, 2.7}, 0.82, 0.015, 1.0},
    {"hall", {2.4, 2.3, 2.1, 2.0, 1.8, 1.4, 0.9}, {22.0, 34.0, 14.0}, 0.86, 0.08, 0.8},
    {"plate", {1.9, 1.9, 1.8, 1.7, 1.6, 1.4, 1.1}, {0.0, 0.0, 0.0}, 0.0, 0.002, 0.0},
    {"church", {5.2, 5.0, 4.6, 4.2, 3.4, 2.2, 1.2}, {18.0, 52.0, 21.0}, 0.9, 0.14, 0.6},
};

static const shape *find(const char *name)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (strcmp(shapes[i].name, name) == 0)
            return &shapes[i];
    return NULL;
}

bool ps_room_exists(const char *name)
{
    return strcmp(name, "old-room") == 0 || find(name) != NULL;
}

static double noise(uint64_t stream, uint64_t i)
{
    return (double)(int64_t)ps_random_bits(stream, i) * 0x1p-63;
}

static ps_status take(ps_response *response, float **samples, uint32_t channels, double seconds,
                      double rate_hz, const ps_allocator *allocator, ps_error *err)
{
    response->channels = channels;
    response->frames = (uint32_t)(seconds * rate_hz);
    *samples = ps_alloc(allocator, (size_t)channels * response->frames, sizeof **samples);
    if (!*samples)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a room");
    for (uint32_t c = 0; c < channels; c++)
        response->samples[c] = *samples + (size_t)c * response->frames;
    return PS_OK;
}

static ps_status make_old_room(ps_response *response, double rate_hz, const ps_allocator *allocator,
                               ps_error *err)
{
    float *samples;
    const ps_status status = take(response, &samples, 1, OLD_ROOM_SEC, rate_hz, allocator, err);

    for (uint32_t i = 0; status == PS_OK && i < response->frames; i++) {
        const double t = (double)i / response->frames;

        samples[i] =
            (float)(copysign(1.0, i == 0 ? 1.0 : noise(100, i)) * exp(-5.0 * t) * (1.0 - t));
    }
    return status;
}

/* ---- The late part -------------------------------------------------------------------------- */

/* White noise cut into octaves by one-pole low-passes, whose differences sum to the noise. */
static void add_late(float *samples, uint32_t frames, const shape *s, double rate_hz,
                     uint64_t stream)
{
    double lows[BANDS - 1] = {0.0}, shares[BANDS - 1], decays[BANDS], levels[BANDS];

    for (uint32_t b = 0; b < BANDS; b++) {
        decays[b] = exp(-6.907755278982137 / (s->decay_sec[b] * rate_hz));
        levels[b] = 1.0;
        if (b < BANDS - 1)
            shares[b] = 1.0 - exp(-2.0 * PI * 176.78 * exp2(b) / rate_hz);
    }
    for (uint32_t i = 0; i < frames; i++) {
        const double white = noise(stream, i), t = i / rate_hz;
        const double in = t < s->late_sec ? 0.5 - 0.5 * cos(PI * t / s->late_sec) : 1.0;
        double below = 0.0, sum = 0.0;

        for (uint32_t b = 0; b < BANDS; b++) {
            if (b < BANDS - 1)
                lows[b] += shares[b] * (white - lows[b]);
            const double upto = b < BANDS - 1 ? lows[b] : white;
            sum += levels[b] * (upto - below);
            levels[b] *= decays[b];
            below = upto;
        }
        samples[i] += (float)(in * sum);
    }
}

/* ---- The early part ------------------------------------------------------------------------- */

/* Coordinate of the n-th image of a place between two walls. */
static double image(double place, double size, int n)
{
    return n % 2 == 0 ? n * size + place : (n + 1) * size - place;
}

/* One reflection, between two frames, on the ear it comes to. */
static void add_tap(float *samples, uint32_t frames, double at, double gain)
{
    const uint32_t frame = (uint32_t)at;
    const double t = at - frame;

    if (frame + 1 >= frames)
        return;
    samples[frame] += (float)(gain * (1.0 - t));
    samples[frame + 1] += (float)(gain * t);
}

/*
 * From a loudspeaker at a third of the depth, left or right of the middle, to an ear at two thirds;
 * the direct sound itself is not part of a response. An ear hears its own side louder.
 */
static void add_early(float *samples, uint32_t frames, const shape *s, double rate_hz, int from,
                      int to)
{
    const double *size = s->size_m;
    const double source[3] = {size[0] * (from == 0 ? 0.35 : 0.65), size[1] * 0.33, size[2] * 0.4};
    const double ear[3] = {size[0] * 0.48, size[1] * 0.64, size[2] * 0.45};
    const double direct =
        sqrt(pow(source[0] - ear[0], 2) + pow(source[1] - ear[1], 2) + pow(source[2] - ear[2], 2));

    for (int x = -ORDER; x <= ORDER; x++) {
        for (int y = -ORDER; y <= ORDER; y++) {
            for (int z = -ORDER; z <= ORDER; z++) {
                const int order = abs(x) + abs(y) + abs(z);
                const double dx = image(source[0], size[0], x) - ear[0];
                const double dy = image(source[1], size[1], y) - ear[1];
                const double dz = image(source[2], size[2], z) - ear[2];
                const double far = sqrt(dx * dx + dy * dy + dz * dz);
                const double side = (to == 0 ? -dx : dx) / far; /* -1..1: towards this ear */

                if (order == 0 || order > ORDER)
                    continue;
                add_tap(samples, frames, (far - direct) / SOUND_M_SEC * rate_hz,
                        s->early * pow(s->reflection, order) * direct / far *
                            sqrt(0.5 + 0.35 * side));
            }
        }
    }
}

/* ---- The whole ------------------------------------------------------------------------------ */

static double longest(const shape *s)
{
    double most = 0.0;

    for (uint32_t b = 0; b < BANDS; b++)
        most = fmax(most, s->decay_sec[b]);
    return most;
}

static double energy(const float *samples, uint32_t frames)
{
    double sum = 0.0;

    for (uint32_t i = 0; i < frames; i++)
        sum += (double)samples[i] * (double)samples[i];
    return sum;
}

/* Silence at the end, without a step. */
static void fade_end(float *samples, uint32_t frames)
{
    const uint32_t length = frames / 20;

    for (uint32_t i = 0; i < length; i++)
        samples[frames - 1 - i] *= (float)(0.5 - 0.5 * cos(PI * i / length));
}

ps_status ps_room_make(ps_response *response, const char *name, double rate_hz,
                       const ps_allocator *allocator, ps_error *err)
{
    const shape *s = find(name);
    float *samples;
    ps_status status;

    if (!s)
        return make_old_room(response, rate_hz, allocator, err);
    status = take(response, &samples, 4, 1.3 * longest(s), rate_hz, allocator, err);
    if (status != PS_OK)
        return status;
    for (uint32_t c = 0; c < 4; c++) {
        float *channel = samples + (size_t)c * response->frames;

        add_late(channel, response->frames, s, rate_hz, 1 + c);
        const double scale = 1.0 / sqrt(energy(channel, response->frames));
        for (uint32_t i = 0; i < response->frames; i++)
            channel[i] *= (float)scale;
        if (s->early > 0.0)
            add_early(channel, response->frames, s, rate_hz, (int)(c / 2), (int)(c % 2));
        fade_end(channel, response->frames);
    }
    return PS_OK;
}
