/* The loops of coloured noise: normal numbers, and eight lanes through a chain of sections. */
#include <math.h>

#include "base/random.h"
#include "dsp/colour_shape.h"
#include "kernel/lanes.h"
#include "kernel/math.h"

#define STRIP                                                                                      \
    PS_COLOUR_UNIT /* samples that go through all sections before the next are looked at */
#define SIDE    (PS_COLOUR_LANES / PS_LANES) /* vectors side by side */
#define FIRSTS  4u                           /* first-order sections of one loop */
#define SECONDS 2u
#define BATCH   128u /* pairs of normal numbers */

/* Whether pink's bank runs in the loop of the conditioning: where both have their registers. */
#ifdef __AVX512VL__
#define BANK_FITS true
#else
#define BANK_FITS false
#endif

/* ---- Normal numbers (Box and Muller 1958), two of each 64 random bits ---- */

static void normal(float *out, uint64_t key, uint64_t first, uint32_t frames)
{
    for (uint32_t done = 0; done < frames; done += 2 * BATCH) {
        const uint32_t wanted = frames - done < 2 * BATCH ? frames - done : 2 * BATCH;
        uint32_t size[BATCH], turn[BATCH];
        float spare[2 * BATCH], *both = wanted < 2 * BATCH ? spare : out + done;

        for (uint32_t i = 0; i < BATCH; i++) {
            const uint64_t bits = ps_random_bits(key, (first + done) / 2 + i);

            size[i] = (uint32_t)(bits >> 32);
            turn[i] = (uint32_t)bits;
        }
        for (uint32_t i = 0; i < BATCH; i++) {
            /* (0, 1): from the middle of each of 2^31 steps. */
            const float u = ((float)(int32_t)(size[i] >> 1) + 0.5f) * 0x1p-31f;
            const float radius = sqrtf(-1.38629436f * ps_log2_float(u)); /* sqrt(-2 ln u) */
            const float cycles = (float)(int32_t)turn[i] * 0x1p-32f;

            both[2 * i] = radius * ps_cos_cycles_float(cycles);
            both[2 * i + 1] = radius * ps_sin_cycles_float(cycles);
        }
        if (both == spare)
            memcpy(out + done, spare, wanted * sizeof *out);
    }
}

/* ---- Sections ---- */

typedef struct memory {
    ps_lanes first, second;
} memory;

/* All the memory of one vector of lanes. */
typedef struct vector {
    ps_lanes strip[STRIP];
    ps_lanes bank[PS_COLOUR_BANK];
    ps_lanes first[PS_COLOUR_FIRST];
    memory second[PS_COLOUR_SECOND];
    ps_lanes low[2];
    memory high[2];
} vector;

/* A sample through pink's bank. */
static inline ps_lanes step_bank(ps_lanes b[PS_COLOUR_BANK], ps_lanes w)
{
    for (uint32_t j = 0; j < PS_COLOUR_BANK; j++)
        b[j] = ps_lanes_madd(ps_lanes_all((float)ps_colour_bank_pole[j]), b[j],
                             ps_lanes_all((float)ps_colour_bank_gain[j]) * w);
    return ((b[0] + b[1]) + (b[2] + b[3])) + (b[4] + b[5]);
}

static void run_bank(vector *v)
{
    ps_lanes b[PS_COLOUR_BANK];

    memcpy(b, v->bank, sizeof b);
    for (uint32_t i = 0; i < STRIP; i++)
        v->strip[i] = step_bank(b, v->strip[i]);
    memcpy(v->bank, b, sizeof b);
}

/* `count` sections; inlined with a constant, so that their memory is in registers. */
static inline void run_firsts(ps_lanes strip[STRIP], const ps_colour_first *sections,
                              ps_lanes *memories, const uint32_t count)
{
    ps_lanes m[FIRSTS], zero[FIRSTS], pole[FIRSTS];

    for (uint32_t k = 0; k < count; k++) {
        m[k] = memories[k];
        zero[k] = ps_lanes_all((float)sections[k].zero);
        pole[k] = ps_lanes_all((float)sections[k].pole);
    }
    for (uint32_t i = 0; i < STRIP; i++) {
        ps_lanes x = strip[i];

        for (uint32_t k = 0; k < count; k++) {
            const ps_lanes y = x + m[k];

            m[k] = ps_lanes_madd(pole[k], y, -(zero[k] * x));
            x = y;
        }
        strip[i] = x;
    }
    for (uint32_t k = 0; k < count; k++)
        memories[k] = m[k];
}

static void run_all_firsts(vector *v, const ps_colour_shape *shape)
{
    uint32_t k = 0;

    for (; k + FIRSTS <= shape->first_count; k += FIRSTS)
        run_firsts(v->strip, shape->first + k, v->first + k, FIRSTS);
    for (; k + 2 <= shape->first_count; k += 2)
        run_firsts(v->strip, shape->first + k, v->first + k, 2);
    if (k < shape->first_count)
        run_firsts(v->strip, shape->first + k, v->first + k, 1);
}

typedef struct second {
    ps_lanes from_input, twice, g, mix[3];
} second;

static inline second second_of(const ps_colour_second *section)
{
    const double share = 1.0 / (1.0 + section->g * (section->g + section->k));

    return (second){
        .from_input = ps_lanes_all((float)(section->g * share)),
        .twice = ps_lanes_all((float)(2.0 * share)),
        .g = ps_lanes_all((float)section->g),
        .mix = {ps_lanes_all((float)section->mix[0]), ps_lanes_all((float)section->mix[1]),
                ps_lanes_all((float)section->mix[2])},
    };
}

