/*
 * What is true of every kind of source. A kind joins by a row: how to make one, and what its header
 * says about seeking. Rows of the sort "hostile" carry input that tries to bring numbers out that
 * are none.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "heap_watch.h"
#include "edge_support.h"

#include <math.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "plainsong/effect.h"
#include "plainsong/engine.h"
#include "plainsong/file.h"
#include "plainsong/source.h"
#include "plainsong/synth.h"
#include "plainsong/threads.h"
#include "plainsong/track_file.h"

#include "sf2_builder.h"

#define RATE_HZ     44100.0
#define MOST_FRAMES 65536u /* of any piece here */
#define MOST_BLOCK  8192u

/* ---- The kinds of source --------------------------------------------------------------------- */

/* A source and what it stands on. */
typedef struct sounding {
    const ps_allocator *allocator;
    ps_threads *threads;
    ps_engine *engine;
    ps_soundfont *bank;
    ps_score *score;
    ps_media *media;
    ps_bank_choice choice; /* of the media */
    ps_source *source;
} sounding;

typedef struct source_row {
    const char *name;
    ps_status (*make)(sounding *s);
    bool seeks_exactly; /* to any frame; every source does to frame 0 */
    bool reads_a_file;  /* while it is pulled: not for a real-time thread */
} source_row;

static float wave[2][10007], hostile[2][10007];

static uint32_t next_random(uint32_t *noise)
{
    *noise = *noise * 1664525u + 1013904223u;
    return *noise >> 8;
}

static void fill_waves(void)
{
    const float bad[] = {NAN, -NAN, INFINITY, -INFINITY, 1e-40f, 0.5f, 3e38f, -0.0f};
    uint32_t noise = 1;

    for (uint32_t i = 0; i < 10007; i++) {
        for (uint32_t channel = 0; channel < 2; channel++) {
            wave[channel][i] = (float)next_random(&noise) / 8388608.0f - 1.0f;
            hostile[channel][i] = bad[(i * 5 + channel) % 8];
        }
    }
}

static ps_status make_memory(sounding *s)
{
    return ps_memory_source_create(&s->source, wave[0], wave[1], 10007, RATE_HZ, s->allocator,
                                   NULL);
}

static ps_status make_hostile_memory(sounding *s)
{
    return ps_memory_source_create(&s->source, hostile[0], hostile[1], 10007, RATE_HZ, s->allocator,
                                   NULL);
}

/* ---- Effects around a source ------------------------------------------------------------------
 */

/* Effects of every kind: with and without latency and tail. */
static const char prompt_effects[] =
    "eq:hp80,2k+3 | chorus | phaser | delay:20,0.3 | convolver:room,0.4,zero | pan:0.3";
static const char late_effects[] = "convolver:old-room | flanger | widener | dither:20";

static ps_status put_effects_around(sounding *s, const char *text)
{
    const ps_chain_options chain_options = {.allocator = s->allocator};
    ps_source *inner = s->source;
    ps_chain *chain;
    ps_status status = ps_chain_read(&chain, text, &chain_options, NULL);

    if (status != PS_OK)
        return status;
    s->source = NULL; /* it is taken over, come what may */
    status = ps_effect_source_create(&s->source, s->engine, inner, chain, NULL, NULL);
    ps_chain_destroy(chain);
    return status;
}

static ps_status make_effects(sounding *s)
{
    const ps_status status = make_memory(s);

    return status == PS_OK ? put_effects_around(s, prompt_effects) : status;
}

static ps_status make_late_effects(sounding *s)
{
    const ps_status status = make_memory(s);

    return status == PS_OK ? put_effects_around(s, late_effects) : status;
}

/* Two sources of different length together. */
static ps_status make_mix(sounding *s)
{
    ps_source *parts[2] = {NULL, NULL};
    ps_status status =
        ps_memory_source_create(&parts[0], wave[0], wave[1], 5003, RATE_HZ, s->allocator, NULL);

    if (status != PS_OK)
        return status;
    status =
        ps_memory_source_create(&parts[1], wave[1], wave[0], 10007, RATE_HZ, s->allocator, NULL);
    if (status != PS_OK) {
        ps_source_destroy(parts[0]);
        return status;
    }
    return ps_mix_source_create(&s->source, parts, 2, s->allocator, NULL);
}

static ps_status make_hostile_effects(sounding *s)
{
    const ps_status status = make_hostile_memory(s);

    return status == PS_OK ? put_effects_around(s, prompt_effects) : status;
}

/* ---- Audio files ----------------------------------------------------------------------------- */

