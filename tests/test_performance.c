/* The promises of a performance as a source: exact frames, any blocks, any threads, no clicks. */
#include "play.h"

#include <pthread.h>

/* ---- A click: one frame of full scale, so that an onset is one sample ------------------------ */

static uint8_t *click_bank(size_t *bytes)
{
    static int16_t pcm[64];
    sf2_builder b;
    uint32_t sample, instrument;
    uint8_t *made;

    pcm[0] = 32767;
    sf2_init(&b);
    sample = sf2_sample(&b, "click", pcm, 64, 44100, 60, 8, 56);
    instrument = sf2_instrument(&b, "click");
    sf2_zone(&b, sample);
    sf2_gen(&b, 34, -32768); /* no attack at all */
    sf2_preset(&b, "click", 0, 0);
    sf2_zone(&b, instrument);
    made = sf2_build(&b, bytes);
    sf2_clear(&b);
    return made;
}

static void put_tempo(play_list *list, uint32_t tick, uint32_t usec, uint8_t data[3])
{
    data[0] = (uint8_t)(usec >> 16);
    data[1] = (uint8_t)(usec >> 8);
    data[2] = (uint8_t)usec;
    play_event(list, tick, 0, PS_EVENT_META, 0x51, 0);
    list->events[list->count - 1].data = data;
    list->events[list->count - 1].data_bytes = 3;
}

static void onsets_lie_on_the_exact_frame_over_an_hour_of_tempo_changes(void **state)
{
    enum { CLICKS = 1000, STEP = 1999 };
    static play_list list;
    static uint8_t tempos[CLICKS][3];
    static uint64_t wanted[CLICKS];
    ps_performance_options options = play_options();
    uint64_t numerator = 0; /* sum of ticks * usec: frames = that * rate / (500 * 1e6) */
    uint32_t usec = 500000, heard = 0;
    size_t bytes;
    uint8_t *sf2 = click_bank(&bytes);
    play_take take;

    (void)state;
    list.count = 0;
    for (uint32_t i = 0; i < CLICKS; i++) {
        /* round(numerator * 44100 / 5e8), exactly */
        wanted[i] = (numerator / 500000000u) * 44100u +
                    ((numerator % 500000000u) * 44100u + 250000000u) / 500000000u;
        play_on(&list, i * STEP, 0, 60, 127);
        play_off(&list, i * STEP + 100, 0, 60);
        usec = 700001 + 611 * (i * 7919 % 997);
        put_tempo(&list, i * STEP, usec, tempos[i]);
        numerator += (uint64_t)usec * STEP;
    }
    assert_true(wanted[CLICKS - 1] > 3600ull * 44100ull);
    options.tail_sec = 0.1;
    take = play_with(sf2, bytes, &list, &options, 8192);
    for (uint64_t i = 0; i < take.frames && heard < CLICKS; i++) {
        if (take.left[i] < 0.01f)
            continue;
        if (i != wanted[heard])
            fail_msg("click %u on frame %llu, expected %llu", heard, (unsigned long long)i,
                     (unsigned long long)wanted[heard]);
        heard++;
    }
    assert_int_equal(heard, CLICKS);
    play_free(&take);
    free(sf2);
}

/* ---- A busy piece ---------------------------------------------------------------------------- */

static uint8_t *busy_bank(size_t *bytes)
{
    sf2_builder b;
    uint32_t sine, filtered, looped;
    uint8_t *made;

    sf2_init(&b);
    sine = play_sine(&b);
    filtered = sf2_instrument(&b, "filtered");
    sf2_zone(&b, sine);
    sf2_gen(&b, 54, 1);
    sf2_gen(&b, 8, 9000);
    sf2_gen(&b, 9, 100);
    sf2_gen(&b, 11, 2000);
    sf2_gen(&b, 26, -2000);
    sf2_gen(&b, 38, -1000);
    sf2_gen(&b, 6, 30);
    looped = sf2_instrument(&b, "plain");
    sf2_zone(&b, sine);
    sf2_gen(&b, 54, 1);
    sf2_gen(&b, 17, -200);
    sf2_gen(&b, 38, -2000);
    sf2_zone(&b, sine);
    sf2_gen(&b, 54, 1);
    sf2_gen(&b, 17, 200);
    sf2_gen(&b, 52, 7);
    sf2_preset(&b, "filtered", 0, 0);
    sf2_zone(&b, filtered);
    sf2_preset(&b, "plain", 0, 1);
    sf2_zone(&b, looped);
    made = sf2_build(&b, bytes);
    sf2_clear(&b);
    return made;
}

