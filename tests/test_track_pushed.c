/*
 * Clips that samples are pushed to: their effects, and what an update of the track does to them.
 * What must come out is what a rack by itself makes of the same samples.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* nanosleep */
#endif
#include "track_support.h"

#include <pthread.h>
#include <stdatomic.h>

#include "effect_support.h"

#define BEGIN 22050u        /* where the clip begins */
#define WHOLE (4u * 44100u) /* frames of the track */
#define FADE  1323u         /* of an update: 30 ms */

static const uint32_t block_sizes[] = {64, 1000, 30000};

#define BLOCK_SIZES (sizeof block_sizes / sizeof block_sizes[0])

/* Four silent seconds with a clip for samples, from half a second on. effects NULL: none. */
static ps_track *track_with(const char *effects, double gain, double pan)
{
    ps_track *track = track_of("{\"global\": {\"sample_rate\": 44100, \"crossfade_duration\": 0},"
                               " \"progression\": [{\"duration\": 4, \"voices\": []}]}");
    ps_track_clip clip = {.start_sec = 0.5, .gain = gain, .pan = pan};

    if (effects)
        clip.effects = (ps_value){.kind = PS_VALUE_TEXT, .text = effects};
    assert_int_equal(ps_track_add_clip(track, &clip, NULL), PS_OK);
    return track;
}

static ps_source *source_of(ps_engine *engine, ps_track *track, bool live)
{
    const ps_track_options options = {.live = live};
    ps_source *source;
    ps_error err = {0};

    if (ps_track_source_create(&source, engine, track, &options, &err) != PS_OK)
        fail_msg("%s", err.text);
    ps_track_destroy(track);
    return source;
}

static void update(ps_source *source, ps_track *track)
{
    assert_int_equal(ps_track_source_update(source, track, NULL), PS_OK);
    ps_track_destroy(track);
}

static void push(ps_source *source, const fx_audio *a, uint32_t first, uint32_t frames,
                 bool finished)
{
    assert_int_equal(
        ps_track_source_push_clip(source, 0, a->left + first, a->right + first, frames, finished),
        PS_OK);
}

/* Pulls into `out` from its frame `first` up to `end`. */
static void pull(ps_source *source, const fx_audio *out, uint32_t first, uint32_t end,
                 uint32_t block)
{
    while (first < end) {
        const uint32_t count = end - first < block ? end - first : block;

        assert_int_equal(ps_source_prepare(source, 0), PS_OK);
        assert_int_equal(
            ps_source_pull(source, (ps_block){out->left + first, out->right + first, count}),
            count);
        first += count;
    }
}

/* A rack over samples and the silence after them, with its latency taken back. */
static fx_audio through(const char *effects, const fx_audio *in, uint32_t frames)
{
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, effects);
    const uint32_t latency = ps_rack_latency(rack);
    fx_audio a = fx_new(frames + latency);

    for (uint32_t i = 0; i < in->frames && i < a.frames; i++) {
        a.left[i] = in->left[i];
        a.right[i] = in->right[i];
    }
    fx_run(rack, &a, 0);
    memmove(a.left, a.left + latency, frames * sizeof(float));
    memmove(a.right, a.right + latency, frames * sizeof(float));
    a.frames = frames;
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    return a;
}

/* Asks for silence up to `begin` and then for what was wanted, with a gain. */
static void is(const char *what, const fx_audio *got, uint32_t begin, const fx_audio *wanted,
               float gain)
{
    for (uint32_t i = 0; i < got->frames; i++) {
        const bool sounds = i >= begin && i - begin < wanted->frames;
        const float l = sounds ? gain * wanted->left[i - begin] : 0.0f;
        const float r = sounds ? gain * wanted->right[i - begin] : 0.0f;

        if (!(fabsf(got->left[i] - l) <= 1e-5f && fabsf(got->right[i] - r) <= 1e-5f))
            fail_msg("%s: frame %u: (%g, %g), not (%g, %g)", what, i, (double)got->left[i],
                     (double)got->right[i], (double)l, (double)r);
    }
}

/* ---- Effects --------------------------------------------------------------------------------- */