static void write_file(const char *path, ps_sample_format samples, uint32_t rate_hz)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();
    ps_audio_writer *writer = NULL;

    assert_true(ps_container_of_name(path, &options.container));
    options.samples = samples;
    options.rate_hz = rate_hz;
    assert_int_equal(ps_audio_writer_open(&writer, path, &options, NULL), PS_OK);
    assert_int_equal(ps_audio_writer_write(writer, (ps_block){wave[0], wave[1], 10007}, NULL),
                     PS_OK);
    assert_int_equal(ps_audio_writer_finish(writer, NULL), PS_OK);
    ps_audio_writer_close(writer);
}

/* The writer is not asked to write what is no number. */
static void write_hostile_file(const char *path)
{
    const uint32_t size_bytes = 2 * sizeof hostile[0];
    const uint32_t header[11] = {0x46464952, 36 + size_bytes, 0x45564157, 0x20746d66,
                                 16,         0x00020003,      44100,      8 * 44100,
                                 0x00200008, 0x61746164,      size_bytes};
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fwrite(header, sizeof header, 1, file);
    for (uint32_t i = 0; i < 10007; i++) {
        fwrite(&hostile[0][i], sizeof(float), 1, file);
        fwrite(&hostile[1][i], sizeof(float), 1, file);
    }
    assert_int_equal(fclose(file), 0);
}

static int write_files(void **state)
{
    if (in_folder(state) != 0)
        return -1;
    write_file("float.wav", PS_SAMPLE_FLOAT32, 44100);
    write_file("slow.wav", PS_SAMPLE_FLOAT32, 32000);
    write_file("exact.flac", PS_SAMPLE_INT24, 44100);
    write_file("lossy.ogg", PS_SAMPLE_FLOAT32, 44100);
    write_file("lossy.mp3", PS_SAMPLE_FLOAT32, 44100);
    write_hostile_file("hostile.wav");
    return 0;
}

static ps_status make_wav(sounding *s)
{
    return ps_audio_file_source(&s->source, "float.wav", 0.0, NULL);
}

static ps_status make_hostile_wav(sounding *s)
{
    return ps_audio_file_source(&s->source, "hostile.wav", 0.0, NULL);
}

static ps_status make_resampled_wav(sounding *s)
{
    return ps_audio_file_source(&s->source, "slow.wav", RATE_HZ, NULL);
}

static ps_status make_flac(sounding *s)
{
    return ps_audio_file_source(&s->source, "exact.flac", 0.0, NULL);
}

static ps_status make_ogg(sounding *s)
{
    return ps_audio_file_source(&s->source, "lossy.ogg", 0.0, NULL);
}

static ps_status make_mp3(sounding *s)
{
    return ps_audio_file_source(&s->source, "lossy.mp3", 0.0, NULL);
}

/* ---- Performances ---------------------------------------------------------------------------- */

#define EVENTS    600u
#define LAST_TICK 700u /* a tick is a millisecond */

typedef struct piece {
    uint8_t *bank_data; /* NULL until it is first played */
    size_t bank_bytes;
    ps_event events[EVENTS];
    ps_performance_options options;
} piece;

static piece plain_piece, dry_piece, hostile_piece;

static int32_t between(uint32_t *noise, int32_t low, int32_t high)
{
    return low + (int32_t)(next_random(noise) % (uint32_t)(high - low + 1));
}

static uint32_t add_sample(sf2_builder *b)
{
    int16_t pcm[2000];
    uint32_t noise = 7;

    for (uint32_t i = 0; i < 2000; i++)
        pcm[i] = (int16_t)(i < 200 ? between(&noise, -32768, 32767)
                                   : (int)(12000.0 * sin(i * 0.0628318530717958648)));
    return sf2_sample(b, "noise, then a sine", pcm, 2000, 44100, 60, 1000, 1900);
}

/* One preset of a looped sine, with a filter that opens when filtered. */
static void build_plain_bank(sf2_builder *b, bool filtered)
{
    const uint32_t sample = add_sample(b), instrument = sf2_instrument(b, "sine");

    sf2_zone(b, sample);
    sf2_gen(b, 54, 1);     /* looped */
    sf2_gen(b, 38, -2400); /* releases in a quarter of a second */
    sf2_gen(b, 6, 30);     /* vibrato */
    if (filtered) {
        sf2_gen(b, 8, 7000);
        sf2_gen(b, 9, 120);
        sf2_gen(b, 11, 3000);
        sf2_gen(b, 15, 300);
        sf2_gen(b, 16, 300);
    }
    sf2_preset(b, "sine", 0, 0);
    sf2_zone(b, instrument);
}

