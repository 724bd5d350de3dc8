/*
 * One feature a row: a preset that has it, a few events, and what the standard says must be heard.
 * Values come from SF2 2.04, MIDI 1.0, GM2, GS, XG and MTS, or from docs/synthesis.md where those
 * leave a choice.
 */
#include "play.h"

enum {
    PLAIN,
    ATTENUATED,        /* initialAttenuation 100 cB */
    NO_VELOCITY,       /* velocity to attenuation cancelled */
    PANNED_LEFT,       /* pan -500 */
    HALF_SCALE,        /* scaleTuning 50 */
    FIXED_KEY,         /* keynum 69 */
    FIXED_VELOCITY,    /* velocity 32 */
    MOD_LFO_PITCH,     /* 100 cents */
    VIB_LFO_PITCH,     /* 100 cents */
    MOD_LFO_VOLUME,    /* 100 cB */
    MOD_ENV_PITCH,     /* 1200 cents, attack 1 s */
    SLOW_ATTACK,       /* 1 s */
    DECAYING,          /* decay 2 s to -40 dB */
    LONG_RELEASE,      /* 2 s */
    KEY_DECAY,         /* keynumToVolEnvDecay 100, decay 2 s */
    NOISE,             /* open filter */
    NOISE_1K,          /* cutoff 1 kHz */
    NOISE_1K_Q20,      /* and 20 dB of resonance */
    NOISE_LFO,         /* modulation LFO moves the cutoff +-24 semitones about 1 kHz */
    NOISE_CC74,        /* instrument modulator CC 74 to cutoff */
    NOISE_CC74_PRESET, /* the same at preset level */
    NOISE_AMOUNT,      /* CC 74 to cutoff times CC 75 */
    NOISE_POLY,        /* poly pressure to cutoff */
    NOISE_PRESSURE,    /* channel pressure to cutoff */
    EXCLUSIVE,         /* exclusive class 1 */
    DEEP_24,           /* a 24-bit sine at -90 dBFS */
    OFFSET_FINE,       /* startAddrsOffset 4000 into a sample whose pitch then doubles */
    OFFSET_COARSE,     /* startAddrsCoarseOffset 1 */
    LOOP_UNTIL_OFF,    /* sampleModes 3: another pitch after the loop */
    NO_LOOP,           /* sampleModes 0 */
    DRY_SENDS,         /* reverb and chorus sends 0, and their modulators cancelled */
    REVERB_SEND,       /* reverbEffectsSend 1000 */
    CHORUS_SEND,       /* chorusEffectsSend 1000 */
    LINKED,            /* CC 20 -> link -> fine tune */
    ABSOLUTE,          /* bipolar CC 21, absolute value, to fine tune */
    PRESETS,
};

static uint8_t *bank_image;
static size_t bank_size;

#define TWO_PITCH_FRAMES 65536u

/* 441 Hz up to `turn`, then 882 Hz. */
static uint32_t two_pitch_sample(sf2_builder *b, uint32_t turn, uint32_t loop_start,
                                 uint32_t loop_end)
{
    static int16_t pcm[TWO_PITCH_FRAMES];

    for (uint32_t i = 0; i < TWO_PITCH_FRAMES; i++)
        pcm[i] = (int16_t)lrint(16384.0 * sin(2.0 * M_PI * i / (i < turn ? 100.0 : 50.0)));
    return sf2_sample(b, "two", pcm, TWO_PITCH_FRAMES, 44100, 69, loop_start, loop_end);
}

static uint32_t noise_sample(sf2_builder *b)
{
    static int16_t pcm[60000];
    uint32_t x = 12345;

    for (uint32_t i = 0; i < 60000; i++) {
        x = x * 1664525u + 1013904223u;
        pcm[i] = (int16_t)((int32_t)x >> 18);
    }
    return sf2_sample(b, "noise", pcm, 60000, 44100, 69, 100, 59900);
}

static uint32_t deep_sample(sf2_builder *b)
{
    static int32_t pcm[PLAY_SINE_FRAMES];

    for (uint32_t i = 0; i < PLAY_SINE_FRAMES; i++)
        pcm[i] = (int32_t)lrint(8388608.0 * pow(10.0, -90.0 / 20.0) * sin(2.0 * M_PI * i / 100.0));
    return sf2_sample_24(b, "deep", pcm, PLAY_SINE_FRAMES, 44100, 69, 1000, 41000);
}

#define CUTOFF_1K 8320 /* 8.176 Hz * 2^(8320/1200) = 1000 Hz */

typedef enum probe_sample {
    SINE,
    WHITE,
    DEEP,
    TURN_4000,
    TURN_32768,
    TURN_41000,
    SAMPLES
} probe_sample;

/* What an instrument has beside its sample and a loop; a generator 0 with the amount 0 ends a list,
   a modulator with the source 0 likewise. */
typedef struct probe {
    probe_sample sample;
    struct {
        uint16_t generator;
        int16_t amount;
    } generators[4];
    struct {
        uint16_t source, to;
        int16_t amount;
        uint16_t amount_source, transform;
    } modulators[2];
} probe;

static const probe probes[PRESETS] = {
    [ATTENUATED] = {SINE, {{48, 100}}, {{0}}},
    [NO_VELOCITY] = {SINE, {{0}}, {{0x0502, 48, 0, 0, 0}}},
    [PANNED_LEFT] = {SINE, {{17, -500}}, {{0}}},
    [HALF_SCALE] = {SINE, {{56, 50}}, {{0}}},
    [FIXED_KEY] = {SINE, {{46, 69}}, {{0}}},
    [FIXED_VELOCITY] = {SINE, {{47, 32}}, {{0}}},
    [MOD_LFO_PITCH] = {SINE, {{5, 100}, {22, -1200}}, {{0}}},
    [VIB_LFO_PITCH] = {SINE, {{6, 100}, {24, -1200}}, {{0}}},
    [MOD_LFO_VOLUME] = {SINE, {{13, 100}, {22, -2400}}, {{0}}},
    [MOD_ENV_PITCH] = {SINE, {{7, 1200}, {26, 0}}, {{0}}},
    [SLOW_ATTACK] = {SINE, {{34, 0}}, {{0}}},
    [DECAYING] = {SINE, {{36, 1200}, {37, 400}}, {{0}}},
    [LONG_RELEASE] = {SINE, {{38, 1200}}, {{0}}},
    [KEY_DECAY] = {SINE, {{36, 1200}, {37, 1000}, {40, 100}}, {{0}}},
    [NOISE] = {WHITE, {{0}}, {{0}}},
    [NOISE_1K] = {WHITE, {{8, CUTOFF_1K}}, {{0}}},
    [NOISE_1K_Q20] = {WHITE, {{8, CUTOFF_1K}, {9, 200}}, {{0}}},
    [NOISE_LFO] = {WHITE, {{8, CUTOFF_1K}, {10, 2400}, {22, -3600}}, {{0}}},
    [NOISE_CC74] = {WHITE, {{8, 6000}}, {{0x00ca, 8, 7000, 0, 0}}},
    [NOISE_CC74_PRESET] = {WHITE, {{8, 6000}}, {{0}}},
    [NOISE_AMOUNT] = {WHITE, {{8, 6000}}, {{0x00ca, 8, 7000, 0x00cb, 0}}},
    [NOISE_POLY] = {WHITE, {{8, 6000}}, {{0x000a, 8, 7000, 0, 0}}},
    [NOISE_PRESSURE] = {WHITE, {{8, 6000}}, {{0x000d, 8, 7000, 0, 0}}},
    [EXCLUSIVE] = {SINE, {{57, 1}}, {{0}}},
    [DEEP_24] = {DEEP, {{0}}, {{0}}},
    [OFFSET_FINE] = {TURN_4000, {{0, 4000}}, {{0}}},
    [OFFSET_COARSE] = {TURN_32768, {{4, 1}}, {{0}}},
    [LOOP_UNTIL_OFF] = {TURN_41000, {{54, 3}, {38, 6000}}, {{0}}},
    [NO_LOOP] = {SINE, {{54, 0}}, {{0}}},
    [DRY_SENDS] = {SINE, {{0}}, {{0x00db, 16, 0, 0, 0}, {0x00dd, 15, 0, 0, 0}}},
    [REVERB_SEND] = {SINE, {{16, 1000}}, {{0}}},
    [CHORUS_SEND] = {SINE, {{15, 1000}}, {{0}}},
    /* CC 20 * 128 into the next modulator, times 1: cents. */
    [LINKED] = {SINE, {{0}}, {{0x0094, 0x8001, 128, 0, 0}, {0x007f, 52, 1, 0, 0}}},
    [ABSOLUTE] = {SINE, {{0}}, {{0x0295, 52, 100, 0, 2}}},
};