static const char *const chains[] = {
    "gain:-6 | pan:0.5",
    "delay:20,0.5,0.5",
    "limiter:-6",
    "compressor:-20,4,lookahead=5 | reverb:0.4,0.3",
    "convolver:old-room,wet=0.4",
    "convolver:room,0.5,block=8192 | convolver:room,0.5,block=16384",
};

#define CHAINS (sizeof chains / sizeof chains[0])

/* However the track is pulled; an effect that is late is fed ahead, so that the sound keeps its
   place, and rings on when no more samples come. */
static void what_is_pushed_goes_through_the_effects_of_its_clip(void **state)
{
    const fx_audio in = fx_noise(40000, 0.5f, 81);
    ps_engine *engine = fx_engine(NULL);

    (void)state;
    for (size_t n = 0; n < CHAINS; n++) {
        fx_audio wanted = through(chains[n], &in, WHOLE - BEGIN);

        for (size_t k = 0; k < 2 * BLOCK_SIZES; k++) {
            ps_source *source = source_of(engine, track_with(chains[n], 0.5, 0.0), k % 2);
            fx_audio out = fx_new(WHOLE);

            push(source, &in, 0, in.frames, true);
            pull(source, &out, 0, WHOLE, block_sizes[k / 2]);
            is(chains[n], &out, BEGIN, &wanted, 0.5f);
            ps_source_destroy(source);
            fx_free(&out);
        }
        fx_free(&wanted);
    }
    ps_engine_destroy(engine);
    fx_free((fx_audio *)&in);
}

static void pushing_bit_by_bit_is_the_same(void **state)
{
    const fx_audio in = fx_noise(100000, 0.5f, 82);
    ps_engine *engine = fx_engine(NULL);

    (void)state;
    for (size_t n = 0; n < CHAINS; n++) {
        fx_audio wanted = through(chains[n], &in, WHOLE - BEGIN), out = fx_new(WHOLE);
        ps_source *source = source_of(engine, track_with(chains[n], 1.0, 0.0), n % 2);
        uint32_t pushed = 40000;

        push(source, &in, 0, pushed, false);
        for (uint32_t at = 0; at < WHOLE; at += 980) { /* one ahead of the other */
            const uint32_t more = in.frames - pushed < 1111 ? in.frames - pushed : 1111;

            if (at >= BEGIN && more > 0) {
                push(source, &in, pushed, more, pushed + more == in.frames);
                pushed += more;
            }
            pull(source, &out, at, at + 980 < WHOLE ? at + 980 : WHOLE, 333);
        }
        is(chains[n], &out, BEGIN, &wanted, 1.0f);
        ps_source_destroy(source);
        fx_free(&wanted);
        fx_free(&out);
    }
    ps_engine_destroy(engine);
    fx_free((fx_audio *)&in);
}

/* Echoes go on while nothing comes, and what comes late plays late, after the silence. */
static void effects_ring_while_samples_are_missing(void **state)
{
    static const char *const effects = "delay:20,0.6,0.8 | reverb:0.5,0.3";
    const fx_audio in = fx_noise(3000, 0.5f, 83);
    ps_engine *engine = fx_engine(NULL);
    ps_source *source = source_of(engine, track_with(effects, 1.0, 0.0), true);
    fx_audio out = fx_new(WHOLE), stream = fx_new(BEGIN + 7680 + 3000);

    (void)state;
    push(source, &in, 0, 1280, false);
    pull(source, &out, 0, BEGIN + 30 + 7680, 960); /* the block that ends there: 6400 are missing */
    push(source, &in, 1280, 1720, false);
    pull(source, &out, BEGIN + 30 + 7680, WHOLE, 960);
    const uint32_t gap_end = (BEGIN + 30 + 7680 + 63) / 64 * 64 - BEGIN; /* it renders runs of 64 */
    for (uint32_t i = 0; i < 1280; i++) {
        stream.left[i] = in.left[i];
        stream.right[i] = in.right[i];
    }
    for (uint32_t i = 1280; i < 3000; i++) {
        stream.left[gap_end + i - 1280] = in.left[i];
        stream.right[gap_end + i - 1280] = in.right[i];
    }
    stream.frames = gap_end + 1720;
    fx_audio wanted = through(effects, &stream, WHOLE - BEGIN);
    is(effects, &out, BEGIN, &wanted, 1.0f);
    assert_true(fx_peak(&out, BEGIN + 3000, BEGIN + 5000) > 0.01f);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    fx_free(&out);
    fx_free(&stream);
    fx_free(&wanted);
    fx_free((fx_audio *)&in);
}

