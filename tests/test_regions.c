/* What a note starts: generator inheritance, modulator merging, ranges, offsets, hostile numbers.
 */
#include "support.h"

#include "sf2_builder.h"
#include "soundfont/regions.h"

#define FRAMES             100u
#define VELOCITY_TO_FILTER 1 /* place among the defaults */

/* A bank being built with one sample, and then opened. */
typedef struct fixture {
    sf2_builder b;
    uint8_t *bytes;
    ps_soundfont *bank;
    uint32_t sample;
    ps_region region[PS_KEY_REGIONS];
    uint32_t count; /* of regions found */
} fixture;

static fixture *begin(void)
{
    int16_t pcm[FRAMES];
    fixture *f = calloc(1, sizeof *f);

    for (uint32_t i = 0; i < FRAMES; i++)
        pcm[i] = (int16_t)(100 * i);
    sf2_init(&f->b);
    f->sample = sf2_sample(&f->b, "ramp", pcm, FRAMES, 44100, 60, 10, 90);
    return f;
}

/* Opens what was built and finds the regions of preset 0 for a note. */
static void open_and_play(fixture *f, uint8_t key, uint8_t velocity, bool velocity_to_filter)
{
    size_t size_bytes;

    f->bytes = sf2_build(&f->b, &size_bytes);
    assert_int_equal(ps_soundfont_open(&f->bank, f->bytes, size_bytes, NULL, NULL), PS_OK);
    f->count = ps_soundfont_regions(f->bank, 0, key, velocity, velocity_to_filter, f->region,
                                    PS_KEY_REGIONS);
}

static void end(fixture *f)
{
    ps_soundfont_destroy(f->bank);
    sf2_clear(&f->b);
    free(f->bytes);
    free(f);
}

/* An instrument of one zone, in which the test goes on to add. */
static uint32_t instrument(fixture *f)
{
    const uint32_t index = sf2_instrument(&f->b, "instrument");

    sf2_zone(&f->b, f->sample);
    return index;
}

/* ---- Generators --------------------------------------------------------------------------------
 */

static void an_empty_zone_has_the_standards_defaults(void **state)
{
    fixture *f = begin();

    (void)state;
    sf2_simple_preset(&f->b, "p", 0, 0, instrument(f));
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->count, 1);
    for (uint32_t i = 0; i < PS_GENERATORS; i++)
        assert_int_equal(f->region[0].generators[i], ps_generator_info(i)->standard);
    assert_int_equal(f->region[0].generators[PS_GEN_FILTER_CUTOFF], 13500);
    assert_int_equal(f->region[0].generators[PS_GEN_VOL_ENV_ATTACK], -12000);
    assert_int_equal(f->region[0].generators[PS_GEN_SCALE_TUNING], 100);
    assert_int_equal(f->region[0].generators[PS_GEN_KEY], -1);
    assert_int_equal(f->region[0].sample_mode, 0);
    end(f);
}

static void local_generators_replace_global_ones_and_presets_add(void **state)
{
    fixture *f = begin();
    uint32_t i;

    (void)state;
    i = sf2_instrument(&f->b, "i");
    sf2_zone(&f->b, SF2_GLOBAL);
    sf2_gen(&f->b, PS_GEN_PAN, -100);
    sf2_gen(&f->b, PS_GEN_ATTENUATION, 50);
    sf2_zone(&f->b, f->sample);
    sf2_gen(&f->b, PS_GEN_PAN, 200);
    sf2_preset(&f->b, "p", 0, 0);
    sf2_zone(&f->b, SF2_GLOBAL);
    sf2_gen(&f->b, PS_GEN_PAN, 7);
    sf2_gen(&f->b, PS_GEN_ATTENUATION, 5);
    sf2_gen(&f->b, PS_GEN_FILTER_CUTOFF, -1000);
    sf2_zone(&f->b, i);
    sf2_gen(&f->b, PS_GEN_ATTENUATION, 30);
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->region[0].generators[PS_GEN_PAN], 207);
    assert_int_equal(f->region[0].generators[PS_GEN_ATTENUATION], 80);
    assert_int_equal(f->region[0].generators[PS_GEN_FILTER_CUTOFF], 12500);
    end(f);
}

