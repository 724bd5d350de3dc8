/*
 * Plays events with a bank made by the test and measures what came out: for tests that check the
 * synthesizer by its sound.
 */
#ifndef TESTS_PLAY_H
#define TESTS_PLAY_H

#include "support.h"

#include <math.h>

#include "plainsong/score.h"
#include "plainsong/synth.h"

#include "sf2_builder.h"

/* 120 quarters a minute, 500 ticks a quarter: a tick is a millisecond. */
#define PLAY_TICKS_PER_QUARTER 500u
#define PLAY_EVENTS            4096u

#ifndef M_PI
#define M_PI 3.14159265358979323846
#endif

#define PLAY_RATE_HZ 44100.0

/* Events being written down; times in milliseconds. */
typedef struct play_list {
    ps_event events[PLAY_EVENTS];
    size_t count;
} play_list;

static inline void play_event(play_list *list, uint32_t ms, uint32_t channel, ps_event_kind kind,
                              uint32_t a, uint32_t b)
{
    ps_event *event = &list->events[list->count++];

    assert_true(list->count <= PLAY_EVENTS);
    memset(event, 0, sizeof *event);
    event->tick = ms;
    event->channel = (uint16_t)channel;
    event->kind = (uint8_t)kind;
    event->a = (uint8_t)a;
    event->b = (uint8_t)b;
}

static inline void play_on(play_list *list, uint32_t ms, uint32_t channel, uint32_t key,
                           uint32_t velocity)
{
    play_event(list, ms, channel, PS_EVENT_NOTE_ON, key, velocity);
}

static inline void play_off(play_list *list, uint32_t ms, uint32_t channel, uint32_t key)
{
    play_event(list, ms, channel, PS_EVENT_NOTE_OFF, key, 64);
}

static inline void play_cc(play_list *list, uint32_t ms, uint32_t channel, uint32_t control,
                           uint32_t value)
{
    play_event(list, ms, channel, PS_EVENT_CONTROL, control, value);
}

static inline void play_program(play_list *list, uint32_t ms, uint32_t channel, uint32_t program)
{
    play_event(list, ms, channel, PS_EVENT_PROGRAM, program, 0);
}

static inline void play_bend(play_list *list, uint32_t ms, uint32_t channel, uint32_t value)
{
    play_event(list, ms, channel, PS_EVENT_PITCH_BEND, value & 127, value >> 7);
}

/* data must live until the list is played. */
static inline void play_sysex(play_list *list, uint32_t ms, const uint8_t *data, size_t bytes)
{
    play_event(list, ms, 0, PS_EVENT_SYSEX, 0, 0);
    list->events[list->count - 1].data = data;
    list->events[list->count - 1].data_bytes = (uint32_t)bytes;
}

static inline void play_rpn(play_list *list, uint32_t ms, uint32_t channel, uint32_t number,
                            uint32_t coarse, uint32_t fine)
{
    play_cc(list, ms, channel, 101, number >> 7);
    play_cc(list, ms, channel, 100, number & 127);
    play_cc(list, ms, channel, 6, coarse);
    play_cc(list, ms, channel, 38, fine);
}

static inline void play_nrpn(play_list *list, uint32_t ms, uint32_t channel, uint32_t coarse,
                             uint32_t fine, uint32_t data)
{
    play_cc(list, ms, channel, 99, coarse);
    play_cc(list, ms, channel, 98, fine);
    play_cc(list, ms, channel, 6, data >> 7);
    play_cc(list, ms, channel, 38, data & 127);
}

/* What was heard. */
typedef struct play_take {
    float *left, *right;
    uint64_t frames;
    ps_synth_stats stats;
    uint32_t missing;
} play_take;

static inline void play_free(play_take *take)
{
    free(take->left);
    free(take->right);
    memset(take, 0, sizeof *take);
}

static inline ps_soundfont *play_bank(const uint8_t *bank_data, size_t bank_bytes)
{
    ps_soundfont *bank = NULL;
    ps_error err = {0};

    if (ps_soundfont_open(&bank, bank_data, bank_bytes, NULL, &err) != PS_OK)
        fail_msg("bank: %s", err.text);
    return bank;
}