/* Effects that are silent stop; what is pushed then is fed ahead again. */
static void after_a_rest_the_sound_is_in_its_place_again(void **state)
{
    static const char *const effects = "limiter:0,lookahead=20";
    const fx_audio in = fx_sine(30000, 441.0, 0.25);
    ps_engine *engine = fx_engine(NULL);
    ps_source *source = source_of(engine, track_with(effects, 1.0, 0.0), false);
    fx_audio out = fx_new(WHOLE);
    const uint32_t again = 80000; /* 1250 runs of 64 */

    (void)state;
    push(source, &in, 0, 5000, false);
    pull(source, &out, 0, again, 800);
    push(source, &in, 0, 30000, true);
    pull(source, &out, again, WHOLE, 800);
    for (uint32_t i = 0; i < WHOLE; i++) {
        const float wanted = i >= BEGIN && i < BEGIN + 5000    ? in.left[i - BEGIN]
                             : i >= again && i < again + 30000 ? in.left[i - again]
                                                               : 0.0f;

        if (!(fabsf(out.left[i] - wanted) < 1e-5f))
            fail_msg("frame %u: %g, not %g", i, (double)out.left[i], (double)wanted);
    }
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    fx_free(&out);
    fx_free((fx_audio *)&in);
}

static void gain_pan_and_fade_come_after_the_effects(void **state)
{
    ps_engine *engine = fx_engine(NULL);
    ps_track *track = track_of("{\"global\": {\"sample_rate\": 44100},"
                               " \"progression\": [{\"duration\": 4, \"voices\": []}]}");
    const ps_track_clip clip = {
        .start_sec = 0.5,
        .gain = 2.0,
        .pan = 0.5,
        .fade_in_sec = 0.1,
        .effects = {.kind = PS_VALUE_TEXT, .text = "limiter:-20"},
    };
    fx_audio in = fx_sine(44100, 1000.0, 0.5), out = fx_new(WHOLE);

    (void)state;
    assert_int_equal(ps_track_add_clip(track, &clip, NULL), PS_OK);
    ps_source *source = source_of(engine, track, false);
    push(source, &in, 0, in.frames, true);
    pull(source, &out, 0, WHOLE, 4096);
    fx_audio wanted = through("limiter:-20", &in, in.frames);
    for (uint32_t i = 0; i < wanted.frames; i++) {
        const float fade = i < 4410 ? (float)i / 4409.0f : 1.0f;

        assert_near((double)out.left[BEGIN + i], (double)(fade * wanted.left[i]), 1e-6);
        assert_near((double)out.right[BEGIN + i], (double)(2.0f * fade * wanted.right[i]), 1e-6);
    }
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    fx_free(&in);
    fx_free(&out);
    fx_free(&wanted);
}

static int told;
static char told_text[240];

static void count_warning(void *user, const ps_error *warning)
{
    (void)user;
    told++;
    memcpy(told_text, warning->text, sizeof told_text);
}

static void effects_that_cannot_be_are_told_and_left_out(void **state)
{
    const ps_track_options options = {.warnings = {.add = count_warning}};
    const fx_audio in = fx_noise(10000, 0.5f, 84);
    ps_engine *engine = fx_engine(NULL);
    ps_track *track = track_with("gian:-6", 1.0, 0.0);
    fx_audio out = fx_new(WHOLE);
    ps_source *source;

    (void)state;
    told = 0;
    assert_int_equal(ps_track_source_create(&source, engine, track, &options, NULL), PS_OK);
    assert_int_equal(told, 1);
    assert_string_equal(told_text, "overlay_clips[0].effects: effects, column 1: no effect \"gian\""
                                   ": this clip plays without them");
    push(source, &in, 0, in.frames, true);
    pull(source, &out, 0, WHOLE, 500);
    is("dry", &out, BEGIN, &in, 1.0f);
    ps_track_destroy(track);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    fx_free(&out);
    fx_free((fx_audio *)&in);
}