static void busy_list(play_list *list, uint32_t notes)
{
    uint32_t x = 1;

    list->count = 0;
    play_program(list, 0, 1, 1);
    play_cc(list, 0, 0, 91, 100);
    play_cc(list, 0, 1, 93, 100);
    for (uint32_t i = 0; i < notes; i++) {
        const uint32_t ms = i * 13;

        x = x * 1664525u + 1013904223u;
        play_on(list, ms, i % 3 == 0, 40 + (x >> 26), 20 + (x >> 12) % 100);
        play_off(list, ms + 20 + (x >> 8) % 700, i % 3 == 0, 40 + (x >> 26));
        if (i % 5 == 0)
            play_bend(list, ms + 3, 0, (x >> 9) % 16384);
        if (i % 7 == 0)
            play_cc(list, ms + 5, i % 2, 1, (x >> 5) % 128);
    }
}

static ps_performance_options busy_options(void)
{
    ps_performance_options options = ps_performance_defaults();

    options.tail_sec = 3.0;
    return options;
}

static play_take busy(uint32_t block_frames, uint32_t notes)
{
    static play_list list;
    const ps_performance_options options = busy_options();
    size_t bytes;
    uint8_t *sf2 = busy_bank(&bytes);
    play_take take;

    busy_list(&list, notes);
    take = play_with(sf2, bytes, &list, &options, block_frames);
    free(sf2);
    return take;
}

static void assert_same(const play_take *a, const play_take *b)
{
    assert_int_equal(a->frames, b->frames);
    for (uint64_t i = 0; i < a->frames; i++) {
        if (a->left[i] != b->left[i] || a->right[i] != b->right[i])
            fail_msg("frame %llu differs: %g %g", (unsigned long long)i, (double)a->left[i],
                     (double)b->left[i]);
    }
}

static void the_block_size_is_not_heard(void **state)
{
    static const uint32_t sizes[] = {1, 7, 64, 100, 1000, 8192};
    play_take whole = busy(4096, 200);

    (void)state;
    assert_true(take_db(&whole, 0.0, 2.0) > -40.0);
    for (uint32_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        play_take take = busy(sizes[i], 200);

        assert_same(&whole, &take);
        play_free(&take);
    }
    play_free(&whole);
}

/* Workers that start a thread for each task: slow, and as disorderly as can be. */
typedef struct errand {
    ps_task *task;
    void *argument;
    uint32_t index;
} errand;

static void *run_errand(void *user)
{
    const errand *e = user;

    e->task(e->argument, e->index);
    return NULL;
}

static void run_on_threads(void *user, ps_task *task, void *argument, uint32_t count)
{
    pthread_t threads[64];
    errand errands[64];

    (void)user;
    for (uint32_t first = 0; first < count; first += 64) {
        const uint32_t some = count - first < 64 ? count - first : 64;

        for (uint32_t i = 0; i < some; i++) {
            errands[i] = (errand){task, argument, first + i};
            assert_int_equal(pthread_create(&threads[i], NULL, run_errand, &errands[i]), 0);
        }
        for (uint32_t i = 0; i < some; i++)
            pthread_join(threads[i], NULL);
    }
}

static const ps_workers many = {run_on_threads, NULL, 8};

/* What a list sounds like on one thread is what it sounds like on many, and once more from 0. */
static void assert_threads_unheard(const play_list *list)
{
    size_t bytes;
    uint8_t *sf2 = busy_bank(&bytes);
    ps_soundfont *bank = play_bank(sf2, bytes);
    const ps_bank_choice choice = {bank, 0};
    const ps_engine_options engine_options = {NULL, &many, NULL};
    const ps_performance_options options = busy_options();
    play_take serial = play_with(sf2, bytes, list, &options, 4096);
    ps_engine *engine;
    ps_source *source;
    ps_score *score = play_score(list);
    play_take take;

    assert_int_equal(ps_engine_create(&engine, &engine_options, NULL), PS_OK);
    assert_int_equal(ps_performance_create(&source, engine, score, &choice, 1, &options, NULL),
                     PS_OK);
    take = play_source(source, 5000);
    assert_same(&serial, &take);
    play_free(&take);
    assert_int_equal(ps_source_seek(source, 0), PS_OK);
    take = play_source(source, 8192);
    assert_same(&serial, &take);
    assert_int_equal(take.stats.notes, serial.stats.notes);
    play_free(&take);
    play_free(&serial);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    ps_score_destroy(score);
    ps_soundfont_destroy(bank);
    free(sf2);
}

