/* Voices told as tones: their definition, in double, is what the voices themselves make. */
#include "track_support.h"

#include "tones_support.h"
#include "voice/tones.h"

#define AGREE 1e-5 /* of full scale */

static const char *const names[] = {"binaural_beat", "monaural_beat_stereo_amps",
                                    "stereo_am_independent", "isochronic_tone"};

#define TRIES 120 /* of each voice */
#define NAMES (sizeof names / sizeof *names)

/* What has been seen in tones that were told. */
enum {
    SEEN_MOVING = 1,
    SEEN_SWING = 2,
    SEEN_VIBRATO = 4,
    SEEN_TREMOLO = 8,
    SEEN_SKEW = 16,
    SEEN_PULSE = 32,
    SEEN_SHARP = 64,
    SEEN_ONE_EAR = 128,
};

static unsigned seen_in(const ps_tone *t)
{
    unsigned seen = t->phase.bend != 0 ? SEEN_MOVING : 0;

    seen |= t->turns[0].at != 0.0 ? SEEN_SWING : 0;
    seen |= t->turns[1].at != 0.0 ? SEEN_VIBRATO : 0;
    seen |= t->depth.at != 0.0 ? SEEN_TREMOLO : 0;
    seen |= t->depth.at != 0.0 && t->skew.at != 0.0 ? SEEN_SKEW : 0;
    seen |= t->pulsed ? t->ramp.at > 0.0 ? SEEN_PULSE : SEEN_SHARP : 0;
    return seen | (t->left != t->right ? SEEN_ONE_EAR : 0);
}

/* The tones of a voice from one frame to another, in stretches of at most so many frames. */
static uint32_t tell(const test_voice *v, uint64_t from, uint64_t to, uint64_t most, ps_tone *tones,
                     uint32_t room)
{
    uint32_t count = 0;

    while (from < to) {
        const uint64_t end = to - from < most ? to : from + most;
        const ps_tone_stretch stretch = ps_tone_stretch_of(&v->setup, from, end);
        const uint32_t told =
            v->voice->kind->tones(v->voice, &stretch, tones + (count < room ? count : 0));

        assert_true(told <= PS_VOICE_TONES && count + told + PS_VOICE_TONES <= room);
        assert_true(stretch.frames > 0 && stretch.frames <= end - from);
        if (told == 0)
            return 0;
        for (uint32_t i = 0; i < told; i++, count++) {
            tones[count].first = stretch.first;
            tones[count].frames = stretch.frames;
        }
        from += stretch.frames;
    }
    return count;
}

static double worst_between(const ps_tones *mix, const test_sound *sound, uint64_t sound_first,
                            uint64_t step)
{
    double worst = 0.0, full = 1.0;

    for (uint64_t i = 0; i < sound->frames; i += step) {
        double exact[2];

        tones_at(mix, sound_first + i, exact);
        worst = fmax(worst, fabs(exact[0] - (double)sound->left[i]));
        worst = fmax(worst, fabs(exact[1] - (double)sound->right[i]));
        full = fmax(full, fmax(fabs(exact[0]), fabs(exact[1])));
    }
    return worst / full;
}

/* Whether the voice could be told; then it must be right. */
static bool compare(const test_request *q, uint64_t most, unsigned *seen)
{
    static ps_tone tones[4096];
    ps_tones mix = {.tones = tones};
    test_voice v;

    test_voice_open(&v, q);
    if (ps_goes_straight(&v.setup) && v.voice->kind->tones)
        mix.count = tell(&v, 0, v.setup.frames, most, tones, 4096);
    if (mix.count > 0) {
        test_sound sound = test_voice_rest(&v);
        const double worst = worst_between(&mix, &sound, 0, 7);

        if (!(worst <= AGREE))
            fail_msg("%s, %g s: %g off: %s", q->function, q->duration_sec, worst, q->params);
        /* It does not matter where the voice is. */
        ps_tone again[PS_VOICE_TONES];
        const ps_tone_stretch stretch = ps_tone_stretch_of(&v.setup, 0, most);
        const uint32_t told = v.voice->kind->tones(v.voice, &stretch, again);
        assert_true(told > 0);
        for (uint32_t i = 0; i < told; i++)
            assert_memory_equal(&again[i].phase, &tones[i].phase, sizeof tones[i].phase);
        for (uint32_t i = 0; i < mix.count; i++)
            *seen |= seen_in(&tones[i]);
        test_sound_free(&sound);
    }
    test_voice_free(&v);
    return mix.count > 0;
}