static void sums_are_clamped_after_the_addition(void **state)
{
    fixture *f = begin();
    uint32_t i;

    (void)state;
    i = instrument(f);
    sf2_gen(&f->b, PS_GEN_PAN, 900); /* beyond 500, but the preset takes 600 away */
    sf2_gen(&f->b, PS_GEN_FILTER_CUTOFF, 2000);
    sf2_gen(&f->b, PS_GEN_ATTENUATION, 100);
    sf2_gen(&f->b, PS_GEN_VOL_ENV_SUSTAIN, 32767);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    sf2_gen(&f->b, PS_GEN_PAN, -600);
    sf2_gen(&f->b, PS_GEN_FILTER_CUTOFF, -2000);
    sf2_gen(&f->b, PS_GEN_ATTENUATION, -220);
    sf2_gen(&f->b, PS_GEN_VOL_ENV_SUSTAIN, 32767);
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->region[0].generators[PS_GEN_PAN], 300);
    assert_int_equal(f->region[0].generators[PS_GEN_FILTER_CUTOFF], 1500);
    assert_int_equal(f->region[0].generators[PS_GEN_ATTENUATION], -120); /* kept below zero */
    assert_int_equal(f->region[0].generators[PS_GEN_VOL_ENV_SUSTAIN], 1440);
    end(f);
}

static void cents_beyond_the_fine_tune_become_semitones(void **state)
{
    fixture *f = begin();
    uint32_t i;

    (void)state;
    i = instrument(f);
    sf2_gen(&f->b, PS_GEN_FINE_TUNE, -116);
    sf2_gen(&f->b, PS_GEN_COARSE_TUNE, 3);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    sf2_gen(&f->b, PS_GEN_FINE_TUNE, -90);
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->region[0].generators[PS_GEN_COARSE_TUNE], 1);
    assert_int_equal(f->region[0].generators[PS_GEN_FINE_TUNE], -6);
    end(f);
}

static void of_a_generator_given_twice_the_last_counts(void **state)
{
    fixture *f = begin();
    uint32_t i;

    (void)state;
    i = instrument(f);
    sf2_gen(&f->b, PS_GEN_PAN, 10);
    sf2_gen(&f->b, PS_GEN_PAN, 20);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    sf2_gen(&f->b, PS_GEN_PAN, 1);
    sf2_gen(&f->b, PS_GEN_PAN, 2);
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->region[0].generators[PS_GEN_PAN], 22);
    end(f);
}

static void presets_cannot_set_what_only_instruments_may(void **state)
{
    static const int only_instruments[] = {
        PS_GEN_START_OFFSET,
        PS_GEN_END_OFFSET,
        PS_GEN_LOOP_START_OFFSET,
        PS_GEN_LOOP_END_OFFSET,
        PS_GEN_START_COARSE_OFFSET,
        PS_GEN_END_COARSE_OFFSET,
        PS_GEN_LOOP_START_COARSE_OFFSET,
        PS_GEN_LOOP_END_COARSE_OFFSET,
        PS_GEN_KEY,
        PS_GEN_VELOCITY,
        PS_GEN_SAMPLE_MODES,
        PS_GEN_EXCLUSIVE_CLASS,
        PS_GEN_ROOT_KEY,
        PS_GEN_SAMPLE,
        14,
        18,
        42,
        49,
        55,
        59,
        60,
        61,
        999,
    };
    fixture *f = begin();
    const size_t count = sizeof only_instruments / sizeof only_instruments[0];

    (void)state;
    sf2_simple_preset(&f->b, "p", 0, 0, instrument(f));
    for (size_t i = 0; i < count; i++)
        sf2_gen(&f->b, (uint32_t)only_instruments[i], 1);
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->count, 1);
    for (uint32_t i = 0; i < PS_GENERATORS; i++)
        assert_int_equal(f->region[0].generators[i], ps_generator_info(i)->standard);
    assert_int_equal(f->region[0].sample.start, 0);
    end(f);
}

static void generators_after_the_sample_are_ignored(void **state)
{
    fixture *f = begin();
    uint32_t i;

    (void)state;
    f->b.raw_order = true;
    i = sf2_instrument(&f->b, "i");
    sf2_zone(&f->b, SF2_GLOBAL); /* whose sample is put by hand, so that more can follow it */
    sf2_gen(&f->b, PS_GEN_PAN, 5);
    sf2_gen(&f->b, PS_GEN_SAMPLE, 0);
    sf2_gen(&f->b, PS_GEN_PAN, 50);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->region[0].generators[PS_GEN_PAN], 5);
    end(f);
}

/* ---- Ranges ------------------------------------------------------------------------------------
 */