/* `count` sections, likewise. */
static inline void run_seconds(ps_lanes strip[STRIP], const ps_colour_second *sections,
                               memory *memories, const uint32_t count)
{
    second s[SECONDS];
    memory m[SECONDS];

    for (uint32_t k = 0; k < count; k++) {
        s[k] = second_of(&sections[k]);
        m[k] = memories[k];
    }
    for (uint32_t i = 0; i < STRIP; i++) {
        ps_lanes x = strip[i];

        for (uint32_t k = 0; k < count; k++) {
            const ps_lanes band = ps_lanes_madd(s[k].from_input, x - m[k].second, m[k].first);
            const ps_lanes low = ps_lanes_madd(s[k].g, band, m[k].second);

            m[k].first = ps_lanes_msub(s[k].twice, band, m[k].first);
            m[k].second = ps_lanes_madd(s[k].g, band, low);
            x = ps_lanes_madd(s[k].mix[1], band, ps_lanes_madd(s[k].mix[2], low, s[k].mix[0] * x));
        }
        strip[i] = x;
    }
    for (uint32_t k = 0; k < count; k++)
        memories[k] = m[k];
}

static void run_all_seconds(vector *v, const ps_colour_shape *shape)
{
    uint32_t k = 0;

    for (; k + SECONDS <= shape->second_count; k += SECONDS)
        run_seconds(v->strip, shape->second + k, v->second + k, SECONDS);
    if (k < shape->second_count)
        run_seconds(v->strip, shape->second + k, v->second + k, 1);
}

/* The low-pass and the high-pass, twice each, in one loop: they wait for themselves together, and
   there is time for the bank. bank: inlined with a constant. */
static inline void run_conditioning(vector *v, const ps_colour_shape *shape, const bool bank)
{
    const ps_colour_second section = ps_colour_highpass(shape);
    const second high = second_of(&section);
    const ps_lanes k = ps_lanes_all((float)section.k);
    const ps_lanes zero = ps_lanes_all((float)-shape->lowpass.zero);
    const ps_lanes pole = ps_lanes_all((float)shape->lowpass.pole);
    ps_lanes b[PS_COLOUR_BANK], l[2] = {v->low[0], v->low[1]};
    memory h[2] = {v->high[0], v->high[1]};

    memcpy(b, v->bank, sizeof b);
    for (uint32_t i = 0; i < STRIP; i++) {
        ps_lanes x = bank ? step_bank(b, v->strip[i]) : v->strip[i];

        for (uint32_t j = 0; j < 2; j++) {
            const ps_lanes y = x + l[j];

            l[j] = ps_lanes_madd(pole, y, zero * x);
            x = y;
        }
        for (uint32_t j = 0; j < 2; j++) {
            const ps_lanes band = ps_lanes_madd(high.from_input, x - h[j].second, h[j].first);
            const ps_lanes low = ps_lanes_madd(high.g, band, h[j].second);

            h[j].first = ps_lanes_msub(high.twice, band, h[j].first);
            h[j].second = ps_lanes_madd(high.g, band, low);
            x = ps_lanes_nmadd(k, band, x - low);
        }
        v->strip[i] = x;
    }
    memcpy(v->bank, b, sizeof b);
    memcpy(v->low, l, sizeof l);
    memcpy(v->high, h, sizeof h);
}

static void load_strip(vector *v, const float *samples, uint32_t lane_frames)
{
    for (uint32_t i = 0; i < STRIP; i += PS_LANES) {
        for (uint32_t lane = 0; lane < PS_LANES; lane++)
            v->strip[i + lane] = ps_lanes_read(samples + (size_t)lane * lane_frames + i);
        ps_lanes_turn(v->strip + i);
    }
}

static void store_strip(vector *v, float *samples, uint32_t lane_frames, double gain)
{
    const ps_lanes scale = ps_lanes_all((float)gain);

    for (uint32_t i = 0; i < STRIP; i += PS_LANES) {
        ps_lanes_turn(v->strip + i);
        for (uint32_t lane = 0; lane < PS_LANES; lane++)
            ps_lanes_write(samples + (size_t)lane * lane_frames + i, scale * v->strip[i + lane]);
    }
}

static void run_strip(vector *v, const ps_colour_shape *shape)
{
    if (BANK_FITS && shape->bank && shape->first_count + shape->second_count == 0) {
        run_conditioning(v, shape, true);
        return;
    }
    if (shape->bank)
        run_bank(v);
    run_all_firsts(v, shape);
    run_all_seconds(v, shape);
    run_conditioning(v, shape, false);
}

/* What one lane replaces, the next one has read a whole lane earlier: vectors go on strip by
   strip. */
static void run(const ps_colour_shape *shape, float *samples, uint32_t ahead_frames,
                uint32_t lane_frames)
{
    vector vectors[SIDE];

    memset(vectors, 0, sizeof vectors);
    for (uint32_t at = 0; at < ahead_frames + lane_frames; at += STRIP) {
        for (uint32_t side = 0; side < SIDE; side++) {
            float *lanes = samples + (size_t)side * PS_LANES * lane_frames + at;

            load_strip(&vectors[side], lanes, lane_frames);
            run_strip(&vectors[side], shape);
            if (at >= ahead_frames)
                store_strip(&vectors[side], lanes, lane_frames, shape->gain);
        }
    }
}

#define WORD(x)     #x
#define EXPANDED(x) WORD(x)

const ps_colour_row PS_ROW(ps_colour_row) = {EXPANDED(PS_ROW_NAME), normal, run,
                                             PS_ROW(ps_colour_power)};