/* ---- Updates --------------------------------------------------------------------------------- */

/* Where the change begins when it was asked for at a frame: at once, or live, some time later. */
static uint32_t change_of(const fx_audio *out, const fx_audio *before, uint32_t asked)
{
    uint32_t at = asked;

    while (at < out->frames && fabsf(out->left[at] - before->left[at - BEGIN]) < 1e-6f &&
           fabsf(out->right[at] - before->right[at - BEGIN]) < 1e-6f)
        at++;
    return at;
}

static void what_an_update_does_not_change_runs_on(void **state)
{
    const fx_audio in = fx_noise(100000, 0.5f, 85);
    ps_engine *engine = fx_engine(NULL);

    (void)state;
    for (size_t n = 0; n < CHAINS; n++) {
        fx_audio wanted = through(chains[n], &in, WHOLE - BEGIN);

        for (size_t k = 0; k < 2 * BLOCK_SIZES; k++) {
            ps_source *source = source_of(engine, track_with(chains[n], 0.5, 0.0), k % 2);
            fx_audio out = fx_new(WHOLE);

            push(source, &in, 0, in.frames, true);
            pull(source, &out, 0, 20000, block_sizes[k / 2]); /* before the clip begins */
            update(source, track_with(chains[n], 0.5, 0.0));
            pull(source, &out, 20000, 60000, block_sizes[k / 2]);
            update(source, track_with(chains[n], 0.5, 0.0));
            pull(source, &out, 60000, WHOLE, block_sizes[k / 2]);
            is(chains[n], &out, BEGIN, &wanted, 0.5f);
            ps_source_destroy(source);
            fx_free(&out);
        }
        fx_free(&wanted);
    }
    ps_engine_destroy(engine);
    fx_free((fx_audio *)&in);
}

static void a_changed_gain_fades_and_the_effects_ring_on(void **state)
{
    static const char *const effects = "convolver:room,wet=0.8";
    const fx_audio in = fx_noise(60000, 0.5f, 86);
    ps_engine *engine = fx_engine(NULL);
    fx_audio wanted = through(effects, &in, WHOLE - BEGIN);

    (void)state;
    for (size_t k = 0; k < 2 * BLOCK_SIZES; k++) {
        ps_source *source = source_of(engine, track_with(effects, 1.0, 0.0), k % 2);
        fx_audio out = fx_new(WHOLE);

        push(source, &in, 0, in.frames, true);
        pull(source, &out, 0, 60032, block_sizes[k / 2]);
        update(source, track_with(effects, 0.25, 0.0));
        pull(source, &out, 60032, WHOLE, block_sizes[k / 2]);
        const uint32_t at = change_of(&out, &wanted, 60032) / 64 * 64;
        assert_in_range(at, 60032, k % 2 ? 60032 + 11025 + 30000 : 60032);
        for (uint32_t i = BEGIN; i < WHOLE; i++) {
            const float gone = i < at ? 0.0f : fminf(1.0f, (float)(i - at + 1) / FADE);

            assert_near((double)out.left[i],
                        (double)((1.0f - 0.75f * gone) * wanted.left[i - BEGIN]), 1e-5);
        }
        ps_source_destroy(source);
        fx_free(&out);
    }
    fx_free(&wanted);
    ps_engine_destroy(engine);
    fx_free((fx_audio *)&in);
}

/* From one chain to another while a sine plays: the old one fades into the new one, which has heard
   the sound from the change on, and both keep their place although one is late by more. */