static void a_note_starts_the_zones_whose_ranges_hold_it(void **state)
{
    fixture *f = begin();
    uint32_t i;

    (void)state;
    i = sf2_instrument(&f->b, "i");
    sf2_zone(&f->b, f->sample);
    sf2_range(&f->b, PS_GEN_KEY_RANGE, 0, 59);
    sf2_gen(&f->b, PS_GEN_PAN, 1);
    sf2_zone(&f->b, f->sample);
    sf2_range(&f->b, PS_GEN_KEY_RANGE, 60, 72);
    sf2_range(&f->b, PS_GEN_VELOCITY_RANGE, 0, 63);
    sf2_gen(&f->b, PS_GEN_PAN, 2);
    sf2_zone(&f->b, f->sample);
    sf2_range(&f->b, PS_GEN_KEY_RANGE, 60, 72);
    sf2_range(&f->b, PS_GEN_VELOCITY_RANGE, 64, 127);
    sf2_gen(&f->b, PS_GEN_PAN, 3);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    sf2_range(&f->b, PS_GEN_KEY_RANGE, 10, 127);
    open_and_play(f, 60, 63, true);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->region[0].generators[PS_GEN_PAN], 2);
    assert_int_equal(ps_soundfont_regions(f->bank, 0, 60, 64, true, f->region, 8), 1);
    assert_int_equal(f->region[0].generators[PS_GEN_PAN], 3);
    assert_int_equal(ps_soundfont_regions(f->bank, 0, 10, 1, true, f->region, 8), 1);
    assert_int_equal(f->region[0].generators[PS_GEN_PAN], 1);
    assert_int_equal(ps_soundfont_regions(f->bank, 0, 9, 1, true, f->region, 8), 0);
    assert_int_equal(ps_soundfont_regions(f->bank, 0, 73, 1, true, f->region, 8), 0);
    end(f);
}

static void a_global_range_is_the_default_of_the_zones(void **state)
{
    fixture *f = begin();
    uint32_t i;

    (void)state;
    i = sf2_instrument(&f->b, "i");
    sf2_zone(&f->b, SF2_GLOBAL);
    sf2_range(&f->b, PS_GEN_KEY_RANGE, 50, 60);
    sf2_zone(&f->b, f->sample);
    sf2_zone(&f->b, f->sample);
    sf2_range(&f->b, PS_GEN_KEY_RANGE, 0, 127);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    open_and_play(f, 55, 100, true);
    assert_int_equal(f->count, 2);
    assert_int_equal(ps_soundfont_regions(f->bank, 0, 61, 100, true, f->region, 8), 1);
    end(f);
}

static void a_range_out_of_its_place_is_ignored(void **state)
{
    fixture *f = begin();
    uint32_t i;

    (void)state;
    f->b.raw_order = true;
    i = instrument(f);
    sf2_gen(&f->b, PS_GEN_PAN, 1);
    sf2_range(&f->b, PS_GEN_KEY_RANGE, 0, 5);
    sf2_range(&f->b, PS_GEN_VELOCITY_RANGE, 0, 5);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->count, 1);
    end(f);
}

static void all_pairs_of_preset_and_instrument_zones_sound_in_order(void **state)
{
    fixture *f = begin();
    uint32_t i;

    (void)state;
    i = sf2_instrument(&f->b, "i");
    for (int k = 0; k < 3; k++) {
        sf2_zone(&f->b, f->sample);
        sf2_gen(&f->b, PS_GEN_PAN, k);
    }
    sf2_preset(&f->b, "p", 0, 0);
    for (int k = 0; k < 2; k++) {
        sf2_zone(&f->b, i);
        sf2_gen(&f->b, PS_GEN_PAN, 10 * k);
    }
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->count, 6);
    for (int k = 0; k < 6; k++)
        assert_int_equal(f->region[k].generators[PS_GEN_PAN], 10 * (k / 3) + k % 3);
    assert_int_equal(ps_soundfont_regions(f->bank, 0, 60, 100, true, f->region, 4), 4);
    assert_int_equal(ps_soundfont_regions(f->bank, 0, 60, 100, true, f->region, 0), 0);
    assert_int_equal(ps_soundfont_regions(f->bank, 1, 60, 100, true, f->region, 8), 0);
    end(f);
}

/* ---- Samples -----------------------------------------------------------------------------------
 */