/* Pulls a source to its end, in blocks of block_frames. */
static inline play_take play_source(ps_source *source, uint32_t block_frames)
{
    const uint64_t most = ps_source_length(source).frames + 2 * PS_GRID_FRAMES;
    play_take take = {0};
    uint32_t got;

    take.left = calloc(most + block_frames, sizeof *take.left);
    take.right = calloc(most + block_frames, sizeof *take.right);
    assert_true(take.left && take.right);
    do {
        const ps_block block = {take.left + take.frames, take.right + take.frames, block_frames};

        assert_true(take.frames <= most);
        got = ps_source_pull(source, block);
        take.frames += got;
    } while (got == block_frames);
    if (ps_performance_synth(source)) {
        ps_synth_get_stats(ps_performance_synth(source), &take.stats);
        ps_synth_missing_presets(ps_performance_synth(source), &take.missing);
    }
    return take;
}

/* No effects, gain 1, so that numbers are plain. */
static inline ps_performance_options play_options(void)
{
    ps_performance_options options = ps_performance_defaults();

    options.synth.gain = 1.0;
    options.synth.reverb_gain = options.synth.chorus_gain = 0.0;
    options.tail_sec = 10.0;
    return options;
}

static inline ps_score *play_score(const play_list *list)
{
    ps_score *score = NULL;
    ps_error err = {0};

    if (ps_score_build(&score, list->events, list->count, PLAY_TICKS_PER_QUARTER, NULL, &err) !=
        PS_OK)
        fail_msg("score: %s", err.text);
    return score;
}

static inline play_take play_with(const uint8_t *bank_data, size_t bank_bytes,
                                  const play_list *list, const ps_performance_options *options,
                                  uint32_t block_frames)
{
    ps_soundfont *bank = play_bank(bank_data, bank_bytes);
    ps_score *score = play_score(list);
    const ps_bank_choice choice = {bank, 0};
    ps_engine *engine = NULL;
    ps_source *source = NULL;
    ps_error err = {0};
    play_take take;

    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    if (ps_performance_create(&source, engine, score, &choice, 1, options, &err) != PS_OK)
        fail_msg("performance: %s", err.text);
    take = play_source(source, block_frames);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    ps_score_destroy(score);
    ps_soundfont_destroy(bank);
    return take;
}

/* A MIDI file and a bank from the folder of the tests. */
static inline uint8_t *play_file(const char *name, size_t *bytes)
{
    char path[512];
    uint8_t *read = read_whole(tests_path(path, sizeof path, name), bytes);

    if (!read)
        fail_msg("cannot read %s", path);
    return read;
}

static inline play_take play_files(const char *mid, const char *sf2_name,
                                   const ps_performance_options *options)
{
    size_t mid_bytes = 0, bank_size = 0;
    uint8_t *mid_data = play_file(mid, &mid_bytes), *sf2_data = play_file(sf2_name, &bank_size);
    ps_soundfont *bank = play_bank(sf2_data, bank_size);
    const ps_bank_choice choice = {bank, 0};
    ps_engine *engine = NULL;
    ps_source *source = NULL;
    ps_score *score = NULL;
    play_take take;

    assert_int_equal(ps_score_read(&score, mid_data, mid_bytes, NULL, NULL), PS_OK);
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    assert_int_equal(ps_performance_create(&source, engine, score, &choice, 1, options, NULL),
                     PS_OK);
    take = play_source(source, 8192);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    ps_score_destroy(score);
    ps_soundfont_destroy(bank);
    free(sf2_data);
    free(mid_data);
    return take;
}

/* ---- Measuring ------------------------------------------------------------------------------- */

static inline double decibel(double ratio)
{
    return ratio > 1e-12 ? 20.0 * log10(ratio) : -240.0;
}