/* Every generator and modulator at any value, in 128 presets. */
static void build_hostile_bank(sf2_builder *b)
{
    const uint32_t sample = add_sample(b);
    uint32_t noise = 99;

    for (uint32_t program = 0; program < 128; program++) {
        const uint32_t instrument = sf2_instrument(b, "hostile");

        for (int zone = 0; zone < 3; zone++) {
            sf2_zone(b, sample);
            for (int i = 0; i < 12; i++) {
                const int32_t generator = between(&noise, 0, 60);

                if (generator != 41 && generator != 53 && generator != 43 && generator != 44)
                    sf2_gen(b, (uint32_t)generator, between(&noise, -32768, 32767));
            }
            for (int i = 0; i < 4; i++)
                sf2_mod(b, (uint32_t)between(&noise, 0, 0xffff), (uint32_t)between(&noise, 0, 60),
                        between(&noise, -32768, 32767), (uint32_t)between(&noise, 0, 0xffff),
                        (uint32_t)between(&noise, 0, 2));
        }
        sf2_preset(b, "hostile", 0, program);
        sf2_zone(b, instrument);
    }
}

/* Notes and controllers on four channels; any controller and any value when hostile. */
static void compose(ps_event *events, bool tame)
{
    const uint8_t controls[] = {1, 7, 10, 11, 64, 91, 93, 5, 65};
    uint32_t noise = 4711;

    for (uint32_t i = 0; i < EVENTS; i++) {
        ps_event *event = &events[i];

        event->tick = i * (uint64_t)LAST_TICK / EVENTS;
        event->channel = (uint16_t)(next_random(&noise) % 4);
        event->kind = (uint8_t)between(&noise, PS_EVENT_NOTE_OFF, PS_EVENT_PITCH_BEND);
        event->a = (uint8_t)between(&noise, 0, 127);
        event->b = (uint8_t)between(&noise, 1, 127);
        if (i % 3 == 0)
            event->kind = PS_EVENT_NOTE_ON;
        if (!tame)
            continue;
        if (event->kind == PS_EVENT_CONTROL)
            event->a = controls[next_random(&noise) % sizeof controls];
        if (event->kind == PS_EVENT_NOTE_ON || event->kind == PS_EVENT_NOTE_OFF)
            event->a = (uint8_t)(40 + event->a % 40);
    }
}

static void compose_pieces(void)
{
    piece *const pieces[] = {&plain_piece, &dry_piece, &hostile_piece};

    for (size_t i = 0; i < 3; i++) {
        sf2_builder b;

        sf2_init(&b);
        if (pieces[i] == &hostile_piece)
            build_hostile_bank(&b);
        else
            build_plain_bank(&b, pieces[i] == &plain_piece);
        pieces[i]->bank_data = sf2_build(&b, &pieces[i]->bank_bytes);
        sf2_clear(&b);
        compose(pieces[i]->events, pieces[i] != &hostile_piece);
        pieces[i]->options = ps_performance_defaults();
        pieces[i]->options.synth.rate_hz = RATE_HZ;
        pieces[i]->options.synth.polyphony = 40; /* so that notes are stolen */
        pieces[i]->options.tail_sec = 0.4;
    }
    dry_piece.options.synth.reverb_gain = dry_piece.options.synth.chorus_gain = 0.0;
}

static ps_status make_performance(sounding *s, const piece *played)
{
    ps_soundfont_options bank_options = {0};
    ps_score_options score_options = {0};
    ps_bank_choice choice = {0};
    ps_status status;

    bank_options.allocator = score_options.allocator = s->allocator;
    status =
        ps_soundfont_open(&s->bank, played->bank_data, played->bank_bytes, &bank_options, NULL);
    if (status == PS_OK)
        status = ps_score_build(&s->score, played->events, EVENTS, 500, &score_options, NULL);
    if (status != PS_OK)
        return status;
    choice.bank = s->bank;
    return ps_performance_create(&s->source, s->engine, s->score, &choice, 1, &played->options,
                                 NULL);
}

static ps_status make_plain_performance(sounding *s)
{
    return make_performance(s, &plain_piece);
}

static ps_status make_dry_performance(sounding *s)
{
    return make_performance(s, &dry_piece);
}

static ps_status make_hostile_performance(sounding *s)
{
    return make_performance(s, &hostile_piece);
}

/* A note that is dead before the piece is too long for these tests. */
static const uint8_t midi_clip[] = {'M', 'T',  'h',  'd', 0,   0,    0,    6,    0, 0,    0,
                                    1,   0,    96,   'M', 'T', 'r',  'k',  0,    0, 0,    20,
                                    0,   0xb0, 91,   0,   0,   0xb0, 93,   0,    0, 0x90, 60,
                                    100, 96,   0x80, 60,  0,   0,    0xff, 0x2f, 0};

