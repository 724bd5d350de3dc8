/* Tracks of which a device makes the voices that are tones. */
#define _GNU_SOURCE
#include "gpu_support.h"
#include "track_support.h"

static const char *const steps =
    "{\"global\": {\"sample_rate\": 44100, \"crossfade_duration\": 0.3}, \"progression\": ["
    "  {\"duration\": 4.2, \"voices\": ["
    "    {\"synth_function_name\": \"binaural_beat\","
    "     \"params\": {\"ampL\": 0.4, \"baseFreq\": 201.3, \"beatFreq\": 5, \"ampOscDepthL\": 1,"
    "                \"ampOscFreqL\": 3, \"ampOscSkewL\": -0.4, \"freqOscRangeR\": 9,"
    "                \"freqOscFreqR\": 0.1, \"phaseOscFreq\": 0.3, \"phaseOscRange\": 2}},"
    "    {\"synth_function_name\": \"rhythmic_waveshaping\", \"params\": {\"carrierFreq\": 160}},"
    "    {\"synth_function_name\": \"monaural_beat_stereo_amps\","
    "     \"params\": {\"baseFreq\": 131, \"phaseOscFreq\": 0.3, \"phaseOscRange\": 1},"
    "     \"volume_envelope\": {\"type\": \"adsr\", \"params\": {\"attack\": 0.3}}}]},"
    "  {\"duration\": 5.1, \"voices\": ["
    "    {\"synth_function_name\": \"binaural_beat\", \"is_transition\": true,"
    "     \"params\": {\"startBaseFreq\": 190, \"endBaseFreq\": 240, \"startBeatFreq\": 6,"
    "                \"endBeatFreq\": 3, \"initial_offset\": 0.4, \"transition_duration\": 1}},"
    "    {\"synth_function_name\": \"stereo_am_independent\", \"is_transition\": true},"
    "    {\"synth_function_name\": \"monaural_beat_stereo_amps\", \"is_transition\": true,"
    "     \"params\": {\"startBaseFreq\": 131, \"endBaseFreq\": 151, \"startAmp_lower_L\": 0.1}},"
    "    {\"synth_function_name\": \"isochronic_tone\", \"is_transition\": true,"
    "     \"params\": {\"startBeatFreq\": 4, \"endBeatFreq\": 9, \"startGapPercent\": 0.1,"
    "                \"endGapPercent\": 0.5, \"pan\": -0.3}},"
    "    {\"synth_function_name\": \"isochronic_tone\", \"params\": {\"rampPercent\": 0}}]}]}";

static test_sound play(const ps_accelerator *accelerator)
{
    const ps_track_options options = {.accelerator = accelerator};
    ps_track *track = track_of(steps);
    ps_engine *engine;
    ps_source *source;

    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    assert_int_equal(ps_track_source_create(&source, engine, track, &options, NULL), PS_OK);
    const test_sound sound = sound_pull(source, 1 << 20, 4096);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    ps_track_destroy(track);
    return sound;
}

static void agree(const test_sound *a, const test_sound *b)
{
    const double off = test_difference(a, b) / fmax(1.0, test_peak(a));

    if (!(off <= AGREE))
        fail_msg("%g off", off);
}

static void a_device_makes_what_the_voices_make(void **state)
{
    test_sound here = play(NULL);
    ps_gpu_usage usage;
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){0});
    test_sound there = play(ps_gpu_accelerator(gpu));
    agree(&here, &there);
    ps_gpu_get_usage(gpu, &usage);
    assert_int_equal(usage.done, 2);
    assert_int_equal(usage.declined + usage.broken_off, 0);
    ps_gpu_destroy(gpu);
    test_sound_free(&there);
    test_sound_free(&here);
}

/* Nothing is heard of a device that fails, whenever it does. */
static void the_voices_go_on_when_a_device_fails(void **state)
{
    static const uint64_t works[] = {25, 60, 90, 120, 150};
    test_sound here = play(NULL);
    uint64_t broken = 0;

    (void)state;
    needs_a_device();
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        const ps_gpu_fault fault = {.after_calls = works[i], .code = -5};
        ps_gpu *gpu = make_gpu((ps_gpu_options){.fault = &fault});
        ps_gpu_usage usage;
        test_sound there = play(ps_gpu_accelerator(gpu));

        agree(&here, &there);
        ps_gpu_get_usage(gpu, &usage);
        broken += usage.broken_off;
        test_sound_free(&there);
        ps_gpu_destroy(gpu);
    }
    assert_true(broken > 0);
    test_sound_free(&here);
}

/* On auto, a few seconds of a track are the processor's: no device is even looked for. */
static void a_short_track_is_made_as_ever(void **state)
{
    const ps_gpu_options options = {.mode = PS_GPU_AUTO, .cache_folder = "."};
    test_sound here = play(NULL);
    ps_gpu_usage usage;
    ps_gpu *gpu;

    (void)state;
    assert_int_equal(ps_gpu_create(&gpu, &options, NULL), PS_OK);
    test_sound there = play(ps_gpu_accelerator(gpu));
    sounds_equal(&here, &there);
    ps_gpu_get_usage(gpu, &usage);
    assert_false(usage.looked);
    ps_gpu_destroy(gpu);
    test_sound_free(&there);
    test_sound_free(&here);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_device_makes_what_the_voices_make, in_folder,
                                        out_of_folder),
        cmocka_unit_test_setup_teardown(the_voices_go_on_when_a_device_fails, in_folder,
                                        out_of_folder),
        cmocka_unit_test_setup_teardown(a_short_track_is_made_as_ever, in_folder, out_of_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
