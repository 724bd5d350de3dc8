/* What the spatial parameters of a voice mean, as JSON texts. */
#include "voice_support.h"

#include "stage_support.h"
#include "voice/space.h"

#define RATE_HZ 22050.0
#define SECONDS 0.5
#define FRAMES  11025u

typedef struct reader {
    test_params params;
    ps_voice_setup setup;
    ps_spatial *spatial;
    const char *name;
    ps_error err;
} reader;

static ps_status read_text(reader *r, const char *text, const ps_allocator *heap)
{
    memset(r, 0, sizeof *r);
    test_params_read(&r->params, text);
    r->setup = setup_of_step(RATE_HZ, FRAMES, heap);
    return ps_space_create(&r->spatial, &r->setup, &r->params.value, &r->name, &r->err);
}

static void release(reader *r)
{
    ps_spatial_destroy(r->spatial);
    test_params_free(&r->params);
}

static ps_spatial_settings presets(void)
{
    ps_spatial_settings s;

    ps_spatial_defaults(&s);
    return s;
}

/* Noise comes out as from a spatialiser of these settings. */
static void sounds_like(const char *text, const ps_spatial_settings *settings)
{
    stereo s = stereo_noise(FRAMES), wanted = stereo_copy(&s);
    ps_spatial *spatial = NULL;
    reader r;

    if (read_text(&r, text, NULL) != PS_OK)
        fail_msg("%s: %s %s", text, r.name ? r.name : "", r.err.text);
    assert_non_null(r.spatial);
    ps_spatial_process_c(r.spatial, s.left, s.right, FRAMES);
    assert_int_equal(ps_spatial_create(&spatial, settings, RATE_HZ, NULL, NULL), PS_OK);
    ps_spatial_process_c(spatial, wanted.left, wanted.right, FRAMES);
    if (memcmp(s.left, wanted.left, FRAMES * sizeof *s.left) != 0 ||
        memcmp(s.right, wanted.right, FRAMES * sizeof *s.right) != 0)
        fail_msg("%s: off by %g", text, stereo_difference(&s, &wanted));
    ps_spatial_destroy(spatial);
    release(&r);
    stereo_free(&s);
    stereo_free(&wanted);
}

static void off_makes_none(void **state)
{
    static const char *const off[] = {"{}", "{\"spatialEnable\": false}",
                                      "{\"spatialEnable\": null, \"spatialRolloff\": \"x\"}",
                                      "{\"spatialEnable\": \"\"}"};

    (void)state;
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
        reader r;

        assert_int_equal(read_text(&r, off[i], NULL), PS_OK);
        assert_null(r.spatial);
        release(&r);
    }
}

static void without_a_trajectory_it_goes_to_and_fro(void **state)
{
    const ps_trajectory_segment segment = {
        .mode = PS_TRAJECTORY_OSCILLATE,
        .seconds = SECONDS,
        .extent_deg = 75.0,
        .period_s = 20.0,
        .speed_deg_per_s = (double)NAN,
        .from_m = 1.0,
        .to_m = 1.4,
    };
    ps_spatial_settings wanted = presets();

    (void)state;
    wanted.segments = &segment;
    wanted.segment_count = 1;
    sounds_like("{\"spatialEnable\": true}", &wanted);
    sounds_like("{\"spatialEnable\": \"no\", \"spatialTrajectory\": null}", &wanted);
}

static void an_empty_trajectory_stays_in_front(void **state)
{
    const ps_spatial_settings wanted = presets();

    (void)state;
    sounds_like("{\"spatialEnable\": true, \"spatialTrajectory\": []}", &wanted);
}

static void every_parameter_arrives(void **state)
{
    const ps_trajectory_segment segment = {
        .mode = PS_TRAJECTORY_ROTATE,
        .seconds = 0.4,
        .extent_deg = 300.0,
        .speed_deg_per_s = (double)NAN,
        .from_m = 0.2,
        .to_m = 3.0,
    };
    ps_spatial_settings wanted = {
        .segments = &segment,
        .segment_count = 1,
        .use_ild = true,
        .ear_angle_deg = 50.0,
        .head_radius_m = 0.1,
        .itd_scale = 1.5,
        .ild_max_db = 6.0,
        .ref_distance_m = 0.7,
        .rolloff = 1.3,
        .hf_roll_db_per_m = 2.0,
        .smooth_theta_ms = 5.0,
        .smooth_distance_ms = 9.0,
        .min_distance_m = 0.3,
        .max_deg_per_s = 500.0,
        .max_delay_step = 0.03,
    };
    static const char text[] =
        "{\"spatialEnable\": 1, \"spatialDecoder\": \"%s\", \"spatialUseIld\": %s,"
        "\"spatialTrajectory\": [{\"mode\": \"rotate\", \"seconds\": 0.4, \"extent_deg\": 300,"
        "\"distance_m\": [0.2, \"3\"]}], \"spatialEarAngleDeg\": 50, \"spatialHeadRadiusM\": 0.1,"
        "\"spatialItdScale\": 1.5, \"spatialIldMaxDb\": 6, \"spatialIldXoverHz\": 900,"
        "\"spatialRefDistanceM\": 0.7, \"spatialRolloff\": 1.3, \"spatialHfRollDbPerM\": 2,"
        "\"spatialDezipperThetaMs\": 5, \"spatialDezipperDistMs\": 9,"
        "\"spatialMinDistanceM\": 0.3, \"spatialMaxDegPerS\": 500,"
        "\"spatialMaxDelayStepSamples\": 0.03, \"spatialInterp\": %d, \"spatialUseItdIld\": 0}";
    char filled[1024];

    (void)state;
    snprintf(filled, sizeof filled, text, "itd_head", "true", 0);
    sounds_like(filled, &wanted);
    snprintf(filled, sizeof filled, text, "anything", "0.9", 1);
    wanted.use_ild = false; /* a whole number is read */
    wanted.four_taps = true;
    sounds_like(filled, &wanted);
    snprintf(filled, sizeof filled, text, "FOA_Cardioid", "-1", 1);
    wanted.use_ild = true;
    wanted.foa_cardioid = true;
    sounds_like(filled, &wanted);
}