static ps_status make_midi_clip(sounding *s)
{
    const ps_soundfont_options bank_options = {.allocator = s->allocator};
    ps_media_options options = {.engine = s->engine, .banks = &s->choice, .bank_count = 1};
    ps_track_media lent;
    ps_status status =
        ps_soundfont_open(&s->bank, dry_piece.bank_data, dry_piece.bank_bytes, &bank_options, NULL);

    if (status != PS_OK)
        return status;
    s->choice.bank = s->bank;
    status = ps_media_create(&s->media, &options, NULL);
    if (status != PS_OK)
        return status;
    make_file("clip.mid", midi_clip, sizeof midi_clip);
    lent = ps_media_lend(s->media);
    return lent.open(lent.user, "clip.mid", RATE_HZ, &s->source, NULL);
}

/* ---- Tracks ---------------------------------------------------------------------------------- */

/* Every way a voice is made: closed forms, sums, filters that need the future, echoes; fades over
   each other; noise below, a clip of pushed samples above. */
static const char *const plain_track =
    "{\"global\": {\"sample_rate\": 44100, \"crossfade_duration\": 0.2},"
    " \"background_noise\": {\"params\": {\"noise_type\": \"brown\", \"sweeps\": [{}]},"
    "  \"amp\": 0.2, \"fade_in\": 0.1, \"amp_envelope\": [[0.2, 1], [0.5, 0.3]]},"
    " \"progression\": [{\"duration\": 0.7, \"voices\": ["
    "  {\"synth_function_name\": \"binaural_beat\", \"params\": {\"ampL\": 0.4,"
    "   \"flangeEnable\": true, \"flangeLoopHpfHz\": 50, \"freqOscRangeL\": 4, \"freqOscFreqL\": "
    "2}},"
    "  {\"synth_function_name\": \"isochronic_tone\", \"params\": {\"harmonicSuppression\": true,"
    "   \"spatialEnable\": true}},"
    "  {\"synth_function_name\": \"generate_swept_notch_pink_sound\", \"params\": {\"amp\": "
    "0.1}}]},"
    " {\"duration\": 0.7, \"voices\": ["
    "  {\"synth_function_name\": \"qam_beat\", \"is_transition\": true,"
    "   \"params\": {\"startBaseFreqL\": 200, \"endBaseFreqL\": 230, \"crossModDepth\": 0.3,"
    "    \"crossModDelay\": 0.01, \"transition_curve\": \"alpha**3\"}},"
    "  {\"synth_function_name\": \"spatial_angle_modulation\", \"params\": {\"beatFreq\": 2}},"
    "  {\"synth_function_name\": \"wave_shape_stereo_am\", \"is_transition\": true,"
    "   \"volume_envelope\": {\"type\": \"adsr\", \"params\": {\"attack\": 0.1}}}]}],"
    " \"overlay_clips\": [{\"start\": 0.1}]}";

/* Nothing in it is of a size that anyone can mean. */
static const char *const hostile_track =
    "{\"global\": {\"sample_rate\": 44100, \"crossfade_duration\": 1e9},"
    " \"background_noise\": {\"params\": {\"sweeps\": [{\"start_min\": -1e300, \"start_max\": "
    "1e300,"
    "  \"start_q\": 0, \"start_casc\": 1e9}], \"lfo_freq\": 1e300}, \"amp\": 1e3},"
    " \"progression\": [{\"duration\": 0.5, \"voices\": ["
    "  {\"synth_function_name\": \"binaural_beat\", \"is_transition\": true, \"params\": {"
    "   \"startAmpL\": 1e300, \"endAmpL\": -1e300, \"startBaseFreq\": 1e300, "
    "\"startFreqOscRangeL\": 1e300,"
    "   \"transition_curve\": \"1e300*alpha**-99\", \"flangeEnable\": true, \"flangeFeedback\": "
    "1e300,"
    "   \"flangeLoopHpfHz\": 100}},"
    "  {\"synth_function_name\": \"isochronic_tone\", \"params\": {\"beatFreq\": 1e300,"
    "   \"rampPercent\": -1e300, \"spatialEnable\": true, \"spatialRolloff\": 1e300,"
    "   \"spatialTrajectory\": [{\"seconds\": 1e300, \"speed_deg_per_s\": 1e300, \"distance_m\": "
    "-1e300}]}},"
    "  {\"synth_function_name\": \"qam_beat\", \"params\": {\"modShapeL\": -1e-300, \"ampR\": 1e38,"
    "   \"harmonicRatio\": 1e300, \"crossModDepth\": 1e300, \"crossModDelay\": 0.1}},"
    "  {\"synth_function_name\": \"rhythmic_waveshaping\", \"params\": {\"shapeAmount\": 1e300,"
    "   \"carrierFreq\": 1e300, \"modDepth\": 1e300}}]}]}";