static void a_changed_chain_fades_in(void **state)
{
    static const char *const rows[][2] = {
        {"gain:0", "gain:-12"},
        {NULL, "gain:-12"},
        {"gain:-12", NULL},
        {"gain:-3", "limiter:-1,lookahead=20"}, /* later by 20 ms and more */
        {"limiter:-1,lookahead=20", "gain:-3"}, /* and back */
        {"compressor:0,1,lookahead=5", "convolver:one,wet=0,block=16384"},
        {"convolver:one,wet=0,block=16384", "compressor:0,1,lookahead=5"},
    };
    const fx_audio in = fx_sine(120000, 441.0, 0.5);
    ps_engine *engine = fx_engine(NULL);

    (void)state;
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        char texts[2][80];
        float gains[2];

        for (int i = 0; i < 2; i++) {
            const char *text = rows[n][i] ? rows[n][i] : "";
            const char *file = strstr(text, "one"); /* any room will do: nothing of it is heard */

            gains[i] =
                (float)pow(10.0, 0.05 * (strncmp(text, "gain", 4) == 0 ? atof(text + 5) : 0));
            snprintf(texts[i], sizeof texts[i], "%s", text);
            if (file)
                snprintf(texts[i], sizeof texts[i], "convolver:room%s", file + 3);
        }
        for (size_t k = 0; k < 2 * BLOCK_SIZES; k++) {
            const uint32_t asked = 60032;
            ps_source *source =
                source_of(engine, track_with(rows[n][0] ? texts[0] : NULL, 1.0, 0.0), k % 2);
            fx_audio out = fx_new(WHOLE), before = fx_copy(&in);
            uint32_t at = asked;

            push(source, &in, 0, in.frames, true);
            pull(source, &out, 0, asked, block_sizes[k / 2]);
            update(source, track_with(rows[n][1] ? texts[1] : NULL, 1.0, 0.0));
            pull(source, &out, asked, WHOLE, block_sizes[k / 2]);
            if (gains[0] != gains[1]) {
                for (uint32_t i = 0; i < before.frames; i++) {
                    before.left[i] *= gains[0];
                    before.right[i] *= gains[0];
                }
                at = change_of(&out, &before, asked) / 64 * 64;
                assert_in_range(at, asked, k % 2 ? asked + 11025 + 30000 : asked);
            }
            for (uint32_t i = 0; i < WHOLE; i++) {
                const bool sounds = i >= BEGIN && i - BEGIN < in.frames;
                const float gone = i < at ? 0.0f : fminf(1.0f, (float)(i - at + 1) / FADE);
                const float gain = gains[0] + (gains[1] - gains[0]) * gone;
                const float wanted = sounds ? gain * in.left[i - BEGIN] : 0.0f;

                if (!(fabsf(out.left[i] - wanted) < 2e-3f))
                    fail_msg("%s to %s, blocks of %u: frame %u: %g, not %g", texts[0], texts[1],
                             block_sizes[k / 2], i, (double)out.left[i], (double)wanted);
            }
            ps_source_destroy(source);
            fx_free(&out);
            fx_free(&before);
        }
    }
    ps_engine_destroy(engine);
    fx_free((fx_audio *)&in);
}

static void a_clip_that_goes_or_comes_does_so_without_a_step(void **state)
{
    fx_audio in = fx_new(120000);
    ps_engine *engine = fx_engine(NULL);

    (void)state;
    for (uint32_t i = 0; i < in.frames; i++)
        in.left[i] = in.right[i] = 0.5f;
    for (size_t k = 0; k < 2 * BLOCK_SIZES; k++) {
        ps_source *source = source_of(engine, track_with("gain:0", 1.0, 0.0), k % 2);
        ps_track *none = track_of("{\"global\": {\"sample_rate\": 44100},"
                                  " \"progression\": [{\"duration\": 4, \"voices\": []}]}");
        fx_audio out = fx_new(WHOLE);

        push(source, &in, 0, in.frames, true);
        pull(source, &out, 0, 50000, block_sizes[k / 2]);
        update(source, none);
        pull(source, &out, 50000, 100000, block_sizes[k / 2]);
        update(source, track_with("gain:0", 1.0, 0.0));
        pull(source, &out, 100000, WHOLE - 10000, block_sizes[k / 2]);
        assert_true(out.left[95000] == 0.0f && out.left[WHOLE - 10001] == 0.5f);
        for (uint32_t i = BEGIN + 1; i < WHOLE - 10000; i++)
            if (!(fabsf(out.left[i] - out.left[i - 1]) < 0.5f / FADE + 1e-6f))
                fail_msg("blocks of %u: a step of %g at frame %u", block_sizes[k / 2],
                         (double)(out.left[i] - out.left[i - 1]), i);
        ps_source_destroy(source);
        fx_free(&out);
    }
    ps_engine_destroy(engine);
    fx_free(&in);
}

/* ---- Clips with files ------------------------------------------------------------------------ */