static void a_region_points_at_its_samples_frames(void **state)
{
    fixture *f = begin();
    const ps_region_sample *s = &f->region[0].sample;
    uint32_t i;

    (void)state;
    i = instrument(f);
    sf2_gen(&f->b, PS_GEN_SAMPLE_MODES, 1);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    open_and_play(f, 60, 100, true);
    assert_true(s->ready && !s->low_data && s->index == 0);
    assert_int_equal(s->data_frames, FRAMES + 46);
    assert_int_equal(s->start, 0);
    assert_int_equal(s->end, FRAMES);
    assert_int_equal(s->loop_start, 10);
    assert_int_equal(s->loop_end, 90);
    assert_int_equal(s->data[2 * 99] | s->data[2 * 99 + 1] << 8, 9900);
    assert_int_equal(s->rate_hz, 44100);
    assert_int_equal(s->root_key, 60);
    assert_int_equal(f->region[0].sample_mode, 1);
    end(f);
}

static void offsets_move_positions_within_the_sample(void **state)
{
    fixture *f = begin();
    const ps_region_sample *s = &f->region[0].sample;
    uint32_t i;

    (void)state;
    i = instrument(f);
    sf2_gen(&f->b, PS_GEN_SAMPLE_MODES, 3);
    sf2_gen(&f->b, PS_GEN_START_OFFSET, 20);
    sf2_gen(&f->b, PS_GEN_END_OFFSET, -5);
    sf2_gen(&f->b, PS_GEN_LOOP_START_OFFSET, 30);
    sf2_gen(&f->b, PS_GEN_LOOP_END_OFFSET, -20);
    sf2_gen(&f->b, PS_GEN_ROOT_KEY, 72);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    open_and_play(f, 60, 100, true);
    assert_int_equal(s->start, 20);
    assert_int_equal(s->end, 95);
    assert_int_equal(s->loop_start, 40);
    assert_int_equal(s->loop_end, 70);
    assert_int_equal(s->root_key, 72);
    assert_int_equal(f->region[0].sample_mode, 3);
    end(f);
}

static void coarse_offsets_count_32768_frames(void **state)
{
    fixture *f = begin();
    int16_t *pcm = calloc(70000, sizeof *pcm);
    const ps_region_sample *s = &f->region[0].sample;
    uint32_t i;

    (void)state;
    f->sample = sf2_sample(&f->b, "long", pcm, 70000, 44100, 60, 100, 200);
    i = instrument(f);
    sf2_gen(&f->b, PS_GEN_SAMPLE_MODES, 1);
    sf2_gen(&f->b, PS_GEN_START_COARSE_OFFSET, 1);
    sf2_gen(&f->b, PS_GEN_START_OFFSET, 2);
    sf2_gen(&f->b, PS_GEN_LOOP_START_COARSE_OFFSET, 1);
    sf2_gen(&f->b, PS_GEN_LOOP_END_COARSE_OFFSET, 2);
    sf2_gen(&f->b, PS_GEN_LOOP_END_OFFSET, -1);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    open_and_play(f, 60, 100, true);
    assert_int_equal(s->start, FRAMES + 46 + 32770);
    assert_int_equal(s->end, FRAMES + 46 + 70000);
    assert_int_equal(s->loop_start, FRAMES + 46 + 32868);
    assert_int_equal(s->loop_end, FRAMES + 46 + 65735);
    free(pcm);
    end(f);
}

static void check_valid(const ps_region *region)
{
    const ps_region_sample *s = &region->sample;

    assert_true(s->start < s->end && s->end <= s->data_frames);
    if (region->sample_mode != 0)
        assert_true(s->start <= s->loop_start && s->loop_start < s->loop_end &&
                    s->loop_end <= s->end);
    else
        assert_true(s->loop_start == 0 && s->loop_end == 0);
    assert_true(region->sample_mode <= 3 && region->sample_mode != 2);
    assert_true(s->rate_hz >= 400 && s->rate_hz <= 192000 && s->root_key <= 127);
    for (uint32_t i = 0; i < PS_GENERATORS; i++)
        assert_in_range(region->generators[i] + 32768, ps_generator_info(i)->low + 32768,
                        ps_generator_info(i)->high + 32768);
    for (uint32_t i = 0; i < region->modulator_count; i++) {
        const uint32_t destination = region->modulators[i].destination;

        assert_true((destination & 0x8000) ? (destination & 0x7fff) < region->modulator_count
                                           : destination < PS_GENERATORS);
    }
}