static ps_status make_track(sounding *s, const char *text, const ps_track_options *options)
{
    ps_track_file *file = NULL;
    ps_status status = ps_track_file_read(&file, text, strlen(text), NULL, NULL, NULL);

    if (status == PS_OK)
        status =
            ps_track_source_create(&s->source, s->engine, ps_track_file_track(file), options, NULL);
    ps_track_file_close(file);
    return status;
}

static ps_status make_plain_track(sounding *s)
{
    return make_track(s, plain_track, NULL);
}

static ps_status make_live_track(sounding *s)
{
    const ps_track_options options = {.live = true};

    return make_track(s, plain_track, &options);
}

static ps_status make_reference_track(sounding *s)
{
    const ps_track_options options = {.reference = true};

    return make_track(s, plain_track, &options);
}

static ps_status make_hostile_track(sounding *s)
{
    return make_track(s, hostile_track, NULL);
}

static ps_status make_hostile_reference_track(sounding *s)
{
    const ps_track_options options = {.reference = true};

    return make_track(s, hostile_track, &options);
}

static const source_row rows[] = {
    {"memory", make_memory, true, false},
    {"hostile memory", make_hostile_memory, true, false},
    {"mix", make_mix, true, false},
    {"effects", make_effects, false, false},
    {"late effects", make_late_effects, false, false},
    {"hostile effects", make_hostile_effects, false, false},
    {"WAV file", make_wav, true, true},
    {"hostile WAV file", make_hostile_wav, true, true},
    {"resampled file", make_resampled_wav, true, false},
    {"FLAC file", make_flac, true, true},
    {"Ogg file", make_ogg, true, true},
    {"MP3 file", make_mp3, true, true},
    {"performance", make_plain_performance, false, false},
    /* Only filter, reverb and chorus forget: without them a seek is exact. */
    {"dry performance", make_dry_performance, true, false},
    {"hostile performance", make_hostile_performance, false, false},
    {"MIDI clip", make_midi_clip, false, false},
    /* Not live, it makes the players of a step where the step begins. */
    {"track", make_plain_track, true, true},
    {"live track", make_live_track, true, false},
    {"reference track", make_reference_track, true, false},
    {"hostile track", make_hostile_track, true, true},
    {"hostile reference track", make_hostile_reference_track, true, false},
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

static void end(sounding *s)
{
    ps_source_destroy(s->source);
    ps_media_destroy(s->media);
    ps_score_destroy(s->score);
    ps_soundfont_destroy(s->bank);
    ps_engine_destroy(s->engine);
    ps_threads_destroy(s->threads);
}

/* threads 0: an engine without workers. Leaves nothing behind when it fails. */
static ps_status try_to_begin(sounding *s, const source_row *row, const ps_allocator *allocator,
                              uint32_t threads)
{
    ps_engine_options options = {0};
    ps_status status;

    memset(s, 0, sizeof *s);
    s->allocator = allocator;
    options.allocator = allocator;
    if (threads > 0) {
        status = ps_threads_create(&s->threads, threads, NULL);
        if (status != PS_OK)
            return status;
        options.workers = ps_threads_workers(s->threads);
    }
    status = ps_engine_create(&s->engine, &options, NULL);
    if (status == PS_OK)
        status = row->make(s);
    if (status == PS_OK)
        status = ps_source_prepare(s->source, 0);
    if (status != PS_OK)
        end(s);
    return status;
}

static sounding begin(const source_row *row, uint32_t threads)
{
    sounding s;
    const ps_status status = try_to_begin(&s, row, NULL, threads);

    if (status != PS_OK)
        fail_msg("%s: cannot be made: %s", row->name, ps_status_text(status));
    return s;
}

/* ---- Recordings ------------------------------------------------------------------------------ */

typedef struct recording {
    float left[MOST_FRAMES + MOST_BLOCK], right[MOST_FRAMES + MOST_BLOCK];
    uint32_t frames;
} recording;

static recording first, second;
static bool memory_is_short; /* what was to be made while pulling is missing then */

/* The size of the next block: `size`, or with 0 a mixture of all sizes. */
static uint32_t next_size(uint32_t size, uint32_t *mixture)
{
    if (size > 0)
        return size;
    return next_random(mixture) % 2 == 0 ? 1 + next_random(mixture) % 100
                                         : 1 + next_random(mixture) % MOST_BLOCK;
}

/* Pulls to the end; checks what every pull promises. */
static void record(const source_row *row, ps_source *source, uint32_t size, recording *r)
{
    uint32_t mixture = 12345, asked, got;

    r->frames = 0;
    do {
        const uint64_t position = ps_source_position(source);

        asked = next_size(size, &mixture);
        got = ps_source_pull(source, (ps_block){r->left + r->frames, r->right + r->frames, asked});
        if (got > asked || ps_source_position(source) != position + got)
            fail_msg("%s: a pull of %u gave %u", row->name, asked, got);
        for (uint32_t i = got; i < asked; i++)
            if (r->left[r->frames + i] != 0.0f || r->right[r->frames + i] != 0.0f)
                fail_msg("%s: the rest of the last block is not silent", row->name);
        r->frames += got;
        if (r->frames > MOST_FRAMES)
            fail_msg("%s: does not end", row->name);
    } while (got == asked);
    if (ps_source_pull(source, (ps_block){r->left + r->frames, r->right + r->frames, 64}) != 0)
        fail_msg("%s: goes on after its end", row->name);
    if (ps_source_late_frames(source) != 0 && !memory_is_short)
        fail_msg("%s: came too late", row->name);
}

static void same(const source_row *row, const recording *a, const recording *b, const char *words)
{
    if (a->frames != b->frames)
        fail_msg("%s: %s: %u frames and %u", row->name, words, a->frames, b->frames);
    for (uint32_t i = 0; i < a->frames; i++)
        if (memcmp(&a->left[i], &b->left[i], sizeof a->left[i]) != 0 ||
            memcmp(&a->right[i], &b->right[i], sizeof a->right[i]) != 0)
            fail_msg("%s: %s: frame %u is (%.9g, %.9g) and (%.9g, %.9g)", row->name, words, i,
                     (double)a->left[i], (double)a->right[i], (double)b->left[i],
                     (double)b->right[i]);
}

static void play(const source_row *row, uint32_t threads, uint32_t size, recording *r)
{
    sounding s = begin(row, threads);

    record(row, s.source, size, r);
    end(&s);
}

/* ---- The properties -------------------------------------------------------------------------- */

static void a_source_sounds_and_keeps_its_length(void **state)
{
    (void)state;
    for (const source_row *row = rows; row < rows + ROW_COUNT; row++) {
        sounding s = begin(row, 0);
        const ps_length length = ps_source_length(s.source);
        bool sounds = false;

        record(row, s.source, 1024, &first);
        for (uint32_t i = 0; i < first.frames; i++)
            sounds = sounds || first.left[i] != 0.0f || first.right[i] != 0.0f;
        if (!sounds)
            fail_msg("%s: is silent", row->name);
        if (length.kind == PS_LENGTH_ENDLESS || first.frames > length.frames ||
            (length.kind == PS_LENGTH_KNOWN && first.frames != length.frames))
            fail_msg("%s: said %llu frames and gave %u", row->name,
                     (unsigned long long)length.frames, first.frames);
        end(&s);
    }
}

static void the_block_size_is_not_audible(void **state)
{
    const uint32_t sizes[] = {1, 2, 3, 7, 63, 64, 65, 100, 127, 128, 129, 512, 1000, 4095, 8192, 0};

    (void)state;
    for (const source_row *row = rows; row < rows + ROW_COUNT; row++) {
        play(row, 0, 4096, &first);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            char words[64];

            snprintf(words, sizeof words, "blocks of 4096 and of %u (0: mixed)", sizes[i]);
            play(row, 0, sizes[i], &second);
            same(row, &first, &second, words);
        }
    }
}

