/*
 * What the comparison with another synthesizer needs: a MIDI file taken apart into channels, a
 * render of one with the effects off, and the measures of any stereo audio: loudness and octave
 * bands. Uses the public headers only.
 *
 *   compare_audio channels MIDI START END FOLDER   writes FOLDER/NN.mid for every channel with
 *                                                  notes, on FluidSynth's raster of time; prints
 *                                                  "channel program:notes ..."
 *   compare_audio render BANK MIDI SECONDS GAIN    a measure of our render
 *   compare_audio measure WAV SECONDS              a measure of a file
 *
 * Past its end a source is silent, so that both are measured over the same time. A measure is one
 * line: loudness in LUFS, sample peak in dBFS, then the level in dB of the octaves around 63, 125,
 * ... 8000 Hz (mean square of both channels, Hann windows of 8192 frames, half overlapping).
 */
#include <complex.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plainsong/plainsong.h"

#define PI            3.14159265358979323846
#define RATE_HZ       44100
#define WINDOW_FRAMES 8192u
#define PULL_FRAMES   4096u
#define BANDS         8u
#define J             ((double complex)I) /* the library's I is a float */

static void check(ps_status status, const ps_error *err)
{
    if (status == PS_OK)
        return;
    fprintf(stderr, "compare_audio: %s\n", err->text[0] ? err->text : ps_status_text(status));
    exit(1);
}