static void no_offsets_and_loop_points_lead_out_of_the_sample(void **state)
{
    static const int amounts[] = {-32768, -101, -100, -1, 0, 1, 80, 99, 100, 32767};
    static const uint32_t loops[][2] = {{10, 90}, {90, 10},     {0, 0},          {100, 100},
                                        {50, 51}, {5000, 6000}, {0, 4000000000u}};

    (void)state;
    for (uint32_t n = 0; n < 700; n++) {
        fixture *f = begin();
        uint32_t i, seed = n;

        f->sample = sf2_sample_header(&f->b, "odd", 10, 60, loops[n % 7][0], loops[n % 7][1], 44100,
                                      60, 0, 0, 1);
        i = instrument(f);
        sf2_gen(&f->b, PS_GEN_SAMPLE_MODES, (int)(n % 4));
        for (int g = 0; g < 8; g++) {
            static const uint32_t offsets[] = {0, 1, 2, 3, 4, 12, 45, 50};

            seed = seed * 1664525u + 1013904223u;
            if ((seed >> 29) < 3)
                sf2_gen(&f->b, offsets[g], amounts[(seed >> 16) % 10]);
        }
        sf2_simple_preset(&f->b, "p", 0, 0, i);
        open_and_play(f, 60, 100, true);
        if (f->count > 0)
            check_valid(&f->region[0]);
        end(f);
    }
}

static void a_loop_may_be_one_frame_and_none_is_no_loop(void **state)
{
    static const uint32_t loops[][4] = {
        /* start, end in the file; start, end expected */
        {50, 51, 50, 51}, {90, 10, 10, 90},    {50, 50, 0, 0},
        {0, 0, 0, 0},     {70, 5000, 70, 100}, {5000, 6000, 0, 0},
    };

    (void)state;
    for (uint32_t n = 0; n < sizeof loops / sizeof loops[0]; n++) {
        fixture *f = begin();
        uint32_t i;

        f->sample =
            sf2_sample_header(&f->b, "loop", 0, 100, loops[n][0], loops[n][1], 44100, 60, 0, 0, 1);
        i = instrument(f);
        sf2_gen(&f->b, PS_GEN_SAMPLE_MODES, 1);
        sf2_simple_preset(&f->b, "p", 0, 0, i);
        open_and_play(f, 60, 100, true);
        assert_int_equal(f->region[0].sample.loop_start, loops[n][2]);
        assert_int_equal(f->region[0].sample.loop_end, loops[n][3]);
        assert_int_equal(f->region[0].sample_mode, loops[n][3] > 0 ? 1 : 0);
        end(f);
    }
}

static void low_bytes_come_along_in_24_bit_banks(void **state)
{
    static const int32_t pcm[] = {-8388608, 8388607, -1, 0, 1, 255, 256, -70000};
    fixture *f = begin();
    const ps_region_sample *s = &f->region[0].sample;

    (void)state;
    f->sample = sf2_sample_24(&f->b, "deep", pcm, 8, 96000, 60, 0, 8);
    sf2_simple_preset(&f->b, "p", 0, 0, instrument(f));
    open_and_play(f, 60, 100, true);
    assert_non_null(s->low_data);
    assert_int_equal(s->end - s->start, 8);
    for (uint32_t i = 0; i < 8; i++) {
        const uint32_t at = s->start + i;
        const int32_t high = (int16_t)(s->data[2 * at] | s->data[2 * at + 1] << 8);

        assert_int_equal(high * 256 + s->low_data[at], pcm[i]);
    }
    end(f);
}

static void stereo_pairs_are_two_regions(void **state)
{
    fixture *f = begin();
    int16_t pcm[FRAMES] = {0};
    uint32_t i, right;

    (void)state;
    right = sf2_sample(&f->b, "right", pcm, FRAMES, 44100, 60, 10, 90);
    sf2_link(&f->b, f->sample, right);
    i = instrument(f);
    sf2_gen(&f->b, PS_GEN_PAN, -500);
    sf2_zone(&f->b, right);
    sf2_gen(&f->b, PS_GEN_PAN, 500);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->count, 2);
    assert_int_equal(f->region[0].sample.index, f->sample);
    assert_int_equal(f->region[1].sample.index, right);
    assert_int_equal(f->region[1].generators[PS_GEN_PAN], 500);
    end(f);
}

static void silent_samples_are_left_out(void **state)
{
    fixture *f = begin();
    uint32_t i;

    (void)state;
    sf2_sample_header(&f->b, "rom", 0, 50, 0, 50, 44100, 60, 0, 0, 0x8001);
    sf2_sample_header(&f->b, "empty", 50, 50, 0, 0, 44100, 60, 0, 0, 1);
    sf2_sample_header(&f->b, "inverted", 60, 50, 0, 0, 44100, 60, 0, 0, 1);
    sf2_sample_header(&f->b, "outside", 5000, 6000, 0, 0, 44100, 60, 0, 0, 1);
    i = sf2_instrument(&f->b, "i");
    for (uint32_t k = 0; k < 5; k++)
        sf2_zone(&f->b, k);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->region[0].sample.index, 0);
    end(f);
}

