/* The assembly of tracks: where steps lie, how they fade over each other, and what a source of
 * them promises: any block, any thread, any place to begin, updates while it plays. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* nanosleep */
#endif
#include "track_support.h"

#include <pthread.h>
#include <stdatomic.h>

#include "plainsong/threads.h"

#define RATE 22050.0

/* Two steps that overlap, the second in transition; voices of several kinds; a gap, a third. */
static const char *const mixed =
    "{\"global\": {\"sample_rate\": 22050, \"crossfade_duration\": 0.5,"
    "             \"crossfade_curve\": \"equal_power\"},"
    " \"progression\": ["
    "  {\"duration\": 2.3, \"voices\": ["
    "    {\"synth_function_name\": \"binaural_beat\","
    "     \"params\": {\"ampL\": 0.4, \"ampR\": 0.3, \"baseFreq\": 201.3, \"beatFreq\": 5}},"
    "    {\"synth_function_name\": \"monaural_beat_stereo_amps\","
    "     \"params\": {\"baseFreq\": 131, \"beatFreq\": 3, \"phaseOscFreq\": 0.3, "
    "\"phaseOscRange\": 1},"
    "     \"volume_envelope\": {\"type\": \"linen\", \"params\": {\"attack\": 0.3, \"release\": "
    "0.4}}}]},"
    "  {\"duration\": 2.1, \"voices\": ["
    "    {\"synth_function_name\": \"binaural_beat\", \"is_transition\": true,"
    "     \"params\": {\"startBaseFreq\": 190, \"endBaseFreq\": 240, \"startBeatFreq\": 6,"
    "                \"endBeatFreq\": 3, \"startFreqOscRangeL\": 4, \"startFreqOscFreqL\": 0.7,"
    "                \"transition_curve\": \"exponential\"}}]},"
    "  {\"start\": 4.5, \"duration\": 1.0, \"voices\": ["
    "    {\"synth_function_name\": \"rhythmic_waveshaping\", \"params\": {\"carrierFreq\": "
    "160}}]}]}";

static ps_source *source_of(ps_engine *engine, const char *text, const ps_track_options *options)
{
    ps_track *track = track_of(text);
    ps_source *source = NULL;
    ps_error err = {0};

    if (ps_track_source_create(&source, engine, track, options, &err) != PS_OK)
        fail_msg("%s", err.text);
    ps_track_destroy(track);
    return source;
}

static ps_engine *engine_of(const ps_workers *workers)
{
    const ps_engine_options options = {.workers = workers};
    ps_engine *engine = NULL;

    assert_int_equal(ps_engine_create(&engine, &options, NULL), PS_OK);
    return engine;
}

static test_sound play(ps_engine *engine, const char *text, const ps_track_options *options,
                       uint32_t block)
{
    ps_source *source = source_of(engine, text, options);
    const test_sound sound = sound_pull(source, 1 << 20, block);

    ps_source_destroy(source);
    return sound;
}

static float peak_between(const test_sound *sound, uint64_t from, uint64_t to)
{
    float peak = 0.0f;

    for (uint64_t i = from; i < to && i < sound->frames; i++) {
        peak = fmaxf(peak, fabsf(sound->left[i]));
        peak = fmaxf(peak, fabsf(sound->right[i]));
    }
    return peak;
}

/* ---- Where steps lie ------------------------------------------------------------------------- */

static void steps_lie_where_the_document_puts_them(void **state)
{
    ps_engine *engine = engine_of(NULL);
    test_sound sound = play(engine, mixed, NULL, 4096);

    (void)state;
    /* 2.3 + 2.1 - 0.5 s, a gap, 4.5 + 1.0 s */
    assert_int_equal(sound.frames, (uint64_t)(5.5 * RATE));
    assert_true(peak_between(&sound, 100, 200) > 0.0f);
    assert_true(peak_between(&sound, (uint64_t)(3.9 * RATE) + 1, (uint64_t)(4.5 * RATE) - 1) ==
                0.0f);
    assert_true(peak_between(&sound, (uint64_t)(4.6 * RATE), (uint64_t)(4.7 * RATE)) > 0.05f);
    test_sound_free(&sound);
    ps_engine_destroy(engine);
}