/* RMS of one side between two times, in dBFS. */
static inline double side_db(const float *side, uint64_t frames, double from_sec, double to_sec)
{
    const uint64_t first = (uint64_t)(from_sec * PLAY_RATE_HZ);
    uint64_t end = (uint64_t)(to_sec * PLAY_RATE_HZ);
    double sum = 0.0;

    if (first >= end)
        return -240.0;
    for (uint64_t i = first; i < end && i < frames; i++)
        sum += (double)side[i] * (double)side[i];
    return decibel(sqrt(sum / (double)(end - first)));
}

/* Level of both sides together (power sum). */
static inline double take_db(const play_take *take, double from_sec, double to_sec)
{
    const double left = side_db(take->left, take->frames, from_sec, to_sec);
    const double right = side_db(take->right, take->frames, from_sec, to_sec);

    return 10.0 * log10(pow(10.0, left / 10.0) + pow(10.0, right / 10.0) + 1e-24);
}

/* Frequency of a sine between two times, from its upward zero crossings. */
static inline double take_hz(const play_take *take, double from_sec, double to_sec)
{
    const uint64_t first = (uint64_t)(from_sec * PLAY_RATE_HZ);
    const uint64_t end = (uint64_t)(to_sec * PLAY_RATE_HZ);
    double first_crossing = -1.0, last_crossing = -1.0;
    uint32_t cycles = 0;

    for (uint64_t i = first; i + 1 < end && i + 1 < take->frames; i++) {
        const double a = (double)(take->left[i] + take->right[i]);
        const double b = (double)(take->left[i + 1] + take->right[i + 1]);

        if (a < 0.0 && b >= 0.0) {
            last_crossing = (double)i + a / (a - b);
            if (first_crossing < 0.0)
                first_crossing = last_crossing;
            else
                cycles++;
        }
    }
    return cycles ? cycles / (last_crossing - first_crossing) * PLAY_RATE_HZ : 0.0;
}

static inline double cents_between(double hz, double from_hz)
{
    return hz > 0.0 && from_hz > 0.0 ? 1200.0 * log2(hz / from_hz) : (double)NAN;
}

/* Amplitude of one frequency over a Hann window, in dB of full scale (a full sine is 0). Phasors
   are turned frame by frame: sines and cosines for each would make the tests slow. */
static inline double tone_db(const float *side, uint64_t frames, double from_sec, double to_sec,
                             double hz)
{
    const uint64_t first = (uint64_t)(from_sec * PLAY_RATE_HZ);
    const uint64_t count = (uint64_t)((to_sec - from_sec) * PLAY_RATE_HZ);
    const double turn = 2.0 * M_PI * hz / PLAY_RATE_HZ, slow = 2.0 * M_PI / (double)count;
    const double tc = cos(turn), ts = sin(turn), wc = cos(slow), ws = sin(slow);
    double c = 1.0, s = 0.0, u = cos(slow / 2.0), v = sin(slow / 2.0);
    double re = 0.0, im = 0.0, weight = 0.0;

    for (uint64_t i = 0; i < count && first + i < frames; i++) {
        const double window = 0.5 - 0.5 * u, x = window * (double)side[first + i];
        const double next_c = c * tc - s * ts, next_u = u * wc - v * ws;

        re += x * c;
        im += x * s;
        weight += window;
        s = s * tc + c * ts;
        c = next_c;
        v = v * wc + u * ws;
        u = next_u;
    }
    return decibel(2.0 * sqrt(re * re + im * im) / weight);
}

/* ---- Samples --------------------------------------------------------------------------------- */

#define PLAY_SINE_FRAMES 44100u
#define PLAY_SINE_HZ     441.0

/* A looped sine of 441 Hz (100 frames a cycle) at half of full scale, one second, root key 69. */
static inline uint32_t play_sine(sf2_builder *b)
{
    static int16_t pcm[PLAY_SINE_FRAMES];

    for (uint32_t i = 0; i < PLAY_SINE_FRAMES; i++)
        pcm[i] = (int16_t)lrint(16384.0 * sin(2.0 * M_PI * i / 100.0));
    return sf2_sample(b, "sine", pcm, PLAY_SINE_FRAMES, 44100, 69, 1000, 41000);
}

#endif