static void unpitched_and_illegal_root_keys_are_60(void **state)
{
    fixture *f = begin();

    (void)state;
    f->sample = sf2_sample_header(&f->b, "noise", 0, 50, 0, 0, 44100, 255, -7, 0, 1);
    sf2_simple_preset(&f->b, "p", 0, 0, instrument(f));
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->region[0].sample.root_key, 60);
    assert_int_equal(f->region[0].sample.correction_cents, -7);
    end(f);
}

/* ---- Modulators --------------------------------------------------------------------------------
 */

static void the_defaults_are_the_standards_ten(void **state)
{
    const ps_modulator *m = ps_default_modulators(true);
    fixture *f = begin();

    (void)state;
    assert_int_equal(m[0].source, 0x0502);
    assert_int_equal(m[0].amount, 960);
    assert_int_equal(m[VELOCITY_TO_FILTER].amount, -2400);
    assert_int_equal(ps_default_modulators(false)[VELOCITY_TO_FILTER].amount, 0);
    assert_int_equal(m[9].amount_source, 0x0010);
    assert_int_equal(m[9].amount, 12700);
    sf2_simple_preset(&f->b, "p", 0, 0, instrument(f));
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->region[0].modulator_count, PS_DEFAULT_MODULATORS);
    assert_memory_equal(f->region[0].modulators, m, PS_DEFAULT_MODULATORS * sizeof *m);
    ps_soundfont_regions(f->bank, 0, 60, 100, false, f->region, 8);
    assert_memory_equal(f->region[0].modulators, ps_default_modulators(false),
                        PS_DEFAULT_MODULATORS * sizeof *m);
    end(f);
}

static void identical_modulators_override_and_presets_add(void **state)
{
    fixture *f = begin();
    const ps_region *r = &f->region[0];
    uint32_t i;

    (void)state;
    i = sf2_instrument(&f->b, "i");
    sf2_zone(&f->b, SF2_GLOBAL);
    sf2_mod(&f->b, 0x0502, PS_GEN_ATTENUATION, 400, 0, 0); /* overrides a default ... */
    sf2_mod(&f->b, 0x0081, PS_GEN_FILTER_CUTOFF, 1200, 0, 0);
    sf2_zone(&f->b, f->sample);
    sf2_mod(&f->b, 0x0502, PS_GEN_ATTENUATION, 500, 0, 0);    /* ... and is overridden here */
    sf2_mod(&f->b, 0x0081, PS_GEN_FILTER_CUTOFF, 1300, 0, 2); /* another transform */
    sf2_preset(&f->b, "p", 0, 0);
    sf2_zone(&f->b, SF2_GLOBAL);
    sf2_mod(&f->b, 0x0502, PS_GEN_ATTENUATION, 10, 0, 0);
    sf2_mod(&f->b, 0x00db, PS_GEN_REVERB_SEND, 30, 0, 0);
    sf2_zone(&f->b, i);
    sf2_mod(&f->b, 0x0502, PS_GEN_ATTENUATION, 20, 0, 0);
    sf2_mod(&f->b, 0x000a, PS_GEN_FILTER_CUTOFF, 77, 0, 0); /* new */
    open_and_play(f, 60, 100, true);
    assert_int_equal(r->modulator_count, PS_DEFAULT_MODULATORS + 3);
    assert_int_equal(r->modulators[0].amount, 520);
    assert_int_equal(r->modulators[7].amount, 230);
    assert_int_equal(r->modulators[10].amount, 1200);
    assert_int_equal(r->modulators[11].amount, 1300);
    assert_int_equal(r->modulators[11].transform, 2);
    assert_int_equal(r->modulators[12].source, 0x000a);
    assert_int_equal(r->modulators[12].amount, 77);
    end(f);
}

static void amounts_do_not_overflow(void **state)
{
    fixture *f = begin();
    uint32_t i;

    (void)state;
    i = instrument(f);
    sf2_mod(&f->b, 0x0502, PS_GEN_ATTENUATION, 32000, 0, 0);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    sf2_mod(&f->b, 0x0502, PS_GEN_ATTENUATION, 32000, 0, 0);
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->region[0].modulators[0].amount, 32767);
    end(f);
}