static void nothing_is_a_second_of_silence(void **state)
{
    ps_engine *engine = engine_of(NULL);
    test_sound sound =
        play(engine, "{\"global\": {\"sample_rate\": 22050}, \"progression\": []}", NULL, 1000);

    (void)state;
    assert_int_equal(sound.frames, 22050);
    assert_true(peak_between(&sound, 0, 22050) == 0.0f);
    test_sound_free(&sound);
    ps_engine_destroy(engine);
}

static void a_gap_stays_though_there_is_a_crossfade(void **state)
{
    static const char *const text =
        "{\"global\": {\"sample_rate\": 22050, \"crossfade_duration\": 0.3}, \"progression\": ["
        " {\"start\": 0, \"duration\": 0.5, \"voices\": [{\"synth_function_name\": "
        "\"binaural_beat\"}]},"
        " {\"start\": 1.0, \"duration\": 0.5, \"voices\": [{\"synth_function_name\": "
        "\"binaural_beat\"}]}]}";
    ps_engine *engine = engine_of(NULL);
    const ps_track_options reference = {.reference = true};
    test_sound sound = play(engine, text, NULL, 4096);
    test_sound forced = play(engine, text, &reference, 4096);

    (void)state;
    assert_int_equal(sound.frames, 33075);
    assert_true(peak_between(&sound, 11026, 22049) == 0.0f);
    assert_int_equal(forced.frames, 11025 + 11025 - 6615); /* moved into the first step's end */
    test_sound_free(&sound);
    test_sound_free(&forced);
    ps_engine_destroy(engine);
}

/* ---- Crossfades ------------------------------------------------------------------------------ */

/* Largest change from one frame to the next. */
static float largest_step(const test_sound *sound, uint64_t from, uint64_t to)
{
    float largest = 0.0f;

    for (uint64_t i = from; i < to; i++) {
        largest = fmaxf(largest, fabsf(sound->left[i + 1] - sound->left[i]));
        largest = fmaxf(largest, fabsf(sound->right[i + 1] - sound->right[i]));
    }
    return largest;
}

static void a_crossfade_ends_without_a_jump(void **state)
{
    static const char *const form =
        "{\"global\": {\"sample_rate\": 22050, \"crossfade_duration\": 0.4,"
        " \"crossfade_curve\": \"%s\"}, \"progression\": ["
        " {\"duration\": 1.5, \"voices\": [{\"synth_function_name\": \"binaural_beat\","
        "  \"params\": {\"baseFreq\": %d, \"startPhaseL\": %g}}]},"
        " {\"duration\": 1.5, \"voices\": [{\"synth_function_name\": \"binaural_beat\","
        "  \"params\": {\"baseFreq\": %d, \"startPhaseR\": 2.0}}]}]}";
    const uint64_t end = (uint64_t)(1.1 * RATE) + (uint64_t)(0.4 * RATE);
    ps_engine *engine = engine_of(NULL);

    (void)state;
    for (int i = 0; i < 12; i++) {
        char text[1024];

        snprintf(text, sizeof text, form, i % 2 ? "linear" : "equal_power", 180 + 7 * i, 0.5 * i,
                 200 + 5 * i);
        test_sound sound = play(engine, text, NULL, 4096);
        const float around = largest_step(&sound, end + 500, end + 1500);

        assert_true(largest_step(&sound, end - 3, end + 3) <= 1.5f * around);
        test_sound_free(&sound);
    }
    ps_engine_destroy(engine);
}

