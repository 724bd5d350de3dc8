/* Tracks of which an accelerator makes the voices that are tones. This one makes them here, by
 * their definition; tests/test_gpu_track.c asks a device. */
#include "track_support.h"

#include "plainsong/threads.h"
#include "tones_support.h"

#define AGREE 1e-5 /* of full scale */
#define JOB   524288u

/* ---- An accelerator -------------------------------------------------------------------------- */

typedef struct fake {
    ps_accelerator table;
    bool unwilling;      /* wants nothing */
    uint32_t good;       /* jobs that it does, then it fails */
    ps_job_outcome then; /* how */
    uint32_t asked, jobs;
    uint64_t frames, tones_most, piece_frames;
} fake;

static bool wants(void *user, const ps_tones *items, uint32_t count)
{
    fake *f = user;

    assert_int_equal(count, 1);
    f->asked++;
    f->piece_frames = items->piece_frames;
    return !f->unwilling;
}

static ps_job_outcome make(void *user, ps_tones *items, uint32_t count)
{
    fake *f = user;
    const bool fails = f->jobs++ >= f->good;
    const uint64_t most = !fails ? items->frames : f->then == PS_JOB_PARTLY ? items->frames / 3 : 0;

    assert_int_equal(count, 1);
    assert_true(items->frames > 0 && items->frames <= JOB);
    for (uint64_t n = 0; n < items->frames; n++) {
        double y[2] = {1e30, -1e30}; /* what is not done may be anything */

        if (n < most)
            tones_at(items, n, y);
        items->out[0][n] = (float)y[0];
        items->out[1][n] = (float)y[1];
    }
    items->done_frames = most;
    f->frames += most;
    f->tones_most = items->count > f->tones_most ? items->count : f->tones_most;
    return fails ? f->then : PS_JOB_DONE;
}

static fake willing(void)
{
    return (fake){.table = {.tones = make, .wants_tones = wants}, .good = UINT32_MAX};
}

/* ---- Tracks ---------------------------------------------------------------------------------- */

/* Steps that overlap, aligned; voices of all kinds that are tones, and some that are not; envelopes
   and the fades without one. */
static const char *const mixed =
    "{\"global\": {\"sample_rate\": 22050, \"crossfade_duration\": 0.5,"
    "             \"crossfade_curve\": \"equal_power\"},"
    " \"progression\": ["
    "  {\"duration\": 2.3, \"voices\": ["
    "    {\"synth_function_name\": \"binaural_beat\","
    "     \"params\": {\"ampL\": 0.4, \"ampR\": 0.3, \"baseFreq\": 200, \"beatFreq\": 5,"
    "                \"freqOscRangeL\": 4, \"freqOscFreqL\": 0.7}},"
    "    {\"synth_function_name\": \"rhythmic_waveshaping\", \"params\": {\"carrierFreq\": 160}},"
    "    {\"synth_function_name\": \"monaural_beat_stereo_amps\","
    "     \"params\": {\"baseFreq\": 131, \"beatFreq\": 3, \"phaseOscFreq\": 0.3,"
    "                \"phaseOscRange\": 1},"
    "     \"volume_envelope\": {\"type\": \"linen\", \"params\": {\"attack\": 0.3,"
    "                         \"release\": 0.4}}},"
    "    {\"synth_function_name\": \"binaural_beat\","
    "     \"params\": {\"baseFreq\": 100, \"flangeEnable\": true}}]},"
    "  {\"duration\": 2.1, \"voices\": ["
    "    {\"synth_function_name\": \"binaural_beat\", \"is_transition\": true,"
    "     \"params\": {\"startBaseFreq\": 200, \"endBaseFreq\": 240, \"startBeatFreq\": 6,"
    "                \"endBeatFreq\": 3, \"ampOscDepthL\": 1, \"ampOscFreqL\": 3,"
    "                \"initial_offset\": 0.4, \"transition_duration\": 1}},"
    "    {\"synth_function_name\": \"isochronic_tone\", \"is_transition\": true,"
    "     \"params\": {\"startBeatFreq\": 4, \"endBeatFreq\": 7, \"pan\": 0.4},"
    "     \"volume_envelope\": {\"type\": \"adsr\", \"params\": {\"attack\": 0.2}}},"
    "    {\"synth_function_name\": \"binaural_beat\", \"is_transition\": true,"
    "     \"params\": {\"startBaseFreq\": 90, \"endBaseFreq\": 70,"
    "                \"transition_curve\": \"exponential\"}},"
    "    {\"synth_function_name\": \"stereo_am_independent\","
    "     \"volume_envelope\": {\"type\": \"linear_fade\", \"params\": {\"fade_duration\": 0.5,"
    "                         \"start_amp\": 0.2, \"end_amp\": 0.9}}}]},"
    "  {\"duration\": 1.7, \"voices\": ["
    "    {\"synth_function_name\": \"binaural_beat\", \"params\": {\"baseFreq\": 240}},"
    "    {\"synth_function_name\": \"isochronic_tone\", \"params\": {\"rampPercent\": 0}}]}]}";