static void make_samples(sf2_builder *b, uint32_t samples[SAMPLES])
{
    samples[SINE] = play_sine(b);
    samples[WHITE] = noise_sample(b);
    samples[DEEP] = deep_sample(b);
    samples[TURN_4000] = two_pitch_sample(b, 4000, 60000, 65000);
    samples[TURN_32768] = two_pitch_sample(b, 32768, 60000, 65000);
    samples[TURN_41000] = two_pitch_sample(b, 41000, 1000, 41000);
}

static uint32_t make_instrument(sf2_builder *b, const probe *what, const uint32_t *samples)
{
    const uint32_t instrument = sf2_instrument(b, "i");

    sf2_zone(b, samples[what->sample]);
    sf2_gen(b, 54, 1);
    for (uint32_t i = 0; i < 4 && (what->generators[i].generator || what->generators[i].amount);
         i++)
        sf2_gen(b, what->generators[i].generator, what->generators[i].amount);
    for (uint32_t i = 0; i < 2 && what->modulators[i].source; i++)
        sf2_mod(b, what->modulators[i].source, what->modulators[i].to, what->modulators[i].amount,
                what->modulators[i].amount_source, what->modulators[i].transform);
    return instrument;
}

/* Tuned by where it is, to see which preset was chosen. */
static void make_place(sf2_builder *b, const char *name, uint32_t bank, uint32_t program,
                       uint32_t instrument, int semitones)
{
    sf2_preset(b, name, bank, program);
    sf2_zone(b, instrument);
    sf2_gen(b, 51, semitones);
}

static void make_bank(void)
{
    uint32_t instruments[PRESETS], samples[SAMPLES];
    sf2_builder b;

    sf2_init(&b);
    make_samples(&b, samples);
    for (uint32_t i = 0; i < PRESETS; i++)
        instruments[i] = make_instrument(&b, &probes[i], samples);
    for (uint32_t i = 0; i < PRESETS; i++) {
        sf2_preset(&b, "p", 0, i);
        sf2_zone(&b, instruments[i]);
        if (i == NOISE_CC74_PRESET)
            sf2_mod(&b, 0x00ca, 8, 7000, 0, 0);
    }
    make_place(&b, "bank 1", 1, 0, instruments[PLAIN], 7);
    make_place(&b, "bank 2", 2, 0, instruments[PLAIN], 8);
    make_place(&b, "mma 129", 129, 0, instruments[PLAIN], 11);
    make_place(&b, "drums", 128, 0, instruments[PLAIN], 5);
    make_place(&b, "kit 8", 128, 8, instruments[PLAIN], 9);
    bank_image = sf2_build(&b, &bank_size);
    sf2_clear(&b);
}

/* ---- Playing --------------------------------------------------------------------------------- */

typedef void setup(play_list *list);

/* A program on channel 0, a set-up at 0 ms, key 69 from 10 ms to 2010 ms. */
static play_take play_one(uint32_t program, uint32_t velocity, setup *prepare)
{
    static play_list list;
    const ps_performance_options options = play_options();

    list.count = 0;
    play_program(&list, 0, 0, program);
    play_cc(&list, 0, 0, 7, 127);
    if (prepare)
        prepare(&list);
    play_on(&list, 10, 0, 69, velocity);
    play_off(&list, 2010, 0, 69);
    return play_with(bank_image, bank_size, &list, &options, 4096);
}

static double db_of(uint32_t program, uint32_t velocity, setup *prepare)
{
    play_take take = play_one(program, velocity, prepare);
    const double db = take_db(&take, 0.3, 1.9);

    play_free(&take);
    return db;
}

static double cents_of(uint32_t program, setup *prepare)
{
    play_take take = play_one(program, 127, prepare);
    const double hz = take_hz(&take, 0.3, 1.9);

    play_free(&take);
    return cents_between(hz, 440.0) - cents_between(PLAY_SINE_HZ, 440.0);
}

static double plain_db(void)
{
    static double db;

    if (db == 0.0)
        db = db_of(PLAIN, 127, NULL);
    return db;
}

static void expect(const char *what, double measured, double wanted, double tolerance)
{
    if (!(fabs(measured - wanted) <= tolerance))
        fail_msg("%s: measured %.3f, expected %.3f +- %.3f", what, measured, wanted, tolerance);
}

/* Spectral centroid by a bank of Goertzel probes, 50 Hz to 18 kHz, a sixth of an octave apart. */
static double centroid_hz(const play_take *take, double from_sec, double to_sec)
{
    double weighted = 0.0, sum = 0.0;

    for (double hz = 50.0; hz < 18000.0; hz *= pow(2.0, 1.0 / 6.0)) {
        double power = 0.0;

        for (int k = 0; k < 4; k++) {
            const double at = hz * pow(2.0, k / 24.0);

            power += pow(10.0, tone_db(take->left, take->frames, from_sec, to_sec, at) / 10.0);
        }
        weighted += power * hz * hz;
        sum += power * hz;
    }
    return weighted / sum;
}

static double centroid_of(uint32_t program, setup *prepare)
{
    play_take take = play_one(program, 127, prepare);
    const double hz = centroid_hz(&take, 0.3, 0.8);

    play_free(&take);
    return hz;
}

/* ---- Level ----------------------------------------------------------------------------------- */

static void cc7_64(play_list *l)
{
    play_cc(l, 1, 0, 7, 64);
}
static void cc7_100(play_list *l)
{
    play_cc(l, 1, 0, 7, 100);
}
static void cc11_64(play_list *l)
{
    play_cc(l, 1, 0, 11, 64);
}
static void soft(play_list *l)
{
    play_cc(l, 1, 0, 67, 127);
}
static void cc11_0_reset(play_list *l)
{
    play_cc(l, 1, 0, 11, 0);
    play_cc(l, 2, 0, 121, 0);
}

static const uint8_t volume_32[] = {0xf0, 0x7f, 0x7f, 4, 1, 0, 32, 0xf7};
static const uint8_t gs_volume_32[] = {0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 4, 32, 0x1c, 0xf7};
static const uint8_t xg_volume_32[] = {0xf0, 0x43, 0x10, 0x4c, 0, 0, 4, 32, 0xf7};
static void master_32(play_list *l)
{
    play_sysex(l, 1, volume_32, sizeof volume_32);
}
static void gs_master_32(play_list *l)
{
    play_sysex(l, 1, gs_volume_32, sizeof gs_volume_32);
}
static void xg_master_32(play_list *l)
{
    play_sysex(l, 1, xg_volume_32, sizeof xg_volume_32);
}