/* The same tone on both sides of a crossfade, out of phase: aligned, its level stays. */
static void aligned_steps_do_not_cancel(void **state)
{
    static const char *const text =
        "{\"global\": {\"sample_rate\": 22050, \"crossfade_duration\": 0.4}, \"progression\": ["
        " {\"duration\": 1.5, \"voices\": [{\"synth_function_name\": \"binaural_beat\","
        "  \"params\": {\"baseFreq\": 200, \"beatFreq\": 0}}]},"
        " {\"duration\": 1.5, \"voices\": [{\"synth_function_name\": \"binaural_beat\","
        "  \"params\": {\"baseFreq\": 200, \"beatFreq\": 0, \"startPhaseL\": 3.0, \"startPhaseR\": "
        "3.0}}]}]}";
    const uint64_t middle = (uint64_t)(1.3 * RATE);
    const ps_track_options apart = {.no_align = true};
    ps_engine *engine = engine_of(NULL);
    test_sound aligned = play(engine, text, NULL, 4096),
               not_aligned = play(engine, text, &apart, 4096);

    (void)state;
    assert_true(peak_between(&aligned, middle - 100, middle + 100) > 0.47f);
    assert_true(peak_between(&not_aligned, middle - 100, middle + 100) < 0.45f);
    test_sound_free(&aligned);
    test_sound_free(&not_aligned);
    ps_engine_destroy(engine);
}

/* ---- What every source promises ---------------------------------------------------------------
 */

static void seeking_equals_playing(void **state)
{
    ps_engine *engine = engine_of(NULL);
    test_sound whole = play(engine, mixed, NULL, 4096);
    ps_source *source = source_of(engine, mixed, NULL);
    uint64_t frame = 7;

    (void)state;
    assert_true(ps_source_seeks_exactly(source));
    for (int i = 0; i < 40; i++) {
        frame = (frame * 2862933555777941757u + 3037000493u) >> 3;
        const uint64_t from = frame % whole.frames;
        const uint64_t count = whole.frames - from < 3000 ? whole.frames - from : 3000;
        test_sound wanted = {whole.left + from, whole.right + from, count};

        assert_int_equal(ps_source_seek(source, from), PS_OK);
        test_sound got = sound_pull(source, count, 777);
        sounds_equal(&got, &wanted);
        test_sound_free(&got);
    }
    test_sound_free(&whole);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
}

/* A track of `count` steps of half a second in pairs, one every pair_sec, the second of each
   pace_sec after the first. backwards: the last one stands first. free() the text. */
static char *text_of_steps(uint32_t count, double pair_sec, double pace_sec, double fade_sec,
                           bool backwards)
{
    char *text = malloc(200 + 200 * (size_t)count), *at = text;

    at += sprintf(at,
                  "{\"global\": {\"sample_rate\": 22050, \"crossfade_duration\": %g},"
                  " \"progression\": [",
                  fade_sec);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t step = backwards ? count - 1 - i : i;

        at += sprintf(at,
                      "%s{\"start\": %.6f, \"duration\": 0.5, \"voices\": "
                      "[{\"synth_function_name\": \"binaural_beat\","
                      " \"params\": {\"baseFreq\": %u}}]}",
                      i > 0 ? "," : "", step / 2 * pair_sec + step % 2 * pace_sec,
                      150 + step * 37 % 100);
    }
    sprintf(at, "]}");
    return text;
}

/* Allocations that it takes to enter a track that has just been opened at a time. */
static long work_of_entering(const char *text, double seconds)
{
    failing_allocator heap;
    ps_engine *engine = NULL;

    failing_init(&heap, -1);
    const ps_engine_options options = {.allocator = &heap.base};
    assert_int_equal(ps_engine_create(&engine, &options, NULL), PS_OK);
    ps_source *source = source_of(engine, text, NULL);
    const long before = heap.asked;
    assert_int_equal(ps_source_seek(source, (uint64_t)(seconds * RATE)), PS_OK);
    const long asked = heap.asked - before;
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    assert_int_equal(heap.live, 0);
    return asked;
}

static void entering_late_takes_no_more_than_entering_early(void **state)
{
    char *pairs = text_of_steps(400, 1.0, 0.4, 0.1, false); /* a fade in each, a gap between them */

    (void)state;
    const long early = work_of_entering(pairs, 0.6), late = work_of_entering(pairs, 199.6);
    if (late > early + 4)
        fail_msg("%ld allocations instead of %ld", late, early);
    free(pairs);
}