static void segments_have_their_presets(void **state)
{
    const ps_trajectory_segment segments[] = {
        {.mode = PS_TRAJECTORY_ROTATE,
         .seconds = 0.1,
         .extent_deg = 180.0,
         .speed_deg_per_s = (double)NAN,
         .from_m = 1.0,
         .to_m = 1.0},
        {.mode = PS_TRAJECTORY_ROTATING_ARC,
         .seconds = 0.1,
         .start_deg = 20.0,
         .extent_deg = 60.0,
         .speed_deg_per_s = (double)NAN,
         .period_s = 0.07,
         .turns_hz = 0.5,
         .ease_sine = true,
         .from_m = 2.0,
         .to_m = 2.0},
        {.mode = PS_TRAJECTORY_OSCILLATE,
         .seconds = 0.2,
         .start_deg = 30.0,
         .center_deg = 30.0, /* where it starts */
         .extent_deg = 180.0,
         .speed_deg_per_s = (double)NAN,
         .from_m = 1.0,
         .to_m = 1.0},
    };
    ps_spatial_settings wanted = presets();

    (void)state;
    wanted.segments = segments;
    wanted.segment_count = 3;
    wanted.max_deg_per_s = 5000.0;
    sounds_like("{\"spatialEnable\": true, \"spatialMaxDegPerS\": 5000, \"spatialTrajectory\": ["
                "{\"seconds\": 0.1}, {\"mode\": \"rotating_arc\", \"seconds\": 0.1,"
                "\"start_deg\": 20, \"extent_deg\": 60, \"period_s\": 0.07, \"easing\": \"sine\","
                "\"rotate_freq_hz\": 0.5, \"distance_m\": 2}, {\"mode\": \"swing\","
                "\"seconds\": 0.2, \"start_deg\": 30, \"easing\": \"bounce\", \"period_s\": null}"
                "]}",
                &wanted);
}

static void refuses(const char *text, ps_status status, const char *name)
{
    reader r;

    assert_int_equal(read_text(&r, text, NULL), status);
    assert_null(r.spatial);
    assert_true(r.err.text[0] != '\0');
    if (name)
        assert_string_equal(r.name, name);
    release(&r);
}

static void what_cannot_be_used_is_refused(void **state)
{
    (void)state;
    refuses("{\"spatialEnable\": true, \"spatialTrajectory\": \"left\"}", PS_BAD_DATA,
            "spatialTrajectory");
    refuses("{\"spatialEnable\": true, \"spatialTrajectory\": [3]}", PS_BAD_DATA,
            "spatialTrajectory");
    refuses("{\"spatialEnable\": true, \"spatialTrajectory\": [{\"seconds\": \"long\"}]}",
            PS_BAD_DATA, "spatialTrajectory");
    refuses("{\"spatialEnable\": true, \"spatialTrajectory\": [{\"distance_m\": [1]}]}",
            PS_BAD_DATA, "spatialTrajectory");
    refuses("{\"spatialEnable\": true, \"spatialRolloff\": \"much\"}", PS_BAD_DATA,
            "spatialRolloff");
    refuses("{\"spatialEnable\": true, \"spatialHeadRadiusM\": 1e9}", PS_UNSUPPORTED, NULL);
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    (void)state;
    for (long allowed = 0;; allowed++) {
        failing_allocator heap;
        reader r;

        failing_init(&heap, allowed);
        const ps_status status = read_text(&r, "{\"spatialEnable\": true}", &heap.base);
        release(&r);
        assert_int_equal(heap.live, 0);
        if (status == PS_OK) {
            assert_int_equal(allowed, 4);
            return;
        }
        assert_int_equal(status, PS_NO_MEMORY);
        assert_true(r.err.text[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(off_makes_none),
        cmocka_unit_test(without_a_trajectory_it_goes_to_and_fro),
        cmocka_unit_test(an_empty_trajectory_stays_in_front),
        cmocka_unit_test(every_parameter_arrives),
        cmocka_unit_test(segments_have_their_presets),
        cmocka_unit_test(what_cannot_be_used_is_refused),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