/* Longer than a job. */
static const char *const lengthy =
    "{\"global\": {\"sample_rate\": 22050}, \"progression\": ["
    "  {\"duration\": 60, \"voices\": ["
    "    {\"synth_function_name\": \"binaural_beat\", \"is_transition\": true,"
    "     \"params\": {\"startBaseFreq\": 200, \"endBaseFreq\": 240, \"phaseOscFreq\": 0.1,"
    "                \"phaseOscRange\": 2}},"
    "    {\"synth_function_name\": \"rhythmic_waveshaping\", \"params\": {\"carrierFreq\": "
    "90}}]}]}";

/* Nothing but tones in the first step, none in the second. */
static const char *const plain =
    "{\"global\": {\"sample_rate\": 22050, \"crossfade_duration\": 0.1}, \"progression\": ["
    "  {\"duration\": 0.7, \"voices\": [{\"synth_function_name\": \"binaural_beat\"}]},"
    "  {\"duration\": 0.7, \"voices\": [{\"synth_function_name\": \"rhythmic_waveshaping\"}]}]}";

static ps_source *source_of(ps_engine *engine, const char *text, const ps_track_options *options)
{
    ps_track *track = track_of(text);
    ps_source *source = NULL;

    assert_int_equal(ps_track_source_create(&source, engine, track, options, NULL), PS_OK);
    ps_track_destroy(track);
    return source;
}

static test_sound play(const char *text, const fake *f, uint32_t block, const ps_workers *workers)
{
    const ps_track_options options = {.accelerator = f ? &f->table : NULL};
    const ps_engine_options engine_options = {.workers = workers};
    ps_engine *engine;

    assert_int_equal(ps_engine_create(&engine, &engine_options, NULL), PS_OK);
    ps_source *source = source_of(engine, text, &options);
    const test_sound sound = sound_pull(source, 1 << 21, block);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    return sound;
}

static test_sound play_with(fake *f, const char *text)
{
    f->table.user = f;
    return play(text, f, 4096, NULL);
}

static void agree(const test_sound *a, const test_sound *b, const char *what)
{
    const double full = fmax(1.0, test_peak(a)), off = test_difference(a, b) / full;

    if (!(off <= AGREE))
        fail_msg("%s: %g off", what, off);
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void what_it_makes_is_what_the_voices_make(void **state)
{
    const char *const texts[] = {mixed, lengthy, plain};
    const uint32_t jobs[] = {3, 3, 1};

    (void)state;
    for (int i = 0; i < 3; i++) {
        fake f = willing();
        test_sound here = play(texts[i], NULL, 4096, NULL), there = play_with(&f, texts[i]);

        agree(&here, &there, "an accelerator");
        assert_int_equal(f.jobs, jobs[i]);
        assert_int_equal(f.asked, i == 1 ? 1 : jobs[i]);
        assert_int_equal(f.piece_frames, here.frames);
        assert_true(f.frames <= here.frames + 3 * 11025);
        test_sound_free(&here);
        test_sound_free(&there);
    }
}

/* Neither blocks nor threads nor where one enters are heard. */
static void it_is_the_same_sound_however_it_is_asked_for(void **state)
{
    static const uint32_t blocks[] = {1, 777, 8192, 100000};
    fake f = willing();
    test_sound first = play_with(&f, mixed);
    ps_threads *threads;

    (void)state;
    for (int i = 0; i < 4; i++) {
        test_sound again = play(mixed, &f, blocks[i], NULL);

        sounds_equal(&first, &again);
        test_sound_free(&again);
    }
    assert_int_equal(ps_threads_create(&threads, 2, NULL), PS_OK);
    test_sound again = play(mixed, &f, 4096, ps_threads_workers(threads));
    sounds_equal(&first, &again);
    test_sound_free(&again);
    ps_threads_destroy(threads);
    test_sound_free(&first);
}

static void it_may_be_entered_anywhere(void **state)
{
    static const uint64_t frames[] = {1, 30000, 50000, 5, 100000, JOB - 1, JOB, 1100000};
    fake f = willing();
    test_sound whole = play_with(&f, mixed), length = play_with(&f, lengthy);
    const ps_track_options options = {.accelerator = &f.table};
    ps_engine *engine;

    (void)state;
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    for (int k = 0; k < 2; k++) {
        ps_source *source = source_of(engine, k ? lengthy : mixed, &options);
        const test_sound *all = k ? &length : &whole;

        for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
            float left[1000], right[1000];
            const ps_block block = {left, right, 1000};

            if (frames[i] + 1000 > all->frames)
                continue;
            assert_int_equal(ps_source_seek(source, frames[i]), PS_OK);
            assert_int_equal(ps_source_pull(source, block), 1000);
            assert_memory_equal(left, all->left + frames[i], sizeof left);
            assert_memory_equal(right, all->right + frames[i], sizeof right);
        }
        ps_source_destroy(source);
    }
    ps_engine_destroy(engine);
    test_sound_free(&whole);
    test_sound_free(&length);
}