/* What a player pulls in small blocks, and what a file holds that was written from large ones. */
static void streaming_equals_rendering(void **state)
{
    ps_audio_writer_options options = ps_audio_writer_defaults();

    (void)state;
    options.container = PS_CONTAINER_WAV;
    options.samples = PS_SAMPLE_FLOAT32;
    for (const source_row *row = rows; row < rows + ROW_COUNT; row++) {
        ps_audio_writer *writer = NULL;
        ps_source *written = NULL;

        play(row, 2, 4096, &first);
        assert_int_equal(ps_audio_writer_open(&writer, "written.wav", &options, NULL), PS_OK);
        assert_int_equal(
            ps_audio_writer_write(writer, (ps_block){first.left, first.right, first.frames}, NULL),
            PS_OK);
        assert_int_equal(ps_audio_writer_finish(writer, NULL), PS_OK);
        ps_audio_writer_close(writer);
        assert_int_equal(ps_audio_file_source(&written, "written.wav", 0.0, NULL), PS_OK);
        record(row, written, 1000, &first);
        ps_source_destroy(written);
        play(row, 0, 128, &second);
        same(row, &first, &second, "the file and the stream");
    }
}

static void the_first_frame_can_always_be_sought(void **state)
{
    (void)state;
    for (const source_row *row = rows; row < rows + ROW_COUNT; row++) {
        sounding s = begin(row, 0);

        record(row, s.source, 512, &first);
        for (uint32_t played = 0; played < 3; played++) {
            assert_int_equal(ps_source_seek(s.source, 0), PS_OK);
            assert_int_equal(ps_source_position(s.source), 0);
            record(row, s.source, 512, &second);
            same(row, &first, &second, "playing again");
            assert_int_equal(ps_source_seek(s.source, 0), PS_OK);
            ps_source_pull(s.source, (ps_block){second.left, second.right, 1000 * (1 + played)});
        }
        end(&s);
    }
}