static void levels_follow_the_standard(void **state)
{
    const double plain = plain_db();

    (void)state;
    /* Half of full scale, -6.02 - 3.01 dB RMS; both sides together again 0 dB of that. */
    expect("plain", plain, -9.03, 0.05);
    expect("velocity 64", db_of(PLAIN, 64, NULL) - plain, 40.0 * log10(64.0 / 127.0), 0.05);
    expect("velocity 32", db_of(PLAIN, 32, NULL) - plain, 40.0 * log10(32.0 / 127.0), 0.05);
    expect("CC 7 = 64", db_of(PLAIN, 127, cc7_64) - plain, 40.0 * log10(64.0 / 127.0), 0.05);
    expect("CC 7 = 100", db_of(PLAIN, 127, cc7_100) - plain, 40.0 * log10(100.0 / 127.0), 0.05);
    expect("CC 11 = 64", db_of(PLAIN, 127, cc11_64) - plain, 40.0 * log10(64.0 / 127.0), 0.05);
    expect("attenuation 10 dB, as hardware", db_of(ATTENUATED, 127, NULL) - plain, -4.0, 0.05);
    expect("velocity modulator cancelled", db_of(NO_VELOCITY, 32, NULL) - plain, 0.0, 0.05);
    expect("velocity generator 32", db_of(FIXED_VELOCITY, 127, NULL) - plain,
           40.0 * log10(32.0 / 127.0), 0.05);
    expect("soft pedal", db_of(PLAIN, 127, soft) - plain, -3.0, 0.1);
    expect("CC 121 restores CC 11", db_of(PLAIN, 127, cc11_0_reset) - plain, 0.0, 0.05);
    expect("SysEx master volume", db_of(PLAIN, 127, master_32) - plain,
           40.0 * log10(32.0 * 128.0 / 16383.0), 0.1);
    expect("GS master volume", db_of(PLAIN, 127, gs_master_32) - plain, 40.0 * log10(32.0 / 127.0),
           0.1);
    expect("XG master volume", db_of(PLAIN, 127, xg_master_32) - plain, 40.0 * log10(32.0 / 127.0),
           0.1);
}

static void pan_0(play_list *l)
{
    play_cc(l, 1, 0, 10, 0);
}
static void pan_127(play_list *l)
{
    play_cc(l, 1, 0, 10, 127);
}
static void pan_96(play_list *l)
{
    play_cc(l, 1, 0, 10, 96);
}
static void balance_0(play_list *l)
{
    play_cc(l, 1, 0, 8, 0);
}

static void expect_sides(const char *what, uint32_t program, setup *prepare, double left,
                         double right)
{
    play_take take = play_one(program, 127, prepare);
    const double plain_side = plain_db() - 10.0 * log10(2.0);

    expect(what, side_db(take.left, take.frames, 0.3, 1.9) - plain_side, left,
           left < -100.0 ? 140.0 : 0.05);
    expect(what, side_db(take.right, take.frames, 0.3, 1.9) - plain_side, right,
           right < -100.0 ? 140.0 : 0.05);
    play_free(&take);
}

static void pan_has_constant_power_and_hard_ends(void **state)
{
    (void)state;
    expect_sides("CC 10 = 0", PLAIN, pan_0, 3.01, -240.0);
    expect_sides("CC 10 = 127", PLAIN, pan_127, -240.0, 3.01);
    expect_sides("pan generator -500", PANNED_LEFT, NULL, 3.01, -240.0);
    expect_sides("CC 10 = 96: 25 %", PLAIN, pan_96, 3.01 + 20.0 * log10(cos(0.75 * M_PI / 2.0)),
                 3.01 + 20.0 * log10(sin(0.75 * M_PI / 2.0)));
    expect_sides("CC 8 = 0", PLAIN, balance_0, 0.0, -240.0);
}

/* ---- Pitch ----------------------------------------------------------------------------------- */

static void bend_full(play_list *l)
{
    play_bend(l, 1, 0, 16383);
}
static void bend_down(play_list *l)
{
    play_bend(l, 1, 0, 0);
}
static void bend_12(play_list *l)
{
    play_rpn(l, 1, 0, 0, 12, 0);
    play_bend(l, 2, 0, 16383);
}
static void bend_cents(play_list *l)
{
    play_rpn(l, 1, 0, 0, 3, 50);
    play_bend(l, 2, 0, 16383);
}
static void fine_50(play_list *l)
{
    play_rpn(l, 1, 0, 1, 96, 0);
}
static void coarse_5(play_list *l)
{
    play_rpn(l, 1, 0, 2, 69, 0);
}
static void rpn_null(play_list *l)
{
    play_rpn(l, 1, 0, 0x3fff, 69, 0);
}
static const uint8_t master_fine[] = {0xf0, 0x7f, 0x7f, 4, 3, 0, 96, 0xf7};
static const uint8_t master_coarse[] = {0xf0, 0x7f, 0x7f, 4, 4, 0, 69, 0xf7};
static void sysex_fine(play_list *l)
{
    play_sysex(l, 1, master_fine, sizeof master_fine);
}
static void sysex_coarse(play_list *l)
{
    play_sysex(l, 1, master_coarse, sizeof master_coarse);
}
static const uint8_t gs_tune[] = {0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0, 0, 5, 14, 8, 0, 0xf7};
static const uint8_t gs_shift[] = {0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 5, 69, 0, 0xf7};
static void gs_50_cents(play_list *l)
{
    play_sysex(l, 1, gs_tune, sizeof gs_tune);
}
static void gs_5_semitones(play_list *l)
{
    play_sysex(l, 1, gs_shift, sizeof gs_shift);
}
static const uint8_t mts_note[] = {0xf0, 0x7f, 0x7f, 8, 2, 0, 1, 69, 70, 0, 0, 0xf7};
static void mts_single(play_list *l)
{
    play_sysex(l, 1, mts_note, sizeof mts_note);
}
static const uint8_t mts_octave_rt[] = {0xf0, 0x7f, 0x7f, 8,  8,  3,  127, 127, 64, 64,  64,
                                        64,   64,   64,   64, 64, 64, 114, 64,  64, 0xf7};
static const uint8_t mts_octave[] = {0xf0, 0x7e, 0x7f, 8,  8,  3,  127, 127, 64, 64,  64,
                                     64,   64,   64,   64, 64, 64, 114, 64,  64, 0xf7};
static const uint8_t mts_octave_2[] = {0xf0, 0x7f, 0x7f, 8,  9,  3,  127, 127, 64, 0,  64,
                                       0,    64,   0,    64, 0,  64, 0,   64,  0,  64, 0,
                                       64,   0,    64,   0,  96, 0,  64,  0,   64, 0,  0xf7};
static void octave_rt(play_list *l)
{
    play_sysex(l, 1, mts_octave_rt, sizeof mts_octave_rt);
}
static void octave_nonrt(play_list *l)
{
    play_sysex(l, 1, mts_octave, sizeof mts_octave);
}
static void octave_2(play_list *l)
{
    play_sysex(l, 1, mts_octave_2, sizeof mts_octave_2);
}
static uint8_t mts_bulk[6 + 16 + 384 + 2];
static void bulk_dump(play_list *l)
{
    uint8_t *at = mts_bulk;
    const uint8_t head[] = {0xf0, 0x7e, 0x7f, 8, 1, 5};

    memcpy(at, head, sizeof head);
    memset(at + 6, 'x', 16);
    for (int key = 0; key < 128; key++) {
        at[22 + 3 * key] = (uint8_t)(key < 127 ? key + 1 : 127);
        at[23 + 3 * key] = at[24 + 3 * key] = 0;
    }
    at[22 + 384] = 0;
    at[23 + 384] = 0xf7;
    play_sysex(l, 1, mts_bulk, sizeof mts_bulk);
    play_rpn(l, 2, 0, 3, 5, 0);
}
static const uint8_t gs_scale[] = {0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x11, 0x40, 64, 64, 64,
                                   64,   64,   64,   64,   64,   64,   114,  64,   64, 0,  0xf7};