/* Velocity to filter, given by a file in the forms of 2.01 and 2.04. */
static void expect_filter_amount(uint32_t instrument_source, int instrument_amount,
                                 uint32_t preset_source, int preset_amount, bool standard,
                                 int expected)
{
    fixture *f = begin();
    const uint32_t i = instrument(f);

    if (instrument_amount != 1)
        sf2_mod(&f->b, 0x0102, PS_GEN_FILTER_CUTOFF, instrument_amount, instrument_source, 0);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    if (preset_amount != 1)
        sf2_mod(&f->b, 0x0102, PS_GEN_FILTER_CUTOFF, preset_amount, preset_source, 0);
    open_and_play(f, 60, 100, standard);
    assert_int_equal(f->region[0].modulators[VELOCITY_TO_FILTER].amount, expected);
    end(f);
}

static void a_file_sets_velocity_to_filter_in_either_form(void **state)
{
    (void)state;
    for (int standard = 0; standard <= 1; standard++) {
        expect_filter_amount(0x0000, 0, 0, 1, standard, 0);
        expect_filter_amount(0x0d02, 0, 0, 1, standard, 0);
        expect_filter_amount(0x0000, -7200, 0, 1, standard, -7200);
        expect_filter_amount(0x0d02, -100, 0, 1, standard,
                             0); /* stands as a modulator of its own */
        expect_filter_amount(0, 1, 0x0000, 2400, standard, 0); /* a preset takes it away */
        expect_filter_amount(0, 1, 0x0d02, 2400, standard, 0);
        expect_filter_amount(0x0000, -100, 0x0000, -50, standard, -150);
    }
}

static void the_old_form_does_not_cancel_what_the_new_form_sets(void **state)
{
    (void)state;
    for (int order = 0; order <= 1; order++) {
        fixture *f = begin();
        const uint32_t i = instrument(f);

        if (order == 0)
            sf2_mod(&f->b, 0x0102, PS_GEN_FILTER_CUTOFF, 0, 0x0d02, 0);
        sf2_mod(&f->b, 0x0102, PS_GEN_FILTER_CUTOFF, -7200, 0, 0);
        if (order == 1)
            sf2_mod(&f->b, 0x0102, PS_GEN_FILTER_CUTOFF, 0, 0x0d02, 0);
        sf2_simple_preset(&f->b, "p", 0, 0, i);
        open_and_play(f, 60, 100, false);
        assert_int_equal(f->region[0].modulators[VELOCITY_TO_FILTER].amount, -7200);
        end(f);
    }
}

static void links_keep_their_meaning_when_lists_are_merged(void **state)
{
    fixture *f = begin();
    const ps_region *r = &f->region[0];
    uint32_t i;

    (void)state;
    i = sf2_instrument(&f->b, "i");
    sf2_zone(&f->b, SF2_GLOBAL);
    sf2_mod(&f->b, 0x0081, PS_GEN_PAN, 5, 0, 0);
    sf2_zone(&f->b, f->sample);
    sf2_mod(&f->b, 0x0502, PS_GEN_ATTENUATION, 1, 0, 0); /* 0: overrides a default */
    sf2_mod(&f->b, 0x0082, 0x8003, 100, 0, 0);           /* 1: to 3 */
    sf2_mod(&f->b, 0x0001, PS_GEN_PAN, 6, 0, 0);         /* 2: has no valid source */
    sf2_mod(&f->b, 0x007f, PS_GEN_PAN, 7, 0, 0);         /* 3: the end of the chain */
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    sf2_mod(&f->b, 0x007f, PS_GEN_PAN, 8, 0, 0);
    sf2_mod(&f->b, 0x0083, 0x8000, 9, 0, 0);
    open_and_play(f, 60, 100, true);
    assert_int_equal(r->modulator_count, PS_DEFAULT_MODULATORS + 5);
    assert_int_equal(r->modulators[0].amount, 1);
    assert_int_equal(r->modulators[10].amount, 5);
    assert_int_equal(r->modulators[11].source, 0x0082);
    assert_int_equal(r->modulators[11].destination, 0x8000 | 12);
    assert_int_equal(r->modulators[12].amount, 7);
    assert_int_equal(r->modulators[13].amount, 8);
    assert_int_equal(r->modulators[14].destination, 0x8000 | 13);
    check_valid(r);
    end(f);
}