static void threads_are_not_heard(void **state)
{
    static play_list list;

    (void)state;
    busy_list(&list, 300);
    assert_threads_unheard(&list);
}

/* Nothing is computed while all is silent, but the effects' slow movements go on. */
static void threads_are_not_heard_after_a_silence(void **state)
{
    static play_list list;

    (void)state;
    list.count = 0;
    play_cc(&list, 0, 0, 91, 100);
    play_cc(&list, 0, 0, 93, 100);
    for (uint32_t ms = 1000; ms < 16000; ms += 7000) {
        play_on(&list, ms, 0, 60, 100);
        play_off(&list, ms + 100, 0, 60);
    }
    assert_threads_unheard(&list);
}

/* Chunks of time without a part for some group of lanes do not let later ones overtake earlier
   ones that have one. */
static void threads_are_not_heard_where_groups_come_and_go(void **state)
{
    static play_list list;

    (void)state;
    list.count = 0;
    for (uint32_t ms = 0; ms < 4000; ms += 90) {
        /* All lanes of the first group for a moment; at first, so that others get the next ones. */
        for (uint32_t key = 40; key < 56; key++)
            play_on(&list, ms, 1, key, 90);
        play_cc(&list, ms + 12, 1, 120, 0);
        for (uint32_t key = 40; ms == 0 && key < 72; key++) {
            play_on(&list, 1, 0, key, 60);
            play_off(&list, 4000, 0, key);
        }
    }
    for (uint32_t turn = 0; turn < 5; turn++)
        assert_threads_unheard(&list);
}

/* Largest step from one frame to the next. */
static double largest_step(const play_take *take)
{
    double most = 0.0;

    for (uint64_t i = 1; i < take->frames; i++) {
        const double step = fabs((double)take->left[i] - (double)take->left[i - 1]);

        most = step > most ? step : most;
    }
    return most;
}

static void three_hundred_notes_in_sixty_four_voices_do_not_click(void **state)
{
    static play_list list;
    ps_performance_options options = busy_options();
    size_t bytes;
    uint8_t *sf2 = busy_bank(&bytes);
    play_take unlimited, limited;

    (void)state;
    list.count = 0;
    play_program(&list, 0, 0, 1);
    for (uint32_t i = 0; i < 300; i++) {
        play_on(&list, i * 7, 0, 30 + i % 40, 100);
        play_off(&list, 4000, 0, 30 + i % 40);
    }
    options.synth.gain = 0.02;
    options.synth.reverb_gain = options.synth.chorus_gain = 0.0;
    options.synth.polyphony = 1024;
    unlimited = play_with(sf2, bytes, &list, &options, 4096);
    options.synth.polyphony = 64;
    limited = play_with(sf2, bytes, &list, &options, 4096);
    assert_int_equal(unlimited.stats.stolen, 0);
    assert_true(unlimited.stats.peak_polyphony > 64); /* else there was no fight */
    assert_true(limited.stats.stolen > 0);
    assert_true(limited.stats.peak_polyphony <= 64);
    assert_true(largest_step(&limited) <= 1.05 * largest_step(&unlimited));
    play_free(&unlimited);
    play_free(&limited);
    free(sf2);
}

static void notes_that_never_end_end_with_the_piece(void **state)
{
    static play_list list;
    ps_performance_options options = play_options();
    size_t bytes;
    uint8_t *sf2 = busy_bank(&bytes);
    play_take take;

    (void)state;
    list.count = 0;
    play_program(&list, 0, 0, 1);
    play_on(&list, 0, 0, 60, 100);
    play_cc(&list, 0, 0, 64, 127);
    play_on(&list, 1000, 0, 64, 100);
    take = play_with(sf2, bytes, &list, &options, 4096);
    assert_true(take.frames > 44100 && take.frames < 3 * 44100);
    assert_true(side_db(take.left, take.frames, (double)take.frames / 44100.0 - 0.01,
                        (double)take.frames / 44100.0) < -90.0);
    play_free(&take);
    free(sf2);
}