/* From `frame` on, exactly what playing from the start gave there. */
static void continues_as_recorded(const source_row *row, ps_source *source, uint32_t frame)
{
    const uint32_t left = frame < first.frames ? first.frames - frame : 0;

    record(row, source, 0, &second);
    if (second.frames != left ||
        memcmp(second.left, first.left + frame, left * sizeof(float)) != 0 ||
        memcmp(second.right, first.right + frame, left * sizeof(float)) != 0)
        fail_msg("%s: from frame %u on it differs", row->name, frame);
}

static void seeking_lands_where_it_was_asked_to(void **state)
{
    (void)state;
    for (const source_row *row = rows; row < rows + ROW_COUNT; row++) {
        sounding s = begin(row, 0);
        const uint32_t most = (uint32_t)ps_source_length(s.source).frames;

        record(row, s.source, 512, &first);
        for (uint32_t frame = 0; frame < most + 2000; frame += 997) {
            assert_int_equal(ps_source_seek(s.source, frame), PS_OK);
            assert_int_equal(ps_source_position(s.source), frame);
            if (row->seeks_exactly)
                continues_as_recorded(row, s.source, frame);
            else if (frame >= most)
                assert_int_equal(
                    ps_source_pull(s.source, (ps_block){second.left, second.right, 100}), 0);
        }
        end(&s);
    }
}

static void threads_are_not_audible(void **state)
{
    const uint32_t threads[] = {1, 2, 4}, sizes[] = {64, 8192, 0};

    (void)state;
    for (const source_row *row = rows; row < rows + ROW_COUNT; row++) {
        play(row, 0, 8192, &first);
        for (size_t t = 0; t < 3; t++) {
            for (size_t i = 0; i < 3; i++) {
                char words[64];

                snprintf(words, sizeof words, "no workers and %u, blocks of %u", threads[t],
                         sizes[i]);
                play(row, threads[t], sizes[i], &second);
                same(row, &first, &second, words);
            }
        }
    }
}

/* Also when both play at the same time, and in turns. */
static void two_of_a_kind_give_the_same_samples(void **state)
{
    (void)state;
    for (const source_row *row = rows; row < rows + ROW_COUNT; row++) {
        sounding a = begin(row, 0), b = begin(row, 0);
        uint32_t got;

        first.frames = second.frames = 0;
        do {
            got = ps_source_pull(
                a.source, (ps_block){first.left + first.frames, first.right + first.frames, 300});
            first.frames += got;
            second.frames +=
                ps_source_pull(b.source, (ps_block){second.left + second.frames,
                                                    second.right + second.frames, 300});
        } while (got == 300);
        same(row, &first, &second, "in turns");
        end(&a);
        end(&b);
    }
}

static void no_allocation_and_no_lock_while_pulling(void **state)
{
    (void)state;
    if (!HEAP_WATCHED) {
        print_message("a sanitizer, or another C library than glibc, has the heap\n");
        skip();
    }
    for (const source_row *row = rows; row < rows + ROW_COUNT; row++) {
        sounding s;
        long heap, locks;

        if (row->reads_a_file)
            continue;
        s = begin(row, 0);
        heap = heap_calls;
        locks = lock_calls;
        record(row, s.source, 0, &first);
        if (heap_calls != heap || lock_calls != locks)
            fail_msg("%s: %ld allocations, %ld locks", row->name, (long)heap_calls - heap,
                     (long)lock_calls - locks);
        end(&s);
    }
}