static void gs_scale_a(play_list *l)
{
    play_sysex(l, 1, gs_scale, sizeof gs_scale);
}
static void linked_on(play_list *l)
{
    play_cc(l, 1, 0, 20, 100);
}
static void absolute_low(play_list *l)
{
    play_cc(l, 1, 0, 21, 0);
}

static double cents_at_81(uint32_t program)
{
    static play_list list;
    const ps_performance_options options = play_options();
    play_take take;
    double hz;

    list.count = 0;
    play_program(&list, 0, 0, program);
    play_on(&list, 10, 0, 81, 127);
    play_off(&list, 2010, 0, 81);
    take = play_with(bank_image, bank_size, &list, &options, 4096);
    hz = take_hz(&take, 0.3, 1.9);
    play_free(&take);
    return cents_between(hz, PLAY_SINE_HZ);
}

static void pitch_is_exact(void **state)
{
    (void)state;
    expect("plain", cents_of(PLAIN, NULL), 0.0, 0.01);
    expect("full bend", cents_of(PLAIN, bend_full), 200.0, 0.01);
    expect("full bend down", cents_of(PLAIN, bend_down), -200.0, 0.01);
    expect("bend range 12", cents_of(PLAIN, bend_12), 1200.0, 0.01);
    expect("bend range 3 semitones 50 cents", cents_of(PLAIN, bend_cents), 350.0, 0.01);
    expect("RPN 1 fine", cents_of(PLAIN, fine_50), 50.0, 0.01);
    expect("RPN 2 coarse", cents_of(PLAIN, coarse_5), 500.0, 0.01);
    expect("RPN null swallows data", cents_of(PLAIN, rpn_null), 0.0, 0.01);
    expect("scaleTuning 50, an octave up", cents_at_81(HALF_SCALE), 600.0, 0.01);
    expect("keynum 69", cents_at_81(FIXED_KEY), 0.0, 0.01);
    expect("an octave up", cents_at_81(PLAIN), 1200.0, 0.01);
    expect("SysEx fine", cents_of(PLAIN, sysex_fine), 50.0, 0.01);
    expect("SysEx coarse", cents_of(PLAIN, sysex_coarse), 500.0, 0.01);
    expect("GS master tune", cents_of(PLAIN, gs_50_cents), 48.8, 0.01);
    expect("GS key shift", cents_of(PLAIN, gs_5_semitones), 500.0, 0.01);
    expect("MTS single note", cents_of(PLAIN, mts_single), 100.0, 0.01);
    expect("MTS octave real time", cents_of(PLAIN, octave_rt), 50.0, 0.01);
    expect("MTS octave non real time", cents_of(PLAIN, octave_nonrt), 50.0, 0.01);
    expect("MTS octave two bytes", cents_of(PLAIN, octave_2), 50.0, 0.01);
    expect("MTS bulk dump chosen by RPN 3", cents_of(PLAIN, bulk_dump), 100.0, 0.01);
    expect("GS scale tuning", cents_of(PLAIN, gs_scale_a), 50.0, 0.01);
    expect("linked modulators", cents_of(LINKED, linked_on), 100.0, 0.1);
    expect("absolute value transform", cents_of(ABSOLUTE, absolute_low), 100.0, 0.1);
}

/* Highest and lowest pitch in a stretch, by windows of 10 cycles. */
static double swing_cents(uint32_t program, setup *prepare)
{
    play_take take = play_one(program, 127, prepare);
    double low = 1e9, high = 0.0;

    for (double at = 0.2; at < 1.9; at += 0.003) {
        const double hz = take_hz(&take, at, at + 0.012);

        low = hz < low ? hz : low;
        high = hz > high ? hz : high;
    }
    play_free(&take);
    return cents_between(high, low);
}

static void wheel(play_list *l)
{
    play_cc(l, 1, 0, 1, 127);
}
static void pressure(play_list *l)
{
    play_event(l, 1, 0, PS_EVENT_CHANNEL_PRESSURE, 127, 0);
}
static void deep_wheel(play_list *l)
{
    play_rpn(l, 1, 0, 5, 5, 0);
    play_cc(l, 2, 0, 1, 127);
}

static void low_frequency_oscillators_swing_as_far_as_they_should(void **state)
{
    (void)state;
    /* A 12 ms window smears the corner of the triangle: at most 12 ms of its 244 ms period. */
    expect("modulation LFO to pitch", swing_cents(MOD_LFO_PITCH, NULL), 200.0, 12.0);
    expect("vibrato LFO to pitch", swing_cents(VIB_LFO_PITCH, NULL), 200.0, 12.0);
    expect("wheel", swing_cents(PLAIN, wheel), 2.0 * 50.0 * 127.0 / 128.0, 11.0);
    expect("pressure", swing_cents(PLAIN, pressure), 2.0 * 50.0 * 127.0 / 128.0, 11.0);
    expect("RPN 5", swing_cents(PLAIN, deep_wheel), 2.0 * 500.0 * 127.0 / 128.0, 110.0);
}

static void tremolo_is_symmetric_in_decibels(void **state)
{
    play_take take = play_one(MOD_LFO_VOLUME, 127, NULL);
    double low = 0.0, high = -240.0;

    (void)state;
    for (double at = 0.2; at < 1.9; at += 0.003) {
        const double db = take_db(&take, at, at + 0.01);

        low = db < low ? db : low;
        high = db > high ? db : high;
    }
    expect("highest", high - plain_db(), 10.0, 0.6);
    expect("lowest", low - plain_db(), -10.0, 0.6);
    play_free(&take);
}

/* ---- Envelopes ------------------------------------------------------------------------------- */

static void volume_envelopes_have_their_shapes(void **state)
{
    const double plain = plain_db();
    play_take take = play_one(SLOW_ATTACK, 127, NULL);
    static const double attack_at[] = {0.05, 0.1, 0.25, 0.5, 0.75};

    (void)state;
    for (uint32_t i = 0; i < 5; i++) {
        const double at = attack_at[i];

        expect("attack", take_db(&take, 0.01 + at - 0.005, 0.01 + at + 0.005) - plain,
               20.0 * log10(at), 0.15);
    }
    expect("after the attack", take_db(&take, 1.05, 1.5) - plain, 0.0, 0.05);
    play_free(&take);

    take = play_one(DECAYING, 127, NULL);
    expect("decay at 0.4 s", take_db(&take, 0.405, 0.415) - plain, -20.0, 0.2);
    expect("decay at 0.7 s", take_db(&take, 0.705, 0.715) - plain, -35.0, 0.2);
    expect("sustain", take_db(&take, 1.2, 1.9) - plain, -40.0, 0.1);
    play_free(&take);

    take = play_one(LONG_RELEASE, 127, NULL);
    for (double at = 0.1; at < 1.95; at += 0.3)
        expect("release, 50 dB a second",
               take_db(&take, 2.01 + at - 0.005, 2.01 + at + 0.005) - plain, -50.0 * at, 0.3);
    play_free(&take);
}

static void key_to_decay_follows_the_key(void **state)
{
    static play_list list;
    const ps_performance_options options = play_options();
    double slope[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        const uint32_t key = i ? 84 : 60;
        play_take take;

        list.count = 0;
        play_program(&list, 0, 0, KEY_DECAY);
        play_on(&list, 0, 0, key, 127);
        play_off(&list, 1900, 0, key);
        take = play_with(bank_image, bank_size, &list, &options, 4096);
        slope[i] = (take_db(&take, 0.295, 0.305) - take_db(&take, 0.095, 0.105)) / 0.2;
        play_free(&take);
    }
    expect("key 60: 50 dB a second", slope[0], -50.0, 1.0);
    expect("two octaves up: four times as fast", slope[1] / slope[0], 4.0, 0.05);
}