/* A note of one channel with a controller nobody reads at 3 ms, so that spans are alike, and what
   else happens to it: a note-off at off_ms, controller `control` at 5 ms. */
static play_take short_note(uint32_t off_ms, uint32_t control, uint32_t block_frames)
{
    static play_list list;
    const ps_performance_options options = busy_options();
    size_t bytes;
    uint8_t *sf2 = busy_bank(&bytes);
    play_take take;

    list.count = 0;
    play_program(&list, 0, 0, 1);
    play_on(&list, 7, 0, 60, 100);
    if (off_ms <= 3)
        play_off(&list, 7 + off_ms, 0, 60);
    play_cc(&list, 7 + 3, 0, 3, 1);
    if (control > 0)
        play_cc(&list, 7 + 5, 0, control, 127);
    if (off_ms > 3)
        play_off(&list, 7 + off_ms, 0, 60);
    play_cc(&list, 100, 0, 3, 1);
    take = play_with(sf2, bytes, &list, &options, block_frames);
    free(sf2);
    return take;
}

static void a_note_sounds_for_ten_milliseconds_at_least(void **state)
{
    play_take wanted = short_note(10, 0, 4096), longer = short_note(11, 0, 4096);

    (void)state;
    assert_true(take_db(&wanted, 0.007, 0.017) > -40.0);
    for (uint32_t ms = 0; ms <= 3; ms += 3) {
        play_take zero = short_note(ms, 0, 4096), in_blocks = short_note(ms, 0, 37);

        assert_same(&wanted, &zero);
        assert_same(&wanted, &in_blocks);
        play_free(&zero);
        play_free(&in_blocks);
    }
    assert_true(longer.left[308 + 450] != wanted.left[308 + 450]);
    play_free(&longer);
    play_free(&wanted);
}

/* The key counts as up: a pedal that comes now is late. What cuts a note does not wait. */
static void only_the_release_of_a_short_note_waits(void **state)
{
    play_take off = short_note(3, 3, 4096), pedal = short_note(3, 64, 4096);
    play_take notes_off = short_note(50, 123, 4096), held = short_note(50, 3, 4096);
    play_take cut = short_note(50, 120, 4096);

    (void)state;
    assert_same(&off, &pedal);
    assert_true(take_db(&notes_off, 0.045, 0.055) < take_db(&held, 0.045, 0.055) - 3.0);
    assert_true(fabs(take_db(&notes_off, 0.012, 0.017) - take_db(&held, 0.012, 0.017)) < 0.01);
    assert_true(take_db(&cut, 0.0145, 0.017) < take_db(&held, 0.0145, 0.017) - 6.0);
    play_free(&cut);
    play_free(&held);
    play_free(&notes_off);
    play_free(&pedal);
    play_free(&off);
}

static void hundreds_of_tracks_sound(void **state)
{
    static play_list list;
    ps_performance_options options = play_options();
    size_t bytes;
    uint8_t *sf2 = busy_bank(&bytes);
    play_take take;

    (void)state;
    list.count = 0;
    for (uint32_t i = 0; i < 380; i++) {
        play_program(&list, 10 * i, i % 256, 1);
        list.events[list.count - 1].track = i;
        play_on(&list, 10 * i, i % 256, 60, 100);
        list.events[list.count - 1].track = i;
        play_off(&list, 10 * i + 5, i % 256, 60);
        list.events[list.count - 1].track = i;
    }
    take = play_with(sf2, bytes, &list, &options, 4096);
    assert_int_equal(take.stats.notes + take.stats.silent_notes, 380);
    assert_int_equal(take.stats.silent_notes, 0);
    assert_true(take_db(&take, 3.7, 3.79) > -60.0);
    play_free(&take);
    free(sf2);
}