static void invalid_modulators_are_ignored(void **state)
{
    static const uint16_t bad[][4] = {
        /* source, destination, amount source, transform */
        {0x0001, PS_GEN_PAN, 0, 0},
        {0x1002, PS_GEN_PAN, 0, 0},
        {0x0080, PS_GEN_PAN, 0, 0},
        {0x00ff, PS_GEN_PAN, 0, 0},
        {0x0081, 61, 0, 0},
        {0x0081, PS_GEN_SAMPLE, 0, 0},
        {0x0081, 14, 0, 0},
        {0x0081, PS_GEN_PAN, 0x007f, 0},
        {0x0081, PS_GEN_PAN, 0x0001, 0},
        {0x0081, PS_GEN_PAN, 0, 1},
        {0x0081, 0x8063, 0, 0}, /* a link to nothing */
        {0x0081, 0x8000, 0, 0}, /* to one that takes no link */
        {0x007f, 0x800d, 0, 0}, /* 12 and 13: a circle */
        {0x007f, 0x800c, 0, 0},
        {0x007f, 0x800e, 0, 0}, /* 14: to itself */
    };
    fixture *f = begin();
    uint32_t i;

    (void)state;
    i = instrument(f);
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
        sf2_mod(&f->b, bad[k][0], bad[k][1], 100, bad[k][2], bad[k][3]);
    sf2_mod(&f->b, 0x0081, PS_GEN_PAN, 33, 0, 0);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->region[0].modulator_count, PS_DEFAULT_MODULATORS + 1);
    assert_int_equal(f->region[0].modulators[PS_DEFAULT_MODULATORS].amount, 33);
    end(f);
}

static void more_modulators_than_fit_are_cut_when_opening(void **state)
{
    fixture *f = begin();
    uint32_t i;

    (void)state;
    i = instrument(f);
    for (uint32_t k = 0; k < 90; k++)
        sf2_mod(&f->b, 0x0080 | (1 + k % 5), 5 + k / 5, (int)k + 1, 0, 0);
    sf2_simple_preset(&f->b, "p", 0, 0, i);
    sf2_mod(&f->b, 0x007f, PS_GEN_PAN, 8, 0, 0);
    for (uint32_t k = 0; k < 90; k++)
        sf2_mod(&f->b, 0x0080 | (7 + k % 5), k == 70 ? 0x8000 : 5 + k / 5, (int)k + 1, 0, 0);
    open_and_play(f, 60, 100, true);
    assert_int_equal(f->region[0].modulator_count, PS_REGION_MODULATORS);
    check_valid(&f->region[0]);
    end(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_zone_has_the_standards_defaults),
        cmocka_unit_test(local_generators_replace_global_ones_and_presets_add),
        cmocka_unit_test(sums_are_clamped_after_the_addition),
        cmocka_unit_test(cents_beyond_the_fine_tune_become_semitones),
        cmocka_unit_test(of_a_generator_given_twice_the_last_counts),
        cmocka_unit_test(presets_cannot_set_what_only_instruments_may),
        cmocka_unit_test(generators_after_the_sample_are_ignored),
        cmocka_unit_test(a_note_starts_the_zones_whose_ranges_hold_it),
        cmocka_unit_test(a_global_range_is_the_default_of_the_zones),
        cmocka_unit_test(a_range_out_of_its_place_is_ignored),
        cmocka_unit_test(all_pairs_of_preset_and_instrument_zones_sound_in_order),
        cmocka_unit_test(a_region_points_at_its_samples_frames),
        cmocka_unit_test(offsets_move_positions_within_the_sample),
        cmocka_unit_test(coarse_offsets_count_32768_frames),
        cmocka_unit_test(no_offsets_and_loop_points_lead_out_of_the_sample),
        cmocka_unit_test(a_loop_may_be_one_frame_and_none_is_no_loop),
        cmocka_unit_test(low_bytes_come_along_in_24_bit_banks),
        cmocka_unit_test(stereo_pairs_are_two_regions),
        cmocka_unit_test(silent_samples_are_left_out),
        cmocka_unit_test(unpitched_and_illegal_root_keys_are_60),
        cmocka_unit_test(the_defaults_are_the_standards_ten),
        cmocka_unit_test(identical_modulators_override_and_presets_add),
        cmocka_unit_test(amounts_do_not_overflow),
        cmocka_unit_test(a_file_sets_velocity_to_filter_in_either_form),
        cmocka_unit_test(the_old_form_does_not_cancel_what_the_new_form_sets),
        cmocka_unit_test(links_keep_their_meaning_when_lists_are_merged),
        cmocka_unit_test(invalid_modulators_are_ignored),
        cmocka_unit_test(more_modulators_than_fit_are_cut_when_opening),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