static void modulation_envelope_rises_convex(void **state)
{
    play_take take = play_one(MOD_ENV_PITCH, 127, NULL);

    (void)state;
    /* 1 + 40/96 log10(0.2) of 1200 cents at a fifth of the attack. */
    expect("at 0.2 s", cents_between(take_hz(&take, 0.2, 0.22), PLAY_SINE_HZ),
           1200.0 * (1.0 + 40.0 / 96.0 * log10(0.2)), 20.0);
    expect("at the top", cents_between(take_hz(&take, 1.2, 1.9), PLAY_SINE_HZ), 1200.0, 0.1);
    play_free(&take);
}

static void attack_73(play_list *l)
{
    play_cc(l, 1, 0, 73, 127);
}
static void release_72(play_list *l)
{
    play_cc(l, 1, 0, 72, 127);
}

static void sound_controllers_stretch_envelopes(void **state)
{
    play_take take = play_one(PLAIN, 127, attack_73);

    (void)state;
    /* 10 ms * 2^(63/12) = 381 ms of linear attack. */
    expect("CC 73 at 0.1 s", take_db(&take, 0.105, 0.115) - plain_db(), 20.0 * log10(0.1 / 0.381),
           0.3);
    play_free(&take);
    take = play_one(PLAIN, 127, release_72);
    expect("CC 72", take_db(&take, 2.105, 2.115) - plain_db(), -100.0 * 0.1 / 0.381, 0.5);
    play_free(&take);
}

static void attack_73_and_back(play_list *l)
{
    play_cc(l, 1, 0, 73, 127);
    play_cc(l, 100, 0, 73, 30);
    play_cc(l, 200, 0, 73, 127);
}

static void an_attack_under_way_goes_on_from_where_it_is(void **state)
{
    play_take plain = play_one(PLAIN, 127, NULL), take = play_one(PLAIN, 127, attack_73_and_back);
    float most = 0.0f, allowed = 0.0f;

    (void)state;
    for (size_t i = 0; i < take.frames; i++)
        most = fmaxf(most, fabsf(take.left[i]));
    for (size_t i = 0; i < plain.frames; i++)
        allowed = fmaxf(allowed, fabsf(plain.left[i]));
    assert_true(most <= allowed * 1.001f);
    expect("shortened, it soon ends", take_db(&take, 0.15, 0.19) - plain_db(), 0.0, 0.05);
    play_free(&take);
    play_free(&plain);
}

/* ---- Filter ---------------------------------------------------------------------------------- */

/* Level of the filtered noise relative to the open one, in a third of an octave about hz. */
static double response_db(uint32_t program, double hz)
{
    play_take open = play_one(NOISE, 127, NULL), filtered = play_one(program, 127, NULL);
    double a = 0.0, b = 0.0;

    for (int k = -12; k <= 12; k++) {
        const double at = hz * pow(2.0, k / 72.0);

        a += pow(10.0, tone_db(open.left, open.frames, 0.2, 1.9, at) / 10.0);
        b += pow(10.0, tone_db(filtered.left, filtered.frames, 0.2, 1.9, at) / 10.0);
    }
    play_free(&open);
    play_free(&filtered);
    return 10.0 * log10(b / a);
}

/* |H| of the analog prototype through the bilinear transform; peak_db is the resonance. */
static double wanted_response_db(double hz, double cutoff_hz, double peak_db)
{
    const double peak = pow(10.0, peak_db / 20.0);
    const double q = sqrt(peak * (peak + sqrt(peak * peak - 1.0)) / 2.0);
    const double w = tan(M_PI * hz / PLAY_RATE_HZ) / tan(M_PI * cutoff_hz / PLAY_RATE_HZ);

    return -10.0 * log10((1.0 - w * w) * (1.0 - w * w) + w * w / (q * q)) - peak_db / 2.0;
}

static void filter_has_the_response_of_its_cutoff_and_q(void **state)
{
    static const double at_hz[] = {200.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0};

    (void)state;
    for (uint32_t i = 0; i < 6; i++) {
        expect("Q 0", response_db(NOISE_1K, at_hz[i]), wanted_response_db(at_hz[i], 1000.0, 0.0),
               0.5);
        /* About the peak the third of an octave is wider than it. */
        expect("Q 20 dB", response_db(NOISE_1K_Q20, at_hz[i]),
               wanted_response_db(at_hz[i], 1000.0, 20.0), at_hz[i] == 1000.0 ? 5.0 : 0.7);
    }
}

static void cc74_0(play_list *l)
{
    play_cc(l, 1, 0, 74, 0);
}
static void cc74_127(play_list *l)
{
    play_cc(l, 1, 0, 74, 127);
}
static void cc74_75(play_list *l)
{
    play_cc(l, 1, 0, 74, 127);
    play_cc(l, 1, 0, 75, 127);
}
static void cc74_75_0(play_list *l)
{
    play_cc(l, 1, 0, 74, 127);
    play_cc(l, 1, 0, 75, 0);
}
static void poly_127(play_list *l)
{
    play_event(l, 1, 0, PS_EVENT_POLY_PRESSURE, 69, 127);
}
static void sf2_nrpn_down(play_list *l)
{
    play_nrpn(l, 1, 0, 120, 8, 8192 - 3000);
}
static void awe_nrpn(play_list *l)
{
    play_nrpn(l, 1, 0, 127, 21, 20 << 7);
}
static void gs_nrpn(play_list *l)
{
    play_nrpn(l, 1, 0, 1, 0x20, 14 << 7);
}

static void brightness_answers_to_every_way_of_asking(void **state)
{
    const double open = centroid_of(NOISE, NULL);

    (void)state;
    assert_true(centroid_of(NOISE, sf2_nrpn_down) < 0.2 * open);
    assert_true(centroid_of(NOISE, awe_nrpn) < 0.1 * open);
    assert_true(centroid_of(NOISE, gs_nrpn) < 0.3 * open);
    assert_true(centroid_of(NOISE, cc74_0) < 0.4 * open);
    assert_true(centroid_of(NOISE_CC74, cc74_127) > 20.0 * centroid_of(NOISE_CC74, cc74_0));
    assert_true(centroid_of(NOISE_CC74_PRESET, cc74_127) >
                20.0 * centroid_of(NOISE_CC74_PRESET, cc74_0));
    assert_true(centroid_of(NOISE_AMOUNT, cc74_75) > 20.0 * centroid_of(NOISE_AMOUNT, cc74_75_0));
    assert_true(centroid_of(NOISE_POLY, poly_127) > 20.0 * centroid_of(NOISE_POLY, NULL));
    assert_true(centroid_of(NOISE_PRESSURE, pressure) > 20.0 * centroid_of(NOISE_PRESSURE, NULL));
}

static void resonance_71(play_list *l)
{
    play_cc(l, 1, 0, 71, 127);
}

static void cc71_raises_the_resonance(void **state)
{
    play_take plain = play_one(NOISE_1K, 127, NULL), raised = play_one(NOISE_1K, 127, resonance_71);
    const double before = tone_db(plain.left, plain.frames, 0.2, 1.9, 1000.0) -
                          tone_db(plain.left, plain.frames, 0.2, 1.9, 150.0);
    const double after = tone_db(raised.left, raised.frames, 0.2, 1.9, 1000.0) -
                         tone_db(raised.left, raised.frames, 0.2, 1.9, 150.0);

    (void)state;
    expect("1 kHz against 150 Hz", after - before, 18.9 + 3.0, 2.0);
    play_free(&plain);
    play_free(&raised);
}