static void a_chain_of_crossfades_can_be_entered_anywhere(void **state)
{
    ps_engine *engine = engine_of(NULL);
    char *text = text_of_steps(12, 0.8, 0.4, 0.1, false);
    test_sound whole = play(engine, text, NULL, 4096);

    (void)state;
    for (uint32_t step = 12; step-- > 0;) {
        const uint64_t from = (uint64_t)((step * 0.4 + 0.21) * RATE);
        const test_sound wanted = {whole.left + from, whole.right + from, 6000};
        ps_source *source = source_of(engine, text, NULL);

        assert_true(from + 6000 <= whole.frames);
        assert_int_equal(ps_source_seek(source, from), PS_OK);
        test_sound got = sound_pull(source, 6000, 1000);
        sounds_equal(&got, &wanted);
        test_sound_free(&got);
        ps_source_destroy(source);
    }
    test_sound_free(&whole);
    free(text);
    ps_engine_destroy(engine);
}

/* Where nothing fades, the order in the document is not audible. */
static void steps_may_stand_in_any_order(void **state)
{
    ps_engine *engine = engine_of(NULL);
    char *forwards = text_of_steps(40, 1.0, 0.5, 0.0, false);
    char *backwards = text_of_steps(40, 1.0, 0.5, 0.0, true);
    test_sound a = play(engine, forwards, NULL, 8192), b = play(engine, backwards, NULL, 8192);

    (void)state;
    assert_int_equal(a.frames, 20 * 22050);
    assert_true(peak_between(&a, a.frames - 5000, a.frames) > 0.1f);
    sounds_equal(&b, &a);
    test_sound_free(&a);
    test_sound_free(&b);
    free(forwards);
    free(backwards);
    /* The same of very many: a second of each end is played. */
    forwards = text_of_steps(20000, 1.0, 0.5, 0.0, false);
    backwards = text_of_steps(20000, 1.0, 0.5, 0.0, true);
    ps_source *first = source_of(engine, forwards, NULL),
              *second = source_of(engine, backwards, NULL);
    for (int end = 0; end < 2; end++) {
        assert_int_equal(ps_source_seek(first, end ? 9999 * 22050 : 0), PS_OK);
        assert_int_equal(ps_source_seek(second, end ? 9999 * 22050 : 0), PS_OK);
        a = sound_pull(first, 22050, 4096);
        b = sound_pull(second, 22050, 4096);
        sounds_equal(&b, &a);
        test_sound_free(&a);
        test_sound_free(&b);
    }
    ps_source_destroy(first);
    ps_source_destroy(second);
    free(forwards);
    free(backwards);
    ps_engine_destroy(engine);
}

static void threads_and_blocks_are_not_audible(void **state)
{
    ps_threads *threads = NULL;
    ps_engine *alone = engine_of(NULL), *many;
    test_sound first = play(alone, mixed, NULL, 8192);

    (void)state;
    assert_int_equal(ps_threads_create(&threads, 4, NULL), PS_OK);
    many = engine_of(ps_threads_workers(threads));
    for (uint32_t block = 1; block < 9000; block = block * 3 + 1) {
        test_sound other = play(many, mixed, NULL, block);

        sounds_equal(&other, &first);
        test_sound_free(&other);
    }
    test_sound_free(&first);
    ps_engine_destroy(many);
    ps_threads_destroy(threads);
    ps_engine_destroy(alone);
}

/* ---- While it plays ----------------------------------------------------------------------------
 */

typedef struct preparer {
    ps_source *source;
    atomic_bool stop;
} preparer;