static void a_reset_in_the_middle_leaves_the_rest_as_it_was(void **state)
{
    static play_list list;
    static const uint8_t gs_reset[] = {0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7f, 0, 0x41, 0xf7};
    ps_performance_options options = play_options();
    size_t bytes;
    uint8_t *sf2 = busy_bank(&bytes);
    play_take take;

    (void)state;
    options.synth.interpolation = PS_INTERPOLATE_SINC32;
    list.count = 0;
    play_program(&list, 0, 0, 1);
    play_on(&list, 0, 0, 60, 100);
    play_off(&list, 900, 0, 60);
    play_on(&list, 950, 0, 60, 100);
    play_sysex(&list, 1000, gs_reset, sizeof gs_reset);
    play_program(&list, 1100, 0, 1);
    play_on(&list, 1500, 0, 60, 100);
    play_off(&list, 2400, 0, 60);
    take = play_with(sf2, bytes, &list, &options, 4096);
    assert_true(take_db(&take, 1.05, 1.4) < -200.0); /* what sounded has stopped */
    /* But for the attack, which meets another place of the grid. */
    for (uint32_t i = 64; i < 30000; i++)
        assert_true(fabs((double)take.left[i] - (double)take.left[66150 + i]) < 1e-3);
    play_free(&take);
    free(sf2);
}

static void a_seek_sounds_as_if_it_had_played_up_to_there(void **state)
{
    static play_list list;
    size_t bytes;
    uint8_t *sf2 = busy_bank(&bytes);
    ps_soundfont *bank = play_bank(sf2, bytes);
    const ps_bank_choice choice = {bank, 0};
    ps_performance_options options = play_options();
    ps_engine *engine;
    ps_source *source;
    ps_score *score;
    play_take whole, from;
    const uint64_t at = 44100 + 17;

    (void)state;
    list.count = 0;
    play_program(&list, 0, 0, 1); /* without filter: exact */
    play_on(&list, 0, 0, 60, 100);
    play_on(&list, 400, 0, 64, 100);
    play_cc(&list, 500, 0, 1, 127);
    play_off(&list, 2500, 0, 60);
    play_off(&list, 2500, 0, 64);
    score = play_score(&list);
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    assert_int_equal(ps_performance_create(&source, engine, score, &choice, 1, &options, NULL),
                     PS_OK);
    whole = play_source(source, 4096);
    assert_int_equal(ps_source_seek(source, at), PS_OK);
    assert_int_equal(ps_source_position(source), at);
    from = play_source(source, 4096);
    assert_int_equal(from.frames, whole.frames - at);
    for (uint64_t i = 0; i < from.frames; i++)
        assert_true(from.left[i] == whole.left[at + i] && from.right[i] == whole.right[at + i]);
    play_free(&whole);
    play_free(&from);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    ps_score_destroy(score);
    ps_soundfont_destroy(bank);
    free(sf2);
}

static void loops_are_played_again(void **state)
{
    static play_list list;
    ps_performance_options options = play_options();
    size_t bytes;
    uint8_t *sf2 = click_bank(&bytes);
    static const uint64_t wanted_ms[] = {0, 500, 1000, 1400, 1900, 2300, 2800};
    uint32_t heard = 0;
    play_take take;

    (void)state;
    /* Clicks at 0, 500, 1000 and an end of loop at 1400; the loop starts at 500. */
    list.count = 0;
    play_on(&list, 0, 0, 60, 127);
    play_cc(&list, 500, 0, 111, 0);
    play_on(&list, 500, 0, 60, 127);
    play_on(&list, 1000, 0, 60, 127);
    play_off(&list, 1400, 0, 60);
    options.loops = 2;
    options.tail_sec = 0.5;
    take = play_with(sf2, bytes, &list, &options, 4096);
    for (uint64_t i = 0; i < take.frames; i++) {
        if (take.left[i] < 0.01f)
            continue;
        assert_true(heard < 7);
        assert_int_equal(i, (wanted_ms[heard] * 44100 + 500) / 1000);
        heard++;
    }
    assert_int_equal(heard, 7);
    play_free(&take);
    free(sf2);
}

/* ---- The real-time object -------------------------------------------------------------------- */

