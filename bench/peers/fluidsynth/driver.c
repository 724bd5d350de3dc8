/*
 * Renders a MIDI file with libfluidsynth, as a plain user of it would: the player driven by the
 * samples, 64 frames at a time, into memory. Prints what was rendered as one line of JSON.
 *
 *   driver [--seconds S] [--no-effects] [--interpolation 0|1|4|7] [--polyphony N] [--gain G]
 *          [--rate HZ] [--dynamic] [--wav FILE] SOUNDFONT MIDI
 *
 * --seconds S renders exactly S seconds (0: everything is loaded, nothing rendered). Without it the
 * player's end decides, plus two seconds, and an hour ends a file whose notes never do.
 */
#include <fluidsynth.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { BLOCK_FRAMES = 64, TAIL_SEC = 2, LONGEST_SEC = 3600, WAV_HEADER_BYTES = 44 };

typedef struct request {
    double seconds; /* negative: to the end */
    bool effects, dynamic;
    int interpolation, polyphony, rate_hz;
    double gain;
    const char *wav, *bank, *midi;
} request;

typedef struct result {
    uint64_t frames, voice_frames;
    int peak_voices;
    float peak;
} result;

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "fluidsynth driver: %s%s\n", what, name);
    exit(1);
}

static double cpu_sec(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/* 32-bit float stereo; written again at the end, when the length is known. */
static void write_wav_header(FILE *file, uint32_t rate_hz, uint64_t frames)
{
    uint8_t header[WAV_HEADER_BYTES] = "RIFF....WAVEfmt \x10\0\0\0\3\0\2\0........\x08\0\x20\0data";

    put_u32(header + 4, (uint32_t)(36 + frames * 8));
    put_u32(header + 24, rate_hz);
    put_u32(header + 28, rate_hz * 8);
    put_u32(header + 40, (uint32_t)(frames * 8));
    rewind(file);
    fwrite(header, 1, sizeof header, file);
}

static request read_options(int argc, char **argv)
{
    request r = {-1.0, true, false, 4, 256, 44100, 0.2, NULL, NULL, NULL};
    int i = 1;

    for (; i < argc && argv[i][0] == '-'; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";

        if (strcmp(name, "--no-effects") == 0) {
            r.effects = false;
            continue;
        }
        if (strcmp(name, "--dynamic") == 0) {
            r.dynamic = true;
            continue;
        }
        if (strcmp(name, "--seconds") == 0)
            r.seconds = atof(value);
        else if (strcmp(name, "--interpolation") == 0)
            r.interpolation = atoi(value);
        else if (strcmp(name, "--polyphony") == 0)
            r.polyphony = atoi(value);
        else if (strcmp(name, "--gain") == 0)
            r.gain = atof(value);
        else if (strcmp(name, "--rate") == 0)
            r.rate_hz = atoi(value);
        else if (strcmp(name, "--wav") == 0)
            r.wav = value;
        else
            fail("unknown option ", name);
        i++;
    }
    if (argc - i != 2)
        fail("wanted: a SoundFont and a MIDI file", "");
    r.bank = argv[i];
    r.midi = argv[i + 1];
    return r;
}

static fluid_settings_t *make_settings(const request *r)
{
    fluid_settings_t *settings = new_fluid_settings();

    if (!settings)
        fail("no settings", "");
    fluid_settings_setnum(settings, "synth.sample-rate", r->rate_hz);
    fluid_settings_setnum(settings, "synth.gain", r->gain);
    fluid_settings_setint(settings, "synth.polyphony", r->polyphony);
    fluid_settings_setint(settings, "synth.reverb.active", r->effects);
    fluid_settings_setint(settings, "synth.chorus.active", r->effects);
    fluid_settings_setint(settings, "synth.dynamic-sample-loading", r->dynamic);
    fluid_settings_setint(settings, "synth.lock-memory", 0);
    fluid_settings_setstr(settings, "player.timing-source", "sample");
    return settings;
}

static result render(fluid_synth_t *synth, fluid_player_t *player, const request *r, FILE *wav)
{
    const uint64_t rate = (uint64_t)r->rate_hz;
    uint64_t wanted =
        r->seconds >= 0.0 ? (uint64_t)llround(r->seconds * r->rate_hz) : LONGEST_SEC * rate;
    bool ended = r->seconds >= 0.0;
    float samples[2 * BLOCK_FRAMES];
    result out = {0};

    while (out.frames < wanted) {
        const uint64_t left = wanted - out.frames;
        const int frames = left < BLOCK_FRAMES ? (int)left : BLOCK_FRAMES;
        const int voices = fluid_synth_get_active_voice_count(synth);

        if (fluid_synth_write_float(synth, frames, samples, 0, 2, samples, 1, 2) != FLUID_OK)
            fail("rendering failed", "");
        for (int i = 0; i < 2 * frames; i++)
            out.peak = fabsf(samples[i]) > out.peak ? fabsf(samples[i]) : out.peak;
        if (wav)
            fwrite(samples, 2 * sizeof(float), (size_t)frames, wav);
        out.frames += (uint64_t)frames;
        out.voice_frames += (uint64_t)voices * (uint64_t)frames;
        out.peak_voices = voices > out.peak_voices ? voices : out.peak_voices;
        if (!ended && fluid_player_get_status(player) != FLUID_PLAYER_PLAYING) {
            ended = true;
            wanted = out.frames + TAIL_SEC * rate < wanted ? out.frames + TAIL_SEC * rate : wanted;
        }
    }
    return out;
}

int main(int argc, char **argv)
{
    const request r = read_options(argc, argv);
    fluid_settings_t *settings = make_settings(&r);
    fluid_synth_t *synth = new_fluid_synth(settings);
    fluid_player_t *player = synth ? new_fluid_player(synth) : NULL;
    FILE *wav = r.wav ? fopen(r.wav, "wb") : NULL;
    double loaded_sec;
    result out;

    fluid_set_log_function(FLUID_WARN, NULL, NULL);
    if (!player)
        fail("no synthesizer", "");
    if (r.wav && !wav)
        fail("cannot write ", r.wav);
    if (fluid_synth_sfload(synth, r.bank, 1) == FLUID_FAILED)
        fail("cannot load ", r.bank);
    if (fluid_player_add(player, r.midi) != FLUID_OK)
        fail("cannot read ", r.midi);
    fluid_synth_set_interp_method(synth, -1, r.interpolation);
    fluid_player_play(player);
    loaded_sec = cpu_sec();
    if (wav)
        write_wav_header(wav, (uint32_t)r.rate_hz, 0);
    out = render(synth, player, &r, wav);
    if (wav) {
        write_wav_header(wav, (uint32_t)r.rate_hz, out.frames);
        if (fclose(wav))
            fail("cannot write ", r.wav);
    }
    printf("{\"version\": \"FluidSynth %s\", \"seconds\": %.3f, \"cpu_sec\": %.4f, "
           "\"load_cpu_sec\": %.4f, \"peak\": %.6f, \"peak_voices\": %d, \"voice_frames\": %llu}\n",
           fluid_version_str(), (double)out.frames / r.rate_hz, cpu_sec(), loaded_sec,
           (double)out.peak, out.peak_voices, (unsigned long long)out.voice_frames);
    delete_fluid_player(player);
    delete_fluid_synth(synth);
    delete_fluid_settings(settings);
    return 0;
}