static void any_parameters_give_the_sound_of_the_voice(void **state)
{
    static const double shares[] = {0.1, 0.2, 0.4};
    test_chance c = {ps_random_key(3, 1), 0};
    const char *row = NULL;

    (void)state;
    for (uint32_t i = 0; ps_kernel_row_name(i); i++)
        row = ps_kernel_row_name(i);
    for (size_t n = 0; n < NAMES; n++) {
        for (int transition = 0; transition < 2; transition++) {
            unsigned seen = 0, told = 0;
            ps_voice_info info;

            assert_true(ps_voice_find(names[n], &info));
            for (int k = 0; k < TRIES; k++) {
                char *params = chance_params(&info, transition, &c, shares[k % 3], 1.0);
                const test_request q = {.function = names[n],
                                        .is_transition = transition,
                                        .params = params,
                                        .duration_sec = 0.1 + 0.3 * chance(&c),
                                        .rate_hz = k % 2 ? 44100.0 : 48000.0,
                                        .row = k % 4 < 2 ? row : "c"};

                told += compare(&q, k % 5 == 0 ? 1001 : 1u << 20, &seen);
                free(params);
            }
            print_message("%s%s: %u of %d told, seen %x\n", names[n],
                          transition ? "_transition" : "", told, TRIES, seen);
            assert_true(told >= 5);
            assert_true(transition || seen & SEEN_TREMOLO);
            assert_true(!transition || seen & SEEN_MOVING);
        }
    }
}

/* Each of what a carrier has, in a glide too. */
static void what_tones_have_is_used(void **state)
{
    static const struct {
        const char *name, *params;
        bool transition;
        unsigned seen;
    } cases[] = {
        {"binaural_beat", "{}", false, SEEN_ONE_EAR},
        {"binaural_beat",
         "{\"phaseOscFreq\": 0.7, \"phaseOscRange\": 2, \"freqOscRangeL\": 6, \"freqOscFreqL\": 3,"
         " \"freqOscRangeR\": 20, \"freqOscFreqR\": 0.5, \"freqOscPhaseOffsetR\": 1}",
         false, SEEN_SWING | SEEN_VIBRATO},
        {"binaural_beat",
         "{\"startBaseFreq\": 300, \"endBaseFreq\": 120, \"startPhaseOscFreq\": 0.7,"
         " \"startPhaseOscRange\": 2, \"endPhaseOscRange\": 5, \"freqOscRangeL\": 6,"
         " \"freqOscFreqL\": 3, \"ampOscDepthL\": 1, \"ampOscFreqL\": 2, \"endAmpOscFreqL\": 5,"
         " \"ampOscSkewL\": 0.3, \"initial_offset\": 0.3, \"transition_duration\": 1.1}",
         true, SEEN_SWING | SEEN_VIBRATO | SEEN_TREMOLO | SEEN_SKEW | SEEN_MOVING},
        {"binaural_beat", "{\"endBaseFreq\": 250, \"transition_duration\": 0}", true, 0},
        {"isochronic_tone", "{}", false, SEEN_PULSE},
        {"isochronic_tone", "{\"rampPercent\": 0, \"pan\": 0.3}", false, SEEN_SHARP | SEEN_ONE_EAR},
        {"isochronic_tone", "{\"rampPercent\": 0.9, \"gapPercent\": 0.5}", false, 0x100},
        {"isochronic_tone",
         "{\"startBaseFreq\": 200, \"endBaseFreq\": 230, \"startBeatFreq\": 4, \"endBeatFreq\": 9,"
         " \"startGapPercent\": 0.1, \"endGapPercent\": 0.5, \"startRampPercent\": 0.1,"
         " \"endRampPercent\": 0.4, \"startStartPhaseL\": 1, \"endStartPhaseL\": 3, \"pan\": -0.5,"
         " \"freqOscRangeL\": 6, \"freqOscFreqL\": 3}",
         true, SEEN_PULSE | SEEN_MOVING | SEEN_VIBRATO},
        {"monaural_beat_stereo_amps",
         "{\"startAmp_lower_L\": 0.2, \"end_amp_lower_L\": 0.4, \"startBaseFreq\": 150,"
         " \"endBaseFreq\": 100, \"startPhaseOscFreq\": 1, \"startPhaseOscRange\": 3,"
         " \"startAmpOscDepth\": 1, \"startAmpOscFreq\": 3, \"endAmpOscFreq\": 7}",
         true, SEEN_MOVING | SEEN_SWING | SEEN_TREMOLO},
        {"stereo_am_independent", "{}", true, SEEN_MOVING | SEEN_TREMOLO | SEEN_ONE_EAR},
        /* These are more than tones. */
        {"binaural_beat", "{\"freqOscRangeL\": 6, \"freqOscFreqL\": 3, \"freqOscSkewL\": 0.5}",
         false, 0x100},
        {"binaural_beat", "{\"baseFreq\": 30, \"freqOscRangeL\": 100, \"freqOscFreqL\": 3}", false,
         0x100},
        {"binaural_beat", "{\"baseFreq\": 0, \"beatFreq\": 0}", false, 0x100},
        {"binaural_beat", "{\"endBaseFreq\": 100, \"transition_curve\": \"exponential\"}", true,
         0x100},
        {"binaural_beat",
         "{\"glitchInterval\": 0.5, \"glitchDur\": 0.1, \"glitchNoiseLevel\": 0.2}", true, 0x100},
        {"isochronic_tone", "{\"harmonicSuppression\": true}", false, 0x100},
        {"isochronic_tone", "{\"endBeatFreq\": 9, \"startBeatFreq\": 4, \"rampPercent\": 0}", true,
         0x100},
        {"monaural_beat_stereo_amps", "{\"amp_lower_L\": 0.8}", false, 0x100},
        {"monaural_beat_stereo_amps",
         "{\"startAmpOscDepth\": 1, \"startAmpOscFreq\": 0, \"endAmpOscFreq\": 3}", true, 0x100},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const test_request q = {.function = cases[i].name,
                                .is_transition = cases[i].transition,
                                .params = cases[i].params,
                                .duration_sec = 2.0,
                                .rate_hz = 44100.0};
        unsigned seen = 0;
        const bool told = compare(&q, 1u << 20, &seen);

        if (told != !(cases[i].seen & 0x100) || (told && (seen & cases[i].seen) != cases[i].seen))
            fail_msg("case %zu: %s, seen %x", i, told ? "told" : "not told", seen);
    }
}