static void messages_act_on_the_frame_they_name(void **state)
{
    static float left[3000], right[3000];
    ps_synth_options options = ps_synth_defaults();
    size_t bytes;
    uint8_t *sf2 = click_bank(&bytes);
    ps_soundfont *bank = play_bank(sf2, bytes);
    const ps_event on = {.kind = PS_EVENT_NOTE_ON, .a = 60, .b = 127};
    ps_engine *engine;
    ps_synth *synth;

    (void)state;
    options.reverb_gain = options.chorus_gain = 0.0;
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    assert_int_equal(ps_synth_create(&synth, engine, &options, NULL), PS_OK);
    assert_int_equal(ps_synth_add_bank(synth, bank, 0, NULL), PS_OK);
    assert_true(ps_synth_send(synth, 333, &on));
    assert_true(ps_synth_send(synth, 1001, &on));
    ps_synth_render(synth, (ps_block){left, right, 300});
    assert_int_equal(ps_synth_frontier(synth), 320);
    ps_synth_render(synth, (ps_block){left + 300, right + 300, 2700});
    for (uint32_t i = 0; i < 3000; i++)
        assert_true((left[i] > 0.01f) == (i == 333 || i == 1001));
    ps_synth_destroy(synth);
    ps_engine_destroy(engine);
    ps_soundfont_destroy(bank);
    free(sf2);
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    static play_list list;
    size_t bytes;
    uint8_t *sf2 = busy_bank(&bytes);
    ps_soundfont *bank = play_bank(sf2, bytes);
    const ps_bank_choice choice = {bank, 0};
    ps_performance_options options = busy_options();
    ps_score *score;

    (void)state;
    busy_list(&list, 5);
    score = play_score(&list);
    for (uint32_t threads = 0; threads < 2; threads++) {
        failing_allocator f;
        ps_status status = PS_NO_MEMORY;

        for (long allowed = 0; status != PS_OK; allowed++) {
            const ps_engine_options engine_options = {&f.base, threads ? &many : NULL, NULL};
            ps_engine *engine = NULL;
            ps_source *source = NULL;

            assert_true(allowed < 200);
            options.synth.interpolation = PS_INTERPOLATE_SINC8;
            failing_init(&f, allowed);
            status = ps_engine_create(&engine, &engine_options, NULL);
            if (status == PS_OK)
                status = ps_performance_create(&source, engine, score, &choice, 1, &options, NULL);
            assert_true(status == PS_OK || status == PS_NO_MEMORY);
            assert_true((status == PS_OK) == (source != NULL));
            ps_source_destroy(source);
            ps_engine_destroy(engine);
            assert_int_equal(f.live, 0);
        }
    }
    ps_score_destroy(score);
    ps_soundfont_destroy(bank);
    free(sf2);
}

static void options_out_of_range_are_refused_by_name(void **state)
{
    ps_engine *engine;
    ps_synth *synth;
    ps_synth_options options = ps_synth_defaults();
    ps_error err;

    (void)state;
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    options.rate_hz = 7999.0;
    assert_int_equal(ps_synth_create(&synth, engine, &options, &err), PS_BAD_ARGUMENT);
    assert_non_null(strstr(err.text, "rate"));
    options = ps_synth_defaults();
    options.polyphony = 0;
    assert_int_equal(ps_synth_create(&synth, engine, &options, &err), PS_BAD_ARGUMENT);
    assert_non_null(strstr(err.text, "polyphony"));
    options = ps_synth_defaults();
    options.gain = NAN;
    assert_int_equal(ps_synth_create(&synth, engine, &options, &err), PS_BAD_ARGUMENT);
    assert_non_null(strstr(err.text, "gain"));
    ps_engine_destroy(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(onsets_lie_on_the_exact_frame_over_an_hour_of_tempo_changes),
        cmocka_unit_test(the_block_size_is_not_heard),
        cmocka_unit_test(threads_are_not_heard),
        cmocka_unit_test(threads_are_not_heard_after_a_silence),
        cmocka_unit_test(threads_are_not_heard_where_groups_come_and_go),
        cmocka_unit_test(three_hundred_notes_in_sixty_four_voices_do_not_click),
        cmocka_unit_test(notes_that_never_end_end_with_the_piece),
        cmocka_unit_test(a_note_sounds_for_ten_milliseconds_at_least),
        cmocka_unit_test(only_the_release_of_a_short_note_waits),
        cmocka_unit_test(hundreds_of_tracks_sound),
        cmocka_unit_test(a_reset_in_the_middle_leaves_the_rest_as_it_was),
        cmocka_unit_test(a_seek_sounds_as_if_it_had_played_up_to_there),
        cmocka_unit_test(loops_are_played_again),
        cmocka_unit_test(messages_act_on_the_frame_they_name),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
        cmocka_unit_test(options_out_of_range_are_refused_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