static float tone[60000];

static ps_status load_tone(void *user, const char *path, ps_recording *out, ps_error *err)
{
    (void)user;
    (void)path;
    (void)err;
    *out = (ps_recording){.samples = tone, .frames = 60000, .channels = 1, .rate_hz = 44100.0};
    return PS_OK;
}

static void release_tone(void *user, ps_recording *recording)
{
    (void)user;
    (void)recording;
}

static ps_track *file_track(const char *effects)
{
    ps_track *track = track_of("{\"global\": {\"sample_rate\": 44100},"
                               " \"progression\": [{\"duration\": 4, \"voices\": []}]}");
    const ps_track_clip clip = {.path = "tone",
                                .start_sec = 0.5,
                                .gain = 1.0,
                                .effects = {.kind = PS_VALUE_TEXT, .text = effects}};

    assert_int_equal(ps_track_add_clip(track, &clip, NULL), PS_OK);
    return track;
}

/* The chain of a clip from a file: afterwards it is as if the new track had played all the time. */
static void a_changed_chain_of_a_file_fades_in_too(void **state)
{
    static const char *const texts[] = {"delay:50,0.3,0.5", "convolver:old-room,wet=0.5 | gain:-6"};
    ps_track_options options = {.media = {.load = load_tone, .release = release_tone}};
    ps_engine *engine = fx_engine(NULL);
    fx_audio alone[2];

    (void)state;
    for (uint32_t i = 0; i < 60000; i++)
        tone[i] = 0.5f * sinf(0.03f * (float)i);
    for (int i = 0; i < 2; i++) {
        ps_track *track = file_track(texts[i]);
        ps_source *source;

        assert_int_equal(ps_track_source_create(&source, engine, track, &options, NULL), PS_OK);
        alone[i] = fx_new(WHOLE);
        pull(source, &alone[i], 0, WHOLE, 4096);
        ps_source_destroy(source);
        ps_track_destroy(track);
    }
    for (size_t k = 0; k < 2 * BLOCK_SIZES; k++) {
        ps_track *track = file_track(texts[0]);
        fx_audio out = fx_new(WHOLE);
        ps_source *source;
        uint32_t at = 60032;

        options.live = k % 2;
        assert_int_equal(ps_track_source_create(&source, engine, track, &options, NULL), PS_OK);
        pull(source, &out, 0, 60032, block_sizes[k / 2]);
        update(source, file_track(texts[1]));
        pull(source, &out, 60032, WHOLE, block_sizes[k / 2]);
        while (at < WHOLE && fabsf(out.left[at] - alone[0].left[at]) < 1e-6f)
            at++;
        at = at / 64 * 64;
        assert_in_range(at, 60032, k % 2 ? 60032 + 11025 + 30000 : 60032);
        for (uint32_t i = 0; i < WHOLE; i++) {
            const float gone = i < at ? 0.0f : fminf(1.0f, (float)(i - at + 1) / FADE);
            const float wanted = alone[0].left[i] + (alone[1].left[i] - alone[0].left[i]) * gone;

            if (!(fabsf(out.left[i] - wanted) < 2e-5f))
                fail_msg("blocks of %u: frame %u: %g, not %g", block_sizes[k / 2], i,
                         (double)out.left[i], (double)wanted);
        }
        ps_source_destroy(source);
        ps_track_destroy(track);
        fx_free(&out);
    }
    fx_free(&alone[0]);
    fx_free(&alone[1]);
    ps_engine_destroy(engine);
}

/* ---- Trouble --------------------------------------------------------------------------------- */