static void what_it_does_not_want_is_made_as_ever(void **state)
{
    const char *const texts[] = {mixed, lengthy};

    (void)state;
    for (int i = 0; i < 2; i++) {
        test_sound here = play(texts[i], NULL, 4096, NULL);
        fake unwilling = willing(), declines = willing(), none = {0};

        unwilling.unwilling = true;
        declines.good = 0;
        declines.then = PS_JOB_DECLINED;
        test_sound a = play_with(&unwilling, texts[i]), b = play_with(&declines, texts[i]);
        test_sound c = play_with(&none, texts[i]);
        sounds_equal(&here, &a);
        sounds_equal(&here, &b);
        sounds_equal(&here, &c);
        assert_true(unwilling.jobs == 0 && unwilling.asked > 0 && declines.jobs > 0);
        test_sound_free(&here);
        test_sound_free(&a);
        test_sound_free(&b);
        test_sound_free(&c);
    }
}

static void the_voices_go_on_where_it_fails(void **state)
{
    test_sound here = play(lengthy, NULL, 4096, NULL), two = play(mixed, NULL, 4096, NULL);

    (void)state;
    for (uint32_t good = 0; good < 4; good++) {
        for (int how = 0; how < 2; how++) {
            fake f = willing(), g = willing();

            f.good = g.good = good;
            f.then = g.then = how ? PS_JOB_PARTLY : PS_JOB_DECLINED;
            test_sound there = play_with(&f, lengthy), elsewhere = play_with(&g, mixed);
            agree(&here, &there, "one that fails");
            agree(&two, &elsewhere, "one that fails");
            assert_int_equal(f.jobs, good < 3 ? good + 1 : 3); /* and is not asked again */
            test_sound_free(&there);
            test_sound_free(&elsewhere);
        }
    }
    test_sound_free(&here);
    test_sound_free(&two);
}

static void nobody_is_asked_live_or_for_the_reference(void **state)
{
    fake f = willing();
    ps_engine *engine;

    (void)state;
    f.table.user = &f;
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    for (int live = 0; live < 2; live++) {
        const ps_track_options options = {
            .accelerator = &f.table, .live = live, .reference = !live};
        ps_source *source = source_of(engine, plain, &options);

        assert_int_equal(ps_source_prepare(source, 4096), PS_OK);
        test_sound sound = sound_pull(source, 4096, 256);
        assert_true(test_peak(&sound) > 0.1);
        test_sound_free(&sound);
        ps_source_destroy(source);
    }
    assert_int_equal(f.asked + f.jobs, 0);
    ps_engine_destroy(engine);
}

static void without_memory_for_it_the_voices_go_on(void **state)
{
    test_sound here = play(mixed, NULL, 4096, NULL);

    (void)state;
    for (long allowed = 0; allowed < 4; allowed++) {
        failing_allocator memory;
        fake f = willing();

        failing_init(&memory, allowed);
        f.table.memory = &memory.base;
        test_sound there = play_with(&f, mixed);
        agree(&here, &there, "little memory");
        assert_int_equal(memory.live, 0);
        assert_int_equal(f.jobs, allowed / 2 < 3 ? allowed / 2 : 3);
        test_sound_free(&there);
    }
    test_sound_free(&here);
}

/* Every allocation of the track itself fails in turn. */
static void a_failing_allocation_gives_everything_back(void **state)
{
    long allowed = 0;
    bool whole = false;

    (void)state;
    while (!whole) {
        failing_allocator memory;
        fake f = willing();
        const ps_engine_options engine_options = {.allocator = &memory.base};
        const ps_track_options options = {.accelerator = &f.table};
        ps_engine *engine = NULL;
        ps_source *source = NULL;
        ps_track *track = track_of(plain);

        f.table.user = &f;
        failing_init(&memory, allowed++);
        if (ps_engine_create(&engine, &engine_options, NULL) == PS_OK &&
            ps_track_source_create(&source, engine, track, &options, NULL) == PS_OK) {
            test_sound sound = sound_pull(source, 4096, 4096);

            whole = f.jobs > 0;
            test_sound_free(&sound);
        }
        ps_source_destroy(source);
        ps_engine_destroy(engine);
        ps_track_destroy(track);
        assert_int_equal(memory.live, 0);
        assert_true(allowed < 1000);
    }
    assert_true(allowed > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_makes_is_what_the_voices_make),
        cmocka_unit_test(it_is_the_same_sound_however_it_is_asked_for),
        cmocka_unit_test(it_may_be_entered_anywhere),
        cmocka_unit_test(what_it_does_not_want_is_made_as_ever),
        cmocka_unit_test(the_voices_go_on_where_it_fails),
        cmocka_unit_test(nobody_is_asked_live_or_for_the_reference),
        cmocka_unit_test(without_memory_for_it_the_voices_go_on),
        cmocka_unit_test(a_failing_allocation_gives_everything_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