static void velocity_leaves_the_filter_alone_unless_asked(void **state)
{
    static play_list list;
    ps_performance_options options = play_options();
    double centroid[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        play_take take;

        list.count = 0;
        play_program(&list, 0, 0, NOISE_1K);
        play_on(&list, 10, 0, 69, i == 0 ? 127 : 32);
        play_off(&list, 1000, 0, 69);
        options.synth.velocity_to_filter = i == 2;
        take = play_with(bank_image, bank_size, &list, &options, 4096);
        centroid[i] = centroid_hz(&take, 0.3, 0.8);
        play_free(&take);
    }
    expect("default", centroid[1] / centroid[0], 1.0, 0.02);
    assert_true(centroid[2] < 0.6 * centroid[0]);
}

static void filter_sweeps_with_its_oscillator(void **state)
{
    play_take take = play_one(NOISE_LFO, 127, NULL);
    double low = 1e9, high = 0.0;

    (void)state;
    for (double at = 0.1; at < 1.8; at += 0.05) {
        const double hz = centroid_hz(&take, at, at + 0.1);

        low = hz < low ? hz : low;
        high = hz > high ? hz : high;
    }
    assert_true(high / low > 8.0); /* four octaves of cutoff */
    play_free(&take);
}

/* ---- Pedals, portamento, modes --------------------------------------------------------------- */

static double tail_db(setup *prepare)
{
    play_take take = play_one(PLAIN, 127, prepare);
    const double db = take_db(&take, 2.5, 3.0);

    play_free(&take);
    return db - plain_db();
}

static void sustain(play_list *l)
{
    play_cc(l, 1, 0, 64, 127);
    play_cc(l, 4000, 0, 64, 0);
}
static void half_pedal(play_list *l)
{
    play_cc(l, 1, 0, 64, 63);
    play_cc(l, 4000, 0, 64, 0);
}
static void sostenuto_held(play_list *l)
{
    play_cc(l, 500, 0, 66, 127);
    play_cc(l, 4000, 0, 66, 0);
}
static void sostenuto_before(play_list *l)
{
    play_cc(l, 5, 0, 66, 127);
    play_cc(l, 4000, 0, 66, 0);
}
static void sustain_120(play_list *l)
{
    sustain(l);
    play_cc(l, 2100, 0, 120, 0);
}
static void all_notes_off(play_list *l)
{
    play_cc(l, 500, 0, 123, 0);
}

static void pedals_hold_what_they_should(void **state)
{
    play_take take;

    (void)state;
    expect("sustain", tail_db(sustain), 0.0, 0.05);
    assert_true(tail_db(half_pedal) < -100.0);
    expect("sostenuto", tail_db(sostenuto_held), 0.0, 0.05);
    assert_true(tail_db(sostenuto_before) < -100.0);
    assert_true(tail_db(sustain_120) < -100.0);
    take = play_one(PLAIN, 127, all_notes_off);
    assert_true(take_db(&take, 0.8, 1.0) < -100.0);
    play_free(&take);
}

static void portamento(play_list *l)
{
    play_cc(l, 1, 0, 5, 64);
    play_cc(l, 1, 0, 84, 57);
}

static void portamento_slides_in_cents_at_a_constant_speed(void **state)
{
    play_take take = play_one(PLAIN, 127, portamento);
    const double octave_sec = 0.01 * pow(2.0, 64.0 / 12.7);

    (void)state;
    expect("early", cents_between(take_hz(&take, 0.03, 0.05), PLAY_SINE_HZ),
           -1200.0 + 1200.0 * 0.03 / octave_sec, 30.0);
    expect("half way",
           cents_between(
               take_hz(&take, 0.01 + octave_sec / 2.0 - 0.01, 0.01 + octave_sec / 2.0 + 0.01),
               PLAY_SINE_HZ),
           -600.0, 30.0);
    expect("arrived", cents_between(take_hz(&take, 0.6, 1.9), PLAY_SINE_HZ), 0.0, 0.01);
    play_free(&take);
}

static void mono_channels_play_one_note(void **state)
{
    static play_list list;
    const ps_performance_options options = play_options();
    play_take take;

    (void)state;
    list.count = 0;
    play_program(&list, 0, 0, PLAIN);
    play_cc(&list, 0, 0, 7, 127);
    play_cc(&list, 1, 0, 126, 1);
    play_on(&list, 10, 0, 69, 127);
    play_on(&list, 1000, 0, 81, 127);
    play_off(&list, 2000, 0, 81);
    play_off(&list, 3000, 0, 69);
    take = play_with(bank_image, bank_size, &list, &options, 4096);
    expect("level of the second note", take_db(&take, 1.2, 1.9) - plain_db(), 0.0, 0.1);
    expect("its pitch", cents_between(take_hz(&take, 1.2, 1.9), PLAY_SINE_HZ), 1200.0, 0.01);
    expect("back to the first", cents_between(take_hz(&take, 2.2, 2.9), PLAY_SINE_HZ), 0.0, 0.01);
    assert_true(take_db(&take, 3.2, 3.5) < -100.0);
    play_free(&take);

    list.count = 0;
    play_program(&list, 0, 0, PLAIN);
    play_cc(&list, 1, 0, 126, 1);
    play_cc(&list, 1, 0, 68, 127);
    play_on(&list, 10, 0, 69, 127);
    play_on(&list, 1000, 0, 81, 127);
    play_off(&list, 2000, 0, 69);
    play_off(&list, 2500, 0, 81);
    take = play_with(bank_image, bank_size, &list, &options, 4096);
    assert_int_equal(take.stats.notes, 1); /* legato: no new attack */
    expect("legato", cents_between(take_hz(&take, 1.2, 1.9), PLAY_SINE_HZ), 1200.0, 0.01);
    play_free(&take);
}

static void an_exclusive_class_cuts_its_own(void **state)
{
    static play_list list;
    const ps_performance_options options = play_options();
    play_take take;

    (void)state;
    list.count = 0;
    play_program(&list, 0, 0, EXCLUSIVE);
    play_on(&list, 0, 0, 69, 127);
    play_on(&list, 1000, 0, 81, 127);
    play_off(&list, 2000, 0, 69);
    play_off(&list, 2000, 0, 81);
    take = play_with(bank_image, bank_size, &list, &options, 4096);
    assert_true(tone_db(take.left, take.frames, 1.1, 1.9, 441.0) < -90.0);
    assert_true(tone_db(take.left, take.frames, 1.1, 1.9, 882.0) > -20.0);
    play_free(&take);
}

/* ---- Samples --------------------------------------------------------------------------------- */

static void samples_are_read_as_their_generators_say(void **state)
{
    play_take take;
    double noise, tone;

    (void)state;
    expect("startAddrsOffset", cents_of(OFFSET_FINE, NULL), 1200.0, 0.01);
    expect("startAddrsCoarseOffset", cents_of(OFFSET_COARSE, NULL), 1200.0, 0.01);

    take = play_one(LOOP_UNTIL_OFF, 127, NULL);
    expect("in the loop", cents_between(take_hz(&take, 1.2, 1.9), PLAY_SINE_HZ), 0.0, 0.01);
    expect("after release", cents_between(take_hz(&take, 2.95, 3.1), PLAY_SINE_HZ), 1200.0, 0.1);
    play_free(&take);

    take = play_one(NO_LOOP, 127, NULL);
    assert_true(take_db(&take, 0.5, 0.9) > -20.0);
    assert_true(take_db(&take, 1.1, 1.9) < -200.0);
    play_free(&take);

    /* A sine 90 dB down has 15 steps of 16 bits: without sm24 it would be a square of noise. */
    take = play_one(DEEP_24, 127, NULL);
    tone = tone_db(take.left, take.frames, 0.2, 1.9, 441.0);
    noise = -240.0;
    for (int k = 2; k < 20; k++) {
        const double db = tone_db(take.left, take.frames, 0.2, 1.9, 441.0 * k);

        noise = db > noise ? db : noise;
    }
    expect("level of the 24-bit sine", tone, -90.0 - 3.01, 0.1);
    assert_true(noise < tone - 60.0);
    play_free(&take);
}