static void failing_allocations_give_everything_back(void **state)
{
    const fx_audio in = fx_noise(5000, 0.5f, 87);
    ps_track *first = track_with("limiter | delay", 1.0, 0.0);
    ps_track *second = track_with("reverb", 1.0, 0.0);

    (void)state;
    for (long allowed = 0;; allowed++) {
        failing_allocator heap;
        ps_source *source = NULL;
        ps_engine *engine = NULL;

        failing_init(&heap, allowed);
        const ps_engine_options with = {.allocator = &heap.base};
        ps_status status = ps_engine_create(&engine, &with, NULL);
        if (status == PS_OK)
            status = ps_track_source_create(&source, engine, first, NULL, NULL);
        if (status == PS_OK) {
            fx_audio out = fx_new(40000);

            push(source, &in, 0, in.frames, true);
            pull(source, &out, 0, 23000, 4096);
            status = ps_track_source_update(source, second, NULL);
            pull(source, &out, 23000, 40000, 4096); /* what cannot be made leaves what plays */
            assert_true(fx_peak(&out, BEGIN, 27000) > 0.1f);
            fx_free(&out);
        }
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        const bool all = heap.allowed > 0;
        ps_source_destroy(source);
        ps_engine_destroy(engine);
        assert_int_equal(heap.live, 0);
        if (all)
            break;
    }
    ps_track_destroy(first);
    ps_track_destroy(second);
    fx_free((fx_audio *)&in);
}

/* ---- Threads --------------------------------------------------------------------------------- */

typedef struct busy {
    ps_source *source;
    const fx_audio *in;
    atomic_bool stop;
} busy;

static void *keep_pushing(void *argument)
{
    busy *b = argument;

    for (uint32_t at = 0; !atomic_load(&b->stop); at = (at + 700) % 7000) {
        (void)ps_track_source_push_clip(b->source, 0, b->in->left + at, b->in->right + at, 700,
                                        false);
        nanosleep(&(struct timespec){0, 500000}, NULL);
    }
    return NULL;
}

static void *keep_updating(void *argument)
{
    busy *b = argument;

    for (size_t n = 0; !atomic_load(&b->stop); n++) {
        if (n % 4 == 0)
            update(b->source, track_with(n % 3 ? chains[n / 4 % CHAINS] : NULL, 0.5, 0.0));
        assert_int_equal(ps_source_prepare(b->source, 44100), PS_OK);
        nanosleep(&(struct timespec){0, 2000000}, NULL);
    }
    return NULL;
}

/* One pushes, one updates and prepares, one pulls: only numbers come out, of a level that was put
   in, and some of them. */
static void pushes_updates_and_pulls_do_not_disturb_each_other(void **state)
{
    const fx_audio in = fx_noise(8000, 0.5f, 88);
    ps_engine *engine = fx_engine(NULL);
    ps_source *source = source_of(engine, track_with(chains[1], 0.5, 0.0), true);
    busy b = {.source = source, .in = &in};
    pthread_t threads[2];
    float most = 0.0f;

    (void)state;
    assert_int_equal(ps_source_prepare(source, 0), PS_OK);
    pthread_create(&threads[0], NULL, keep_pushing, &b);
    pthread_create(&threads[1], NULL, keep_updating, &b);
    for (uint32_t at = 0; at < WHOLE; at += 256) {
        float left[256], right[256];
        const uint32_t got = ps_source_pull(source, (ps_block){left, right, 256});

        for (uint32_t i = 0; i < got; i++) {
            assert_true(isfinite(left[i]) && isfinite(right[i]));
            most = fmaxf(most, fabsf(left[i]));
        }
        nanosleep(&(struct timespec){0, 500000}, NULL);
    }
    atomic_store(&b.stop, true);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    assert_true(most > 0.05f && most < 2.0f);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    fx_free((fx_audio *)&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_pushed_goes_through_the_effects_of_its_clip),
        cmocka_unit_test(pushing_bit_by_bit_is_the_same),
        cmocka_unit_test(effects_ring_while_samples_are_missing),
        cmocka_unit_test(after_a_rest_the_sound_is_in_its_place_again),
        cmocka_unit_test(gain_pan_and_fade_come_after_the_effects),
        cmocka_unit_test(effects_that_cannot_be_are_told_and_left_out),
        cmocka_unit_test(what_an_update_does_not_change_runs_on),
        cmocka_unit_test(a_changed_gain_fades_and_the_effects_ring_on),
        cmocka_unit_test(a_changed_chain_fades_in),
        cmocka_unit_test(a_clip_that_goes_or_comes_does_so_without_a_step),
        cmocka_unit_test(a_changed_chain_of_a_file_fades_in_too),
        cmocka_unit_test(failing_allocations_give_everything_back),
        cmocka_unit_test(pushes_updates_and_pulls_do_not_disturb_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