static void *need(size_t count, size_t size_bytes)
{
    void *memory = calloc(count, size_bytes);

    if (!memory) {
        fputs("compare_audio: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

/* ---- Octave bands ---------------------------------------------------------------------------- */

typedef struct bands {
    float history[2][WINDOW_FRAMES]; /* the window being filled */
    uint32_t filled;
    uint64_t windows;
    double power[BANDS]; /* sum over windows and channels */
    double hann[WINDOW_FRAMES];
    double complex turns[WINDOW_FRAMES / 2]; /* of the unit circle, for the transform */
} bands;

static bands *make_bands(void)
{
    bands *b = need(1, sizeof *b);

    for (uint32_t i = 0; i < WINDOW_FRAMES; i++)
        b->hann[i] = 0.5 - 0.5 * cos(2.0 * PI * i / WINDOW_FRAMES);
    for (uint32_t i = 0; i < WINDOW_FRAMES / 2; i++)
        b->turns[i] = cexp(-2.0 * J * PI * i / WINDOW_FRAMES);
    return b;
}

/* Recursive radix-2: plain, and quick enough here. `out` takes every `step`-th of `in`. */
static void fft(const double complex *turns, const double complex *in, double complex *out,
                uint32_t count, uint32_t step)
{
    if (count == 1) {
        out[0] = in[0];
        return;
    }
    fft(turns, in, out, count / 2, 2 * step);
    fft(turns, in + step, out + count / 2, count / 2, 2 * step);
    for (uint32_t k = 0; k < count / 2; k++) {
        const double complex odd = turns[k * step] * out[k + count / 2];
        const double complex even = out[k];

        out[k] = even + odd;
        out[k + count / 2] = even - odd;
    }
}

/* The octave a bin lies in, or BANDS. */
static uint32_t band_of(uint32_t bin)
{
    const double octaves = log2((double)bin * RATE_HZ / WINDOW_FRAMES / 62.5) + 0.5;

    return octaves < 0.0 || octaves >= BANDS ? BANDS : (uint32_t)octaves;
}

/* Both channels in one transform: left is the real part, right the imaginary one. */
static void add_window(bands *b)
{
    static double complex in[WINDOW_FRAMES], out[WINDOW_FRAMES];
    const double scale = 8.0 / 3.0 / ((double)WINDOW_FRAMES * WINDOW_FRAMES);

    for (uint32_t i = 0; i < WINDOW_FRAMES; i++)
        in[i] = b->hann[i] * ((double)b->history[0][i] + J * (double)b->history[1][i]);
    fft(b->turns, in, out, WINDOW_FRAMES, 1);
    for (uint32_t bin = 1; bin < WINDOW_FRAMES / 2; bin++) {
        const double complex low = out[bin], high = conj(out[WINDOW_FRAMES - bin]);
        const double left = cabs(low + high) / 2.0, right = cabs(low - high) / 2.0;
        const uint32_t band = band_of(bin);

        if (band < BANDS)
            b->power[band] += scale * (left * left + right * right);
    }
    b->windows++;
}

/* Windows overlap by half. */
static void add_to_bands(bands *b, ps_block block)
{
    for (uint32_t i = 0; i < block.frames; i++) {
        b->history[0][b->filled] = block.left[i];
        b->history[1][b->filled] = block.right[i];
        if (++b->filled == WINDOW_FRAMES) {
            add_window(b);
            for (uint32_t c = 0; c < 2; c++)
                memmove(b->history[c], b->history[c] + WINDOW_FRAMES / 2,
                        WINDOW_FRAMES / 2 * sizeof(float));
            b->filled = WINDOW_FRAMES / 2;
        }
    }
}

static double decibel(double power)
{
    return power > 1e-20 ? 10.0 * log10(power) : -200.0;
}

/* ---- Measuring a source ---------------------------------------------------------------------- */

static void measure(ps_engine *engine, ps_source *source, uint64_t most_frames)
{
    static float left[PULL_FRAMES], right[PULL_FRAMES];
    bands *b = make_bands();
    ps_meter *meter = NULL;
    ps_error err = {0};
    ps_levels levels;
    uint64_t done = 0;

    check(ps_meter_create(&meter, engine, RATE_HZ, PS_MEASURE_ALL, &err), &err);
    while (done < most_frames) {
        ps_block block = {left, right, PULL_FRAMES};

        ps_source_pull(source, block);
        if (most_frames - done < PULL_FRAMES)
            block.frames = (uint32_t)(most_frames - done);
        ps_meter_add(meter, block);
        add_to_bands(b, block);
        done += block.frames;
    }
    ps_meter_read(meter, &levels);
    printf("%.3f %.2f", levels.integrated_lufs, 2.0 * decibel(levels.peak));
    for (uint32_t i = 0; i < BANDS; i++)
        printf(" %.2f", decibel(b->power[i] / (double)(b->windows ? b->windows : 1)));
    printf("\n");
    ps_meter_destroy(meter);
    free(b);
}

static void measure_file(const char *path, double seconds)
{
    ps_engine *engine = NULL;
    ps_source *source = NULL;
    ps_error err = {0};

    check(ps_engine_create(&engine, NULL, &err), &err);
    check(ps_audio_file_source(&source, path, 0.0, &err), &err);
    measure(engine, source, (uint64_t)(seconds * RATE_HZ));
    ps_source_destroy(source);
    ps_engine_destroy(engine);
}

/* ---- Our render ------------------------------------------------------------------------------ */

static ps_score *read_score(const char *path)
{
    ps_score *score = NULL;
    ps_file *file = NULL;
    ps_error err = {0};
    const uint8_t *bytes;
    size_t size_bytes;

    check(ps_file_map(&file, path, &err), &err);
    bytes = ps_file_bytes(file, &size_bytes);
    check(ps_score_read(&score, bytes, size_bytes, NULL, &err), &err);
    ps_file_close(file);
    return score;
}

static void measure_render(const char *bank_path, const char *midi, double seconds, double gain)
{
    ps_performance_options options = ps_performance_defaults();
    ps_bank_choice choice = {NULL, 0};
    ps_soundfont_file *bank = NULL;
    ps_score *score = read_score(midi);
    ps_engine *engine = NULL;
    ps_source *source = NULL;
    ps_error err = {0};

    options.synth.rate_hz = RATE_HZ;
    options.synth.reverb_gain = options.synth.chorus_gain = 0.0;
    options.synth.gain = gain;
    check(ps_engine_create(&engine, NULL, &err), &err);
    check(ps_soundfont_file_open(&bank, bank_path, false, NULL, &err), &err);
    choice.bank = ps_soundfont_file_bank(bank);
    check(ps_performance_create(&source, engine, score, &choice, 1, &options, &err), &err);
    measure(engine, source, (uint64_t)(seconds * RATE_HZ));
    ps_source_destroy(source);
    ps_soundfont_file_close(bank);
    ps_score_destroy(score);
    ps_engine_destroy(engine);
}

/* ---- Taking a file apart --------------------------------------------------------------------- */

/* Program numbers that notes of the channel play, and how many notes: "0 0:12 48:3". */
static size_t print_programs(const ps_score *score, uint32_t channel)
{
    size_t count, total = 0, notes[128] = {0};
    const ps_event *events = ps_score_events(score, &count);
    uint32_t program = 0;

    for (size_t i = 0; i < count; i++) {
        if (events[i].channel != channel)
            continue;
        if (events[i].kind == PS_EVENT_PROGRAM)
            program = events[i].a;
        if (events[i].kind == PS_EVENT_NOTE_ON) {
            notes[program]++;
            total++;
        }
    }
    if (total == 0)
        return 0;
    printf("%u", channel);
    for (uint32_t p = 0; p < 128; p++)
        if (notes[p])
            printf(" %u:%zu", p, notes[p]);
    printf("\n");
    return total;
}

/* A MIDI file of one track being written. */
typedef struct writer {
    FILE *file;
    uint64_t tick; /* of the last event */
} writer;

static void put_varlen(FILE *file, uint64_t value)
{
    for (int shift = 28; shift > 0; shift -= 7)
        if (value >> shift)
            fputc((int)(0x80 | (value >> shift & 0x7f)), file);
    fputc((int)(value & 0x7f), file);
}

static void put_u32(FILE *file, uint64_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        fputc((int)(value >> shift & 0xff), file);
}

static void put_event(writer *w, uint64_t tick, const ps_event *event)
{
    static const uint8_t statuses[] = {0x80, 0x90, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0};

    put_varlen(w->file, tick - w->tick);
    w->tick = tick;
    if (event->kind == PS_EVENT_SYSEX) {
        fputc(0xf0, w->file);
        put_varlen(w->file, event->data_bytes - 1);
        fwrite(event->data + 1, 1, event->data_bytes - 1, w->file);
        return;
    }
    fputc(statuses[event->kind] | event->channel, w->file);
    fputc(event->a, w->file);
    if (event->kind != PS_EVENT_PROGRAM && event->kind != PS_EVENT_CHANNEL_PRESSURE)
        fputc(event->b, w->file);
}

/* Controllers of which FluidSynth takes no notice: soft pedal, and the sound controllers of GM 2.
   What they do is tested elsewhere. */
static bool only_ours(const ps_event *event)
{
    return event->kind == PS_EVENT_CONTROL &&
           (event->a == 67 || (event->a >= 71 && event->a <= 78));
}

/* FluidSynth acts in whole blocks of 64 frames, by a clock of whole milliseconds; we act on the
   exact frame. So that overlapping notes beat alike, every event goes to the block it is nearest
   to, and there to the place in it from which FluidSynth surely takes it at the block's end: the
   first of its 8 ticks. A tick is 8 frames: 11025 a quarter note of two seconds. */
static void write_channel(const ps_score *score, uint32_t channel, const char *folder)
{
    static const char head[] = "MThd\0\0\0\6\0\0\0\1\x2b\x11MTrk\0\0\0\0"
                               "\0\xff\x51\3\x1e\x84\x80";
    size_t count;
    const ps_event *events = ps_score_events(score, &count);
    writer w = {0};
    char path[1024];

    snprintf(path, sizeof path, "%s/%02u.mid", folder, channel);
    w.file = fopen(path, "wb");
    if (!w.file) {
        fprintf(stderr, "compare_audio: cannot write %s\n", path);
        exit(1);
    }
    fwrite(head, 1, sizeof head - 1, w.file);
    for (size_t i = 0; i < count; i++) {
        const ps_event *event = events + i;
        const uint64_t block = (ps_score_frame(score, event->tick, RATE_HZ) + 32) / 64;
        const bool exclusive =
            event->kind == PS_EVENT_SYSEX && event->data_bytes > 1 && event->data[0] == 0xf0;

        if (exclusive ||
            (event->kind < PS_EVENT_SYSEX && event->channel == channel && !only_ours(event)))
            put_event(&w, 8 * block + 1, event);
    }
    fwrite("\0\xff\x2f\0", 1, 4, w.file);
    const long end = ftell(w.file);

    fseek(w.file, 18, SEEK_SET);
    put_u32(w.file, (uint64_t)end - 22);
    fclose(w.file);
}

static void take_apart(const char *midi, double start_sec, double end_sec, const char *folder)
{
    ps_score *whole = read_score(midi), *score = NULL;
    ps_error err = {0};

    check(ps_score_trim(&score, whole, start_sec, end_sec, NULL, &err), &err);
    for (uint32_t channel = 0; channel < 16; channel++)
        if (print_programs(score, channel))
            write_channel(score, channel, folder);
    ps_score_destroy(score);
    ps_score_destroy(whole);
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "channels") == 0)
        take_apart(argv[2], atof(argv[3]), atof(argv[4]), argv[5]);
    else if (argc == 6 && strcmp(argv[1], "render") == 0)
        measure_render(argv[2], argv[3], atof(argv[4]), atof(argv[5]));
    else if (argc == 4 && strcmp(argv[1], "measure") == 0)
        measure_file(argv[2], atof(argv[3]));
    else
        return fputs("usage: compare_audio channels|render|measure ...\n", stderr), 2;
    return 0;
}