static void *keep_preparing(void *argument)
{
    preparer *p = argument;

    while (!atomic_load(&p->stop)) {
        assert_int_equal(ps_source_prepare(p->source, 22050), PS_OK);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    return NULL;
}

static void live_gives_the_samples_of_the_file(void **state)
{
    const ps_track_options options = {.live = true};
    ps_engine *engine = engine_of(NULL);
    test_sound file = play(engine, mixed, NULL, 4096);
    ps_source *source = source_of(engine, mixed, &options);
    preparer p = {.source = source};
    pthread_t thread;

    (void)state;
    assert_int_equal(ps_source_prepare(source, 0), PS_OK);
    pthread_create(&thread, NULL, keep_preparing, &p);
    test_sound live = {malloc(file.frames * sizeof(float)), malloc(file.frames * sizeof(float)), 0};
    while (live.frames < file.frames) { /* about ten times real time */
        const uint64_t rest = file.frames - live.frames;
        const ps_block b = {live.left + live.frames, live.right + live.frames,
                            rest < 128 ? (uint32_t)rest : 128};

        assert_int_equal(ps_source_pull(source, b), b.frames);
        live.frames += b.frames;
        nanosleep(&(struct timespec){0, 500000}, NULL);
    }
    atomic_store(&p.stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(ps_source_late_frames(source), 0);
    sounds_equal(&live, &file);
    test_sound_free(&live);
    test_sound_free(&file);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
}

static void what_was_not_prepared_is_silent_and_counted(void **state)
{
    const ps_track_options options = {.live = true};
    ps_engine *engine = engine_of(NULL);
    ps_source *source = source_of(engine, mixed, &options);
    test_sound sound = sound_pull(source, 6400, 128);

    (void)state;
    assert_true(peak_between(&sound, 0, 6400) == 0.0f);
    assert_int_equal(ps_source_late_frames(source), 6400);
    test_sound_free(&sound);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
}

static void an_update_leaves_alone_what_did_not_change(void **state)
{
    ps_engine *engine = engine_of(NULL);
    test_sound whole = play(engine, mixed, NULL, 4096);
    ps_source *source = source_of(engine, mixed, NULL);
    ps_track *same = track_of(mixed);
    test_sound start = sound_pull(source, 20000, 512);

    (void)state;
    assert_int_equal(ps_track_source_update(source, same, NULL), PS_OK);
    test_sound rest = sound_pull(source, 1 << 20, 512);
    test_sound wanted = {whole.left + 20000, whole.right + 20000, whole.frames - 20000};
    sounds_equal(&rest, &wanted);
    test_sound_free(&start);
    test_sound_free(&rest);
    test_sound_free(&whole);
    ps_track_destroy(same);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
}

static void an_update_fades_to_what_changed(void **state)
{
    static const char *const form =
        "{\"global\": {\"sample_rate\": 22050}, \"progression\": [{\"duration\": 4, \"voices\": ["
        " {\"synth_function_name\": \"binaural_beat\", \"params\": {\"baseFreq\": %d}}]}]}";
    ps_engine *engine = engine_of(NULL);
    char before[256], after[256];

    (void)state;
    snprintf(before, sizeof before, form, 200);
    snprintf(after, sizeof after, form, 300);
    test_sound old = play(engine, before, NULL, 4096), new = play(engine, after, NULL, 4096);
    ps_source *source = source_of(engine, before, NULL);
    ps_track *track = track_of(after);
    test_sound start = sound_pull(source, 22080, 512); /* of the grid: 345 * 64 */
    assert_int_equal(ps_track_source_update(source, track, NULL), PS_OK);
    test_sound rest = sound_pull(source, 1 << 20, 64);

    for (uint64_t i = 0; i < rest.frames; i++) {
        const float gain = fminf((float)(i + 1) / 661.0f, 1.0f);
        const float wanted =
            old.left[22080 + i] + (new.left[22080 + i] - old.left[22080 + i]) * gain;

        if (i > 700)
            assert_true(rest.left[i] == new.left[22080 + i]);
        else
            assert_true(fabsf(rest.left[i] - wanted) < 1e-5f);
    }
    test_sound_free(&start);
    test_sound_free(&rest);
    test_sound_free(&old);
    test_sound_free(&new);
    ps_track_destroy(track);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
}

static void pushed_samples_play_where_their_clip_lies(void **state)
{
    static const char *const text =
        "{\"global\": {\"sample_rate\": 22050}, \"progression\": [{\"duration\": 2, \"voices\": "
        "[]}],"
        " \"overlay_clips\": [{\"start\": 0.5, \"amp\": 0.5, \"pan\": -1}]}";
    ps_engine *engine = engine_of(NULL);
    ps_track *track = track_of(text);
    const ps_track_clip clip = {.start_sec = 0.5, .gain = 0.5, .pan = -1.0};
    float ones[1000];
    ps_source *source;
    size_t clips;

    (void)state;
    ps_track_get_clips(track, &clips);
    if (clips == 0)
        assert_int_equal(ps_track_add_clip(track, &clip, NULL), PS_OK);
    assert_int_equal(ps_track_source_create(&source, engine, track, NULL, NULL), PS_OK);
    for (int i = 0; i < 1000; i++)
        ones[i] = 1.0f;
    assert_int_equal(ps_track_source_push_clip(source, 0, ones, ones, 1000, true), PS_OK);
    assert_int_equal(ps_track_source_push_clip(source, 1, ones, ones, 1000, true), PS_BAD_ARGUMENT);
    test_sound sound = sound_pull(source, 44100, 512);
    for (uint64_t i = 0; i < sound.frames; i++) {
        assert_true(sound.left[i] == (i >= 11025 && i < 12025 ? 0.5f : 0.0f));
        assert_true(sound.right[i] == 0.0f);
    }
    test_sound_free(&sound);
    ps_source_destroy(source);
    ps_track_destroy(track);
    ps_engine_destroy(engine);
}

/* ---- Clips with files, from memory -------------------------------------------------------------
 */

static float tone[22050];

static ps_status load_tone(void *user, const char *path, ps_recording *out, ps_error *err)
{
    (void)user;
    if (strcmp(path, "tone") != 0)
        return ps_fail(err, PS_NOT_FOUND, "no such file");
    *out = (ps_recording){.samples = tone, .frames = 22050, .channels = 1, .rate_hz = RATE};
    return PS_OK;
}

static void release_tone(void *user, ps_recording *recording)
{
    (void)user;
    (void)recording;
}

static void clips_are_placed_panned_faded_and_lengthen_the_track(void **state)
{
    static const char *const text =
        "{\"global\": {\"sample_rate\": 22050}, \"progression\": [{\"duration\": 1, \"voices\": "
        "[]}],"
        " \"overlay_clips\": [{\"path\": \"tone\", \"start\": 0.5, \"amp\": 0.5, \"pan\": 0.5,"
        "  \"fade_in\": 0.1, \"fade_out\": 0.2}, {\"path\": \"missing\", \"start\": 0}]}";
    const ps_track_options options = {.media = {.load = load_tone, .release = release_tone}};
    ps_engine *engine = engine_of(NULL);
    const uint64_t in = 2205, out = 4410, begin = 11025;

    (void)state;
    for (int i = 0; i < 22050; i++)
        tone[i] = 1.0f;
    test_sound sound = play(engine, text, &options, 300);
    assert_int_equal(sound.frames, begin + 22050);
    for (uint64_t i = 0; i < sound.frames; i++) {
        double gain = i >= begin ? 0.5 : 0.0;
        const uint64_t at = i - begin;

        if (i >= begin && at < in)
            gain *= (double)at / (double)(in - 1);
        if (i >= begin && at >= 22050 - out)
            gain *= (double)(22049 - at) / (double)(out - 1);
        assert_true(fabs((double)sound.left[i] - 0.5 * gain) < 1e-6);
        assert_true(fabs((double)sound.right[i] - gain) < 1e-6);
    }
    test_sound_free(&sound);
    ps_engine_destroy(engine);
}

/* ---- Trouble -----------------------------------------------------------------------------------
 */

static int told;
static char told_text[240];

static void count_warning(void *user, const ps_error *warning)
{
    (void)user;
    told++;
    memcpy(told_text, warning->text, sizeof told_text);
}

static void a_voice_that_cannot_be_made_is_silent_and_told(void **state)
{
    static const char *const text =
        "{\"global\": {\"sample_rate\": 22050}, \"progression\": [{\"duration\": 1, \"voices\": ["
        " {\"synth_function_name\": \"no_such_voice\"},"
        " {\"synth_function_name\": \"binaural_beat\", \"params\": {\"ampL\": \"loud\"}},"
        " {\"synth_function_name\": \"binaural_beat\"}]}]}";
    const ps_track_options options = {.warnings = {.add = count_warning}};
    ps_engine *engine = engine_of(NULL);

    (void)state;
    told = 0;
    test_sound sound = play(engine, text, &options, 4096);
    assert_int_equal(told, 2);
    assert_non_null(strstr(told_text, "progression[0].voices[1].params.ampL"));
    assert_true(peak_between(&sound, 1000, 20000) > 0.4f);
    test_sound_free(&sound);
    ps_engine_destroy(engine);
}

/* One mistake in each voice; a second one, which stands in nobody's way, in the last. */
static const char *const mistakes =
    "{\"global\": {\"sample_rate\": 22050}, \"progression\": [{\"duration\": 1, \"voices\": ["
    " {\"synth_function_name\": \"no_such_voice\"},"
    " {\"params\": {}},"
    " {\"synth_function_name\": \"subliminal_encode_transition\", \"is_transition\": true},"
    " {\"synth_function_name\": \"binaural_beat\", \"params\": {\"ampL\": \"loud\"}},"
    " {\"synth_function_name\": \"binaural_beat\", \"is_transition\": true,"
    "  \"params\": {\"endAmpL\": []}},"
    " {\"synth_function_name\": \"binaural_beat\", \"is_transition\": true,"
    "  \"params\": {\"transition_curve\": \"exit(1)\"}},"
    " {\"synth_function_name\": \"binaural_beat\", \"is_transition\": true,"
    "  \"params\": {\"initial_offset\": \"late\"}},"
    " {\"synth_function_name\": \"binaural_beat\","
    "  \"params\": {\"flangeEnable\": true, \"flangeMix\": \"much\"}},"
    " {\"synth_function_name\": \"binaural_beat\","
    "  \"params\": {\"flangeEnable\": true, \"startFlangeMix\": {}}},"
    " {\"synth_function_name\": \"binaural_beat\","
    "  \"params\": {\"spatialEnable\": true, \"spatialRolloff\": \"far\"}},"
    " {\"synth_function_name\": \"noise_swept_notch\", \"params\": {\"lfo_waveform\": \"saw\"}},"
    " {\"synth_function_name\": \"subliminal_encode\", \"params\": {\"audio_path\": \"gone\"}},"
    " {\"synth_function_name\": \"isochronic_tone\", \"is_transition\": true,"
    "  \"params\": {\"startForceMono\": \"half\"}}]}],"
    " \"background_noise\": {\"params\": {\"lfo_freq\": \"slow\"}}}";

#define MISTAKES 13u /* in voices */

typedef struct tally {
    uint32_t voices[MISTAKES], noise;
} tally;

static void count_place(void *user, const ps_error *warning)
{
    tally *t = user;
    unsigned voice;

    if (sscanf(warning->text, "progression[0].voices[%u]", &voice) == 1 && voice < MISTAKES)
        t->voices[voice]++;
    else
        t->noise += strstr(warning->text, "lfo_freq") != NULL;
}

static void each_is_told_once(const tally *t, const char *way)
{
    for (uint32_t i = 0; i < MISTAKES; i++) {
        if (t->voices[i] != 1)
            fail_msg("%s: voice %u is told of %u times", way, i, t->voices[i]);
    }
    if (t->noise != 1)
        fail_msg("%s: the noise is told of %u times", way, t->noise);
}

/* The same parts, put together by hand. */
static ps_track *rebuilt(const ps_track *track)
{
    size_t count;
    ps_track_step step = *ps_track_get_steps(track, &count);
    ps_track_voice voices[MISTAKES] = {0};
    ps_track_noise noise = *ps_track_get_noise(track);
    ps_track *made;

    for (size_t i = 0; i < step.voice_count; i++) {
        voices[i].function = step.voices[i].function;
        voices[i].is_transition = step.voices[i].is_transition;
        voices[i].params = step.voices[i].params;
    }
    step.voices = voices;
    noise.told = false;
    assert_int_equal(ps_track_create(&made, NULL, NULL), PS_OK);
    assert_int_equal(ps_track_add_step(made, &step, NULL), PS_OK);
    assert_int_equal(ps_track_set_noise(made, &noise, NULL), PS_OK);
    return made;
}

static void tell_of_playing(ps_engine *engine, const ps_track *track, tally *t, bool reference)
{
    const ps_track_options options = {.warnings = {count_place, t}, .reference = reference};
    ps_source *source;

    assert_int_equal(ps_track_source_create(&source, engine, track, &options, NULL), PS_OK);
    ps_source_destroy(source);
}

/* By who reads the document, or, when it was not read or nobody listened, by who plays it. */
static void a_mistake_is_told_once(void **state)
{
    ps_engine *engine = engine_of(NULL);

    (void)state;
    for (int reference = 0; reference < 2; reference++) {
        tally read = {0}, unheard = {0}, built = {0};
        const ps_track_read_options options = {.warnings = {count_place, &read}};
        ps_track *first = track_read_with(mistakes, &options), *second = track_of(mistakes);
        ps_track *third = rebuilt(first);

        assert_int_equal(read.voices[0] + read.voices[3] + read.voices[8] + read.noise, 4);
        tell_of_playing(engine, first, &read, reference);
        each_is_told_once(&read, "read");
        tell_of_playing(engine, second, &unheard, reference);
        each_is_told_once(&unheard, "read without a listener");
        tell_of_playing(engine, third, &built, reference);
        each_is_told_once(&built, "built");
        ps_track_destroy(first);
        ps_track_destroy(second);
        ps_track_destroy(third);
    }
    ps_engine_destroy(engine);
}

static void failing_allocations_give_everything_back(void **state)
{
    ps_track *track = track_of(mixed);

    (void)state;
    for (int reference = 0; reference < 2; reference++) {
        for (long allowed = 0;; allowed++) {
            const ps_track_options options = {.reference = reference};
            failing_allocator heap;
            ps_source *source = NULL;
            ps_engine *engine = NULL;

            failing_init(&heap, allowed);
            const ps_engine_options with = {.allocator = &heap.base};
            ps_status status = ps_engine_create(&engine, &with, NULL);
            if (status == PS_OK)
                status = ps_track_source_create(&source, engine, track, &options, NULL);
            if (status == PS_OK) {
                test_sound sound = sound_pull(source, 1 << 20, 4096);
                test_sound_free(&sound);
            } else {
                assert_int_equal(status, PS_NO_MEMORY);
            }
            const bool all = heap.allowed > 0;
            ps_source_destroy(source);
            ps_engine_destroy(engine);
            assert_int_equal(heap.live, 0);
            if (all)
                break;
        }
    }
    ps_track_destroy(track);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_lie_where_the_document_puts_them),
        cmocka_unit_test(nothing_is_a_second_of_silence),
        cmocka_unit_test(a_gap_stays_though_there_is_a_crossfade),
        cmocka_unit_test(a_crossfade_ends_without_a_jump),
        cmocka_unit_test(aligned_steps_do_not_cancel),
        cmocka_unit_test(seeking_equals_playing),
        cmocka_unit_test(entering_late_takes_no_more_than_entering_early),
        cmocka_unit_test(a_chain_of_crossfades_can_be_entered_anywhere),
        cmocka_unit_test(steps_may_stand_in_any_order),
        cmocka_unit_test(threads_and_blocks_are_not_audible),
        cmocka_unit_test(live_gives_the_samples_of_the_file),
        cmocka_unit_test(what_was_not_prepared_is_silent_and_counted),
        cmocka_unit_test(an_update_leaves_alone_what_did_not_change),
        cmocka_unit_test(an_update_fades_to_what_changed),
        cmocka_unit_test(pushed_samples_play_where_their_clip_lies),
        cmocka_unit_test(clips_are_placed_panned_faded_and_lengthen_the_track),
        cmocka_unit_test(a_voice_that_cannot_be_made_is_silent_and_told),
        cmocka_unit_test(a_mistake_is_told_once),
        cmocka_unit_test(failing_allocations_give_everything_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