/* ---- Banks, drums, resets -------------------------------------------------------------------- */

static double cents_on(uint32_t channel, uint32_t program, ps_bank_mode mode, setup *prepare,
                       uint32_t *missing)
{
    static play_list list;
    ps_performance_options options = play_options();
    play_take take;
    double hz;

    list.count = 0;
    if (prepare)
        prepare(&list);
    if (program < 128)
        play_program(&list, 5, channel, program);
    play_on(&list, 10, channel, 69, 127);
    play_off(&list, 2010, channel, 69);
    options.synth.bank_mode = mode;
    take = play_with(bank_image, bank_size, &list, &options, 4096);
    hz = take_hz(&take, 0.3, 1.9);
    if (missing)
        *missing = take.missing;
    play_free(&take);
    return cents_between(hz, PLAY_SINE_HZ);
}

static void bank_1(play_list *l)
{
    play_cc(l, 1, 0, 0, 1);
}
static void bank_fine_1(play_list *l)
{
    play_cc(l, 1, 0, 32, 1);
}
static void bank_99(play_list *l)
{
    play_cc(l, 1, 0, 0, 99);
}
static void bank_1_fine_1(play_list *l)
{
    play_cc(l, 1, 0, 0, 1);
    play_cc(l, 1, 0, 32, 1);
}
static const uint8_t gs_drums[] = {0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x11, 0x15, 1, 0x19, 0xf7};
static const uint8_t xg_drums[] = {0xf0, 0x43, 0x10, 0x4c, 8, 0, 7, 1, 0xf7};
static void gs_part_drums(play_list *l)
{
    play_sysex(l, 1, gs_drums, sizeof gs_drums);
}
static void xg_part_drums(play_list *l)
{
    play_sysex(l, 1, xg_drums, sizeof xg_drums);
}
static const uint8_t xg_on[] = {0xf0, 0x43, 0x10, 0x4c, 0, 0, 0x7e, 0, 0xf7};
static void xg_bank(play_list *l)
{
    play_sysex(l, 0, xg_on, sizeof xg_on);
    play_cc(l, 1, 0, 0, 0);
    play_cc(l, 1, 0, 32, 2);
}
static void xg_drum_bank(play_list *l)
{
    play_sysex(l, 0, xg_on, sizeof xg_on);
    play_cc(l, 1, 0, 0, 127);
}
static const uint8_t gm2_on[] = {0xf0, 0x7e, 0x7f, 9, 3, 0xf7};
static void gm2_bank(play_list *l)
{
    play_sysex(l, 0, gm2_on, sizeof gm2_on);
    play_cc(l, 1, 0, 0, 121);
    play_cc(l, 1, 0, 32, 1);
}

static void banks_are_chosen_by_the_mode(void **state)
{
    uint32_t missing;

    (void)state;
    expect("GS: CC 0", cents_on(0, 0, PS_BANK_GS, bank_1, NULL), 700.0, 0.01);
    expect("GS: CC 32 is ignored", cents_on(0, 0, PS_BANK_GS, bank_fine_1, NULL), 0.0, 0.01);
    expect("GM: CC 0 is ignored", cents_on(0, 0, PS_BANK_GM, bank_1, NULL), 0.0, 0.01);
    expect("XG: CC 32", cents_on(0, 0, PS_BANK_XG, bank_fine_1, NULL), 700.0, 0.01);
    expect("MMA: both", cents_on(0, 0, PS_BANK_MMA, bank_1_fine_1, NULL), 1100.0, 0.01);
    expect("XG reset chooses XG", cents_on(0, 0, PS_BANK_GS, xg_bank, NULL), 800.0, 0.01);
    expect("XG drum bank", cents_on(0, 0, PS_BANK_GS, xg_drum_bank, NULL), 500.0, 0.01);
    expect("GM2 variation", cents_on(0, 0, PS_BANK_GS, gm2_bank, NULL), 700.0, 0.01);
    expect("missing bank", cents_on(0, 0, PS_BANK_GS, bank_99, &missing), 0.0, 0.01);
    assert_int_equal(missing, 1);
    expect("missing program", cents_on(0, 120, PS_BANK_GS, NULL, &missing), 0.0, 0.01);
    assert_int_equal(missing, 1);
    expect("no program change", cents_on(0, 128, PS_BANK_GS, NULL, &missing), 0.0, 0.01);
    assert_int_equal(missing, 0);
}

static void drums_are_drums(void **state)
{
    uint32_t missing;

    (void)state;
    expect("kit 0", cents_on(9, 0, PS_BANK_GS, NULL, NULL), 500.0, 0.01);
    expect("no program", cents_on(9, 128, PS_BANK_GS, NULL, NULL), 500.0, 0.01);
    expect("kit 8", cents_on(9, 8, PS_BANK_GS, NULL, NULL), 900.0, 0.01);
    expect("missing kit", cents_on(9, 40, PS_BANK_GS, NULL, &missing), 500.0, 0.01);
    assert_int_equal(missing, 1);
    expect("missing variation of kit 8", cents_on(9, 9, PS_BANK_GS, NULL, NULL), 900.0, 0.01);
    expect("channel 10 of the second port", cents_on(25, 0, PS_BANK_GS, NULL, NULL), 500.0, 0.01);
    expect("GS part becomes drums", cents_on(0, 0, PS_BANK_GS, gs_part_drums, NULL), 500.0, 0.01);
    expect("XG part becomes drums", cents_on(0, 0, PS_BANK_GS, xg_part_drums, NULL), 500.0, 0.01);
}

static const uint8_t gm_on[] = {0xf0, 0x7e, 0x7f, 9, 1, 0xf7};
static const uint8_t gs_reset[] = {0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7f, 0, 0x41, 0xf7};
static void volume_20(play_list *l)
{
    play_cc(l, 1, 0, 7, 20);
}
static void then(play_list *l, const uint8_t *data, size_t bytes)
{
    volume_20(l);
    play_sysex(l, 2, data, bytes);
}
static void gm_after(play_list *l)
{
    then(l, gm_on, sizeof gm_on);
}
static void gm2_after(play_list *l)
{
    then(l, gm2_on, sizeof gm2_on);
}
static void gs_after(play_list *l)
{
    then(l, gs_reset, sizeof gs_reset);
}
static void xg_after(play_list *l)
{
    then(l, xg_on, sizeof xg_on);
}

static void resets_restore_the_volume(void **state)
{
    const double standard = 40.0 * log10(100.0 / 127.0);

    (void)state;
    expect("no reset", db_of(PLAIN, 127, volume_20) - plain_db(), 40.0 * log10(20.0 / 127.0), 0.05);
    expect("GM", db_of(PLAIN, 127, gm_after) - plain_db(), standard, 0.05);
    expect("GM2", db_of(PLAIN, 127, gm2_after) - plain_db(), standard, 0.05);
    expect("GS", db_of(PLAIN, 127, gs_after) - plain_db(), standard, 0.05);
    expect("XG", db_of(PLAIN, 127, xg_after) - plain_db(), standard, 0.05);
}

/* ---- Effects --------------------------------------------------------------------------------- */