#ifdef __linux__

/* Pulls to the end where any system call but read, write and _exit kills. Returns the status. */
static int pull_without_the_system(const source_row *row)
{
    sounding s = begin(row, 0);
    int status = 0;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0) != 0)
            _exit(77);
        while (ps_source_pull(s.source, (ps_block){first.left, first.right, 500}) == 500)
            continue;
        syscall(SYS_exit, 0);
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    end(&s);
    return status;
}

#endif

static void no_system_call_while_pulling(void **state)
{
    (void)state;
#ifdef __linux__
    if (!HEAP_WATCHED) {
        print_message("a sanitizer calls the system itself\n");
        skip();
    }
    for (const source_row *row = rows; row < rows + ROW_COUNT; row++) {
        int status;

        if (row->reads_a_file)
            continue;
        status = pull_without_the_system(row);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
            print_message("this system does not let a process forbid itself system calls\n");
            skip();
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            fail_msg("%s: called the system while it was pulled", row->name);
    }
#else
    print_message("only Linux can forbid system calls\n");
    skip();
#endif
}

/* The n-th allocation of the caller's allocator fails, for every n. */
static void walk_allocations(const source_row *row, uint32_t threads)
{
    ps_status status = PS_NO_MEMORY;

    /* Tracks take many; test_track_source.c walks them one by one. */
    for (long allowed = 0; status != PS_OK; allowed += allowed < 60 ? 1 : 17) {
        failing_allocator f;
        sounding s;

        failing_init(&f, allowed);
        status = try_to_begin(&s, row, &f.base, threads);
        if (status == PS_OK) {
            memory_is_short = f.allowed >= 0;
            record(row, s.source, 1000, &first);
            memory_is_short = false;
            if (f.asked > allowed && !row->reads_a_file)
                fail_msg("%s: takes memory while it is pulled", row->name);
            /* One that makes something while it is pulled is walked on until it has enough. */
            if (f.asked > allowed)
                status = PS_NO_MEMORY;
            end(&s);
        }
        if (f.live != 0 || (status != PS_OK && status != PS_NO_MEMORY))
            fail_msg("%s: %ld allocations: %ld kept, %s", row->name, allowed, f.live,
                     ps_status_text(status));
    }
}

/* The same of the C library, which is where edges take from. */
static void walk_heap(const source_row *row)
{
    ps_status status = PS_NO_MEMORY;

    for (long allowed = 0; status != PS_OK; allowed++) {
        sounding s;

        heap_allowed = allowed;
        status = try_to_begin(&s, row, NULL, 0);
        heap_allowed = -1;
        if (status == PS_OK)
            end(&s);
        else if (status != PS_NO_MEMORY)
            fail_msg("%s: %ld allocations: %s", row->name, allowed, ps_status_text(status));
    }
}

static void a_failing_allocation_gives_everything_back(void **state)
{
    (void)state;
    for (const source_row *row = rows; row < rows + ROW_COUNT; row++) {
        walk_allocations(row, 0);
        walk_allocations(row, 2);
        walk_heap(row);
    }
}

static void only_normal_numbers_come_out(void **state)
{
    (void)state;
    for (const source_row *row = rows; row < rows + ROW_COUNT; row++) {
        for (uint32_t threads = 0; threads < 3; threads += 2) {
            play(row, threads, 0, &first);
            for (uint32_t i = 0; i < first.frames; i++)
                if ((first.left[i] != 0.0f && !isnormal(first.left[i])) ||
                    (first.right[i] != 0.0f && !isnormal(first.right[i])))
                    fail_msg("%s: frame %u is (%g, %g)", row->name, i, (double)first.left[i],
                             (double)first.right[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_sounds_and_keeps_its_length),
        cmocka_unit_test(the_block_size_is_not_audible),
        cmocka_unit_test(streaming_equals_rendering),
        cmocka_unit_test(the_first_frame_can_always_be_sought),
        cmocka_unit_test(seeking_lands_where_it_was_asked_to),
        cmocka_unit_test(threads_are_not_audible),
        cmocka_unit_test(two_of_a_kind_give_the_same_samples),
        cmocka_unit_test(no_allocation_and_no_lock_while_pulling),
        cmocka_unit_test(no_system_call_while_pulling),
        cmocka_unit_test(a_failing_allocation_gives_everything_back),
        cmocka_unit_test(only_normal_numbers_come_out),
    };

    fill_waves();
    compose_pieces();
    return cmocka_run_group_tests(tests, write_files, out_of_folder);
}
