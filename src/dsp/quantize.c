/*
 * Floats become integers: scaled by a power of two, dithered, rounded to nearest even, saturated.
 *
 * The dither is the difference of two uniform numbers of one unit in the last place: triangular,
 * which makes the mean and the variance of the error independent of the signal (Lipshitz,
 * Wannamaker and Vanderkooy, "Quantization and dither: a theoretical survey", JAES 40, 1992). Four
 * numbers of 16 bits, two per channel, are the random bits of a frame.
 */
#include <string.h>

#include "base/random.h"
#include "kernel/math.h"
#include "plainsong/audio.h"

#define RUN 64u /* frames at once */

uint32_t ps_sample_bytes(ps_sample_format format)
{
    static const uint8_t bytes[] = {2, 3, 4, 4};

    return bytes[format];
}

/* In 1/65536 of the last place. */
static void make_dither(int32_t dither[2][RUN], uint64_t key, uint64_t first_frame, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const uint64_t bits = ps_random_bits(key, first_frame + i);
        const uint32_t low = (uint32_t)bits, high = (uint32_t)(bits >> 32);

        dither[0][i] = (int32_t)(low & 0xffff) - (int32_t)(low >> 16);
        dither[1][i] = (int32_t)(high & 0xffff) - (int32_t)(high >> 16);
    }
}

static void mean_of(float *out, const float *left, const float *right, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++)
        out[i] = (float)(0.5 * ((double)left[i] + (double)right[i]));
}

/* For 16 bits floats will do: all of it is exact but the sum, which is off by at most 1/1024 of the
   last place. What is not a number becomes 0. */
static void round16(int32_t *out, const float *x, const int32_t *dither, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const float number = x[i] == x[i] ? x[i] : 0.0f;
        const float wanted = number * 0x1p15f + (float)dither[i] * 0x1p-16f;
        const float high = wanted < 0x1p15f - 1.0f ? wanted : 0x1p15f - 1.0f;
        const float fitting = high > -0x1p15f ? high : -0x1p15f;

        out[i] = (int32_t)(ps_bits_of_float(fitting + PS_ROUNDER_FLOAT) & 0xffff);
    }
}

/* The old track renderer's way. */
static void truncate16(int32_t *out, const float *x, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const float number = x[i] == x[i] ? x[i] : 0.0f;
        const float wanted = number * 32767.0f;
        const float high = wanted < 32767.0f ? wanted : 32767.0f;

        out[i] = (int32_t)(high > -32768.0f ? high : -32768.0f) & 0xffff;
    }
}

/* A float scaled by a power of two is exact in a double, and so is its sum with the dither but for
   the smallest samples. */
static void round_wide(int32_t *out, const float *x, const int32_t *dither, uint32_t frames,
                       double scale)
{
    for (uint32_t i = 0; i < frames; i++) {
        const float number = x[i] == x[i] ? x[i] : 0.0f;
        const double wanted = (double)number * scale + dither[i] * 0x1p-16;
        const double high = wanted < scale - 1.0 ? wanted : scale - 1.0;
        const double fitting = high > -scale ? high : -scale;

        out[i] = (int32_t)(uint32_t)ps_bits_of_double(fitting + PS_ROUNDER);
    }
}

static void keep_float(int32_t *out, const float *x, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++)
        out[i] = (int32_t)ps_bits_of_float(x[i] == x[i] ? x[i] : 0.0f);
}

static uint32_t little(uint32_t word)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap32(word);
#else
    return word;
#endif
}

/* Both channels of a frame are one word. */
static void put16_stereo(uint8_t *bytes, int32_t rows[2][RUN], uint32_t frames)
{
    uint32_t words[RUN];

    for (uint32_t i = 0; i < frames; i++)
        words[i] = little((uint32_t)rows[0][i] | (uint32_t)rows[1][i] << 16);
    memcpy(bytes, words, frames * sizeof *words);
}

static void put32(uint8_t *bytes, int32_t rows[2][RUN], uint32_t frames, uint32_t channels)
{
    uint32_t words[2 * RUN];

    for (uint32_t i = 0; i < frames; i++) {
        for (uint32_t c = 0; c < channels; c++)
            words[i * channels + c] = little((uint32_t)rows[c][i]);
    }
    memcpy(bytes, words, (size_t)frames * channels * sizeof *words);
}

/* The low bytes of each sample. */
static void put_bytes(uint8_t *bytes, int32_t rows[2][RUN], uint32_t frames, uint32_t channels,
                      uint32_t sample_bytes)
{
    for (uint32_t i = 0; i < frames; i++) {
        for (uint32_t c = 0; c < channels; c++) {
            for (uint32_t b = 0; b < sample_bytes; b++)
                *bytes++ = (uint8_t)((uint32_t)rows[c][i] >> (8 * b));
        }
    }
}

static void round_row(const ps_quantizer *q, int32_t *out, const float *x, const int32_t *dither,
                      uint32_t frames)
{
    if (q->format == PS_SAMPLE_INT16 && q->truncate)
        truncate16(out, x, frames);
    else if (q->format == PS_SAMPLE_INT16)
        round16(out, x, dither, frames);
    else if (q->format == PS_SAMPLE_FLOAT32)
        keep_float(out, x, frames);
    else
        round_wide(out, x, dither, frames, q->format == PS_SAMPLE_INT24 ? 0x1p23 : 0x1p31);
}

/* At most RUN frames. */
static void quantize_run(const ps_quantizer *q, uint64_t key, uint8_t *bytes, ps_block block,
                         uint64_t first_frame, uint32_t channels)
{
    int32_t dither[2][RUN], rows[2][RUN];
    float mean[RUN];

    if (q->dither && q->format != PS_SAMPLE_FLOAT32)
        make_dither(dither, key, first_frame, block.frames);
    else
        memset(dither, 0, sizeof dither);
    if (channels == 1) {
        mean_of(mean, block.left, block.right, block.frames);
        round_row(q, rows[0], mean, dither[0], block.frames);
    } else {
        round_row(q, rows[0], block.left, dither[0], block.frames);
        round_row(q, rows[1], block.right, dither[1], block.frames);
    }
    if (q->format == PS_SAMPLE_INT16 && channels == 2)
        put16_stereo(bytes, rows, block.frames);
    else if (q->format == PS_SAMPLE_INT32 || q->format == PS_SAMPLE_FLOAT32)
        put32(bytes, rows, block.frames, channels);
    else
        put_bytes(bytes, rows, block.frames, channels, ps_sample_bytes(q->format));
}

void ps_quantize(const ps_quantizer *quantizer, uint8_t *bytes, ps_block block,
                 uint64_t first_frame, uint32_t channels)
{
    const uint32_t frame_bytes = channels * ps_sample_bytes(quantizer->format);
    const uint64_t key = ps_random_key(quantizer->seed, 0);

    for (uint32_t at = 0; at < block.frames; at += RUN) {
        const uint32_t left = block.frames - at;

        quantize_run(quantizer, key, bytes + (size_t)at * frame_bytes,
                     ps_block_part(block, at, left < RUN ? left : RUN), first_frame + at, channels);
    }
}