static void cc91_127(play_list *l)
{
    play_cc(l, 1, 0, 91, 127);
}
static void cc91_0(play_list *l)
{
    play_cc(l, 1, 0, 91, 0);
}
static void cc93_127(play_list *l)
{
    play_cc(l, 1, 0, 91, 0);
    play_cc(l, 1, 0, 93, 127);
}

/* Level after the note, 0.1 to 0.6 s, with both effects on. */
static double wet_db(uint32_t program, setup *prepare, double from_sec, double to_sec)
{
    static play_list list;
    ps_performance_options options = play_options();
    play_take take;
    double db;

    list.count = 0;
    play_program(&list, 0, 0, program);
    prepare(&list);
    play_on(&list, 10, 0, 69, 127);
    play_off(&list, 510, 0, 69);
    options.synth.reverb_gain = options.synth.chorus_gain = 1.0;
    take = play_with(bank_image, bank_size, &list, &options, 4096);
    db = take_db(&take, from_sec, to_sec);
    play_free(&take);
    return db;
}

/* Level of what the chorus adds: the render with it minus the one without. */
static double chorus_db(uint32_t program, setup *prepare)
{
    static play_list list;
    ps_performance_options options = play_options();
    play_take without, with;
    double db;

    list.count = 0;
    play_program(&list, 0, 0, program);
    prepare(&list);
    play_on(&list, 10, 0, 69, 127);
    play_off(&list, 510, 0, 69);
    without = play_with(bank_image, bank_size, &list, &options, 4096);
    options.synth.chorus_gain = 1.0;
    with = play_with(bank_image, bank_size, &list, &options, 4096);
    for (uint64_t i = 0; i < without.frames; i++) {
        with.left[i] -= without.left[i];
        with.right[i] -= without.right[i];
    }
    db = take_db(&with, 0.1, 0.5);
    play_free(&without);
    play_free(&with);
    return db;
}

static void sends_reach_the_effects(void **state)
{
    (void)state;
    assert_true(wet_db(PLAIN, cc91_127, 0.6, 1.1) > -60.0);
    assert_true(wet_db(PLAIN, cc91_0, 0.6, 1.1) < -100.0);
    assert_true(wet_db(DRY_SENDS, cc91_127, 0.6, 1.1) < -100.0);
    expect("generator against CC 91: five times the send",
           wet_db(REVERB_SEND, cc91_0, 0.6, 1.1) - wet_db(PLAIN, cc91_127, 0.6, 1.1),
           20.0 * log10(1.0 / (0.2 * 127.0 / 128.0)), 0.2);
    assert_true(chorus_db(CHORUS_SEND, cc91_0) > -25.0);
    assert_true(chorus_db(PLAIN, cc91_0) < -200.0);
    expect("generator against CC 93: five times the send",
           chorus_db(CHORUS_SEND, cc91_0) - chorus_db(PLAIN, cc93_127),
           20.0 * log10(1.0 / (0.2 * 127.0 / 128.0)), 0.01);
}

/* ---- Containers and divisions -------------------------------------------------------------------
 */

static play_take play_bytes(const uint8_t *mid, size_t mid_bytes)
{
    const ps_performance_options options = play_options();
    ps_soundfont *bank = play_bank(bank_image, bank_size);
    const ps_bank_choice choice = {bank, 0};
    ps_engine *engine = NULL;
    ps_source *source = NULL;
    ps_score *score = NULL;
    play_take take;

    assert_int_equal(ps_score_read(&score, mid, mid_bytes, NULL, NULL), PS_OK);
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    assert_int_equal(ps_performance_create(&source, engine, score, &choice, 1, &options, NULL),
                     PS_OK);
    take = play_source(source, 4096);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    ps_score_destroy(score);
    ps_soundfont_destroy(bank);
    return take;
}

/* A header and one track: key 69 for 2000 ticks. */
#define ONE_TRACK(format, tracks, high, low)                                                       \
    'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, format, 0, tracks, high, low
#define TRACK_OF_KEY(key)                                                                          \
    'M', 'T', 'r', 'k', 0, 0, 0, 13, 0, 0x90, key, 127, 0x8f, 0x50, 0x80, key, 64, 0, 0xff, 0x2f, 0

static void every_kind_of_file_sounds(void **state)
{
    static const uint8_t smpte[] = {ONE_TRACK(0, 1, 0xe7, 40), TRACK_OF_KEY(69)};
    static const uint8_t two[] = {ONE_TRACK(2, 2, 0x03, 0xe8), TRACK_OF_KEY(69), TRACK_OF_KEY(71)};
    uint8_t rmid[20 + sizeof smpte] = {
        'R', 'I', 'F', 'F', 12 + sizeof smpte, 0, 0, 0, 'R', 'M', 'I', 'D',
        'd', 'a', 't', 'a', sizeof smpte};
    play_take take = play_bytes(smpte, sizeof smpte);

    (void)state;
    /* 25 frames of 40 ticks: 2000 ticks are two seconds. */
    expect("SMPTE pitch", cents_between(take_hz(&take, 0.3, 1.9), PLAY_SINE_HZ), 0.0, 0.01);
    assert_true(take_db(&take, 1.9, 1.99) > -20.0 && take_db(&take, 2.1, 2.2) < -100.0);
    play_free(&take);

    /* 1000 ticks a quarter at 120 quarters a minute: a second each, one pattern after the other. */
    take = play_bytes(two, sizeof two);
    expect("first pattern", cents_between(take_hz(&take, 0.1, 0.9), PLAY_SINE_HZ), 0.0, 0.05);
    expect("second pattern", cents_between(take_hz(&take, 1.1, 1.9), PLAY_SINE_HZ), 200.0, 0.05);
    play_free(&take);

    memcpy(rmid + 20, smpte, sizeof smpte);
    take = play_bytes(rmid, sizeof rmid);
    expect("RMID", cents_between(take_hz(&take, 0.3, 1.9), PLAY_SINE_HZ), 0.0, 0.01);
    play_free(&take);
}

static int make(void **state)
{
    (void)state;
    make_bank();
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    free(bank_image);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_follow_the_standard),
        cmocka_unit_test(pan_has_constant_power_and_hard_ends),
        cmocka_unit_test(pitch_is_exact),
        cmocka_unit_test(low_frequency_oscillators_swing_as_far_as_they_should),
        cmocka_unit_test(tremolo_is_symmetric_in_decibels),
        cmocka_unit_test(volume_envelopes_have_their_shapes),
        cmocka_unit_test(key_to_decay_follows_the_key),
        cmocka_unit_test(modulation_envelope_rises_convex),
        cmocka_unit_test(sound_controllers_stretch_envelopes),
        cmocka_unit_test(an_attack_under_way_goes_on_from_where_it_is),
        cmocka_unit_test(filter_has_the_response_of_its_cutoff_and_q),
        cmocka_unit_test(brightness_answers_to_every_way_of_asking),
        cmocka_unit_test(cc71_raises_the_resonance),
        cmocka_unit_test(velocity_leaves_the_filter_alone_unless_asked),
        cmocka_unit_test(filter_sweeps_with_its_oscillator),
        cmocka_unit_test(pedals_hold_what_they_should),
        cmocka_unit_test(portamento_slides_in_cents_at_a_constant_speed),
        cmocka_unit_test(mono_channels_play_one_note),
        cmocka_unit_test(an_exclusive_class_cuts_its_own),
        cmocka_unit_test(samples_are_read_as_their_generators_say),
        cmocka_unit_test(banks_are_chosen_by_the_mode),
        cmocka_unit_test(drums_are_drums),
        cmocka_unit_test(resets_restore_the_volume),
        cmocka_unit_test(sends_reach_the_effects),
        cmocka_unit_test(every_kind_of_file_sounds),
    };

    return cmocka_run_group_tests(tests, make, unmake);
}