/* The last frames of an hour of a glide, and of eight hours. */
static void hours_do_not_tell_them_apart(void **state)
{
    static const struct {
        const char *name, *params;
        bool transition;
    } cases[] = {
        {"binaural_beat",
         "{\"baseFreq\": 431.7, \"beatFreq\": 7.3, \"freqOscRangeL\": 5, \"freqOscFreqL\": 0.3,"
         " \"phaseOscFreq\": 0.13, \"phaseOscRange\": 3, \"ampOscDepthR\": 0.7,"
         " \"ampOscFreqR\": 0.9, \"ampOscSkewR\": 0.4}",
         false},
        {"binaural_beat",
         "{\"startBaseFreq\": 431.7, \"endBaseFreq\": 180.3, \"startBeatFreq\": 17,"
         " \"endBeatFreq\": 3.1, \"freqOscRangeL\": 5, \"freqOscFreqL\": 0.3, \"ampOscDepthR\": 1,"
         " \"startAmpOscFreqR\": 9, \"endAmpOscFreqR\": 2, \"initial_offset\": 10}",
         true},
        {"isochronic_tone",
         "{\"startBaseFreq\": 331.7, \"endBaseFreq\": 180.3, \"startBeatFreq\": 17,"
         " \"endBeatFreq\": 3.1, \"transition_duration\": 3000}",
         true},
        {"monaural_beat_stereo_amps",
         "{\"startBaseFreq\": 331.7, \"endBaseFreq\": 180.3, \"startAmpOscDepth\": 1,"
         " \"startAmpOscFreq\": 3, \"startPhaseOscFreq\": 0.2, \"startPhaseOscRange\": 1}",
         true},
        {"stereo_am_independent", "{}", true},
    };
    static ps_tone tones[64];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const test_request q = {.function = cases[i].name,
                                .is_transition = cases[i].transition,
                                .params = cases[i].params,
                                .duration_sec = cases[i].transition ? 3600.0 : 28800.0,
                                .rate_hz = 44100.0};
        test_voice v;

        test_voice_open(&v, &q);
        const uint64_t late =
            v.setup.frames / PS_VOICE_FRAMES * PS_VOICE_FRAMES - 40 * PS_VOICE_FRAMES;
        const uint32_t count = tell(&v, late, v.setup.frames, 1u << 20, tones, 64);
        const ps_tones mix = {.tones = tones, .count = count};
        ps_voice_skip(v.voice, late);
        test_sound sound = test_voice_rest(&v);
        const double worst = worst_between(&mix, &sound, late, 3);

        if (!(count > 0 && worst <= AGREE))
            fail_msg("%s, %g h: %u tones, %g off", q.function, q.duration_sec / 3600.0, count,
                     worst);
        print_message("%s, %g h: %.1e off\n", q.function, q.duration_sec / 3600.0, worst);
        test_sound_free(&sound);
        test_voice_free(&v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_parameters_give_the_sound_of_the_voice),
        cmocka_unit_test(what_tones_have_is_used),
        cmocka_unit_test(hours_do_not_tell_them_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
