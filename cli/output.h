/*
 * What commands that write an audio file share: the options, and the request made of them. A
 * command's struct of values begins with an `output`, and its table takes the rows below.
 */
#ifndef PLAINSONG_CLI_OUTPUT_H
#define PLAINSONG_CLI_OUTPUT_H

#include "render.h"

typedef struct output {
    const char *output;
    int format;
    int64_t rate_hz;
    int bits;
    double quality;
    render_tags tags;
    bool no_dither, no_clobber, mono;

    cli_texts effects;
    bool reverb, master;
    const char *response; /* --ir */

    render_level level;
    double start_sec, duration_sec, tail_sec;
    double fade_in_sec, fade_out_sec;
    int64_t threads, seed;
    int gpu; /* ps_gpu_mode */
    bool json, verbose;
    int progress;

    /* made of the above by output_request; output_close gives them back */
    ps_chain *chain;
    ps_channel_effects channels[CLI_TEXTS_MOST];
    size_t channel_count;
    ps_tag tag_list[RENDER_TAGS_MOST];
    char path[256]; /* of the output, when none was given */
} output;

/* clang-format off */
#define OUTPUT_AT(field) offsetof(output, field)
#define OUTPUT_FILE_ROWS(output_words, rate_words) \
    {"output", 'o', "FILE", CLI_FILE, OUTPUT_AT(output), NULL, output_words}, \
    OUTPUT_FORM_ROWS("format, when the name does not tell", rate_words)

#define OUTPUT_FORM_ROWS(format_words, rate_words) \
    {"format", 'f', "auto|wav|aiff|flac|mp3|ogg|opus|raw", CLI_CHOICE, OUTPUT_AT(format), "auto", \
     format_words}, \
    {"rate", 'r', "HZ", CLI_INTEGER, OUTPUT_AT(rate_hz), NULL, \
     "frames per second, 8000..192000 (" rate_words ")", \
     .low = PS_RATE_MIN_HZ, .high = PS_RATE_MAX_HZ}, \
    {"bits", 'b', "auto|16|24|32|32f", CLI_CHOICE, OUTPUT_AT(bits), "auto", \
     "size of a sample; 32f is floating point; auto is 16, and 32f for raw"}, \
    {"quality", 0, "N", CLI_NUMBER, OUTPUT_AT(quality), NULL, \
     "0..10 for mp3, ogg and opus; 0..8, how hard to compress, for flac", .low = 0, .high = 10}, \
    {"mono", 0, NULL, CLI_FLAG, OUTPUT_AT(mono), NULL, "one channel, the mean of both"}, \
    {"no-dither", 0, NULL, CLI_FLAG, OUTPUT_AT(no_dither), NULL, "round to integers without dither"}, \
    {"tag", 't', "KEY=VALUE", CLI_CUSTOM, OUTPUT_AT(tags), NULL, \
     "title, artist, album, comment, date, genre, copyright, software or tracknumber;" \
     " may be repeated", .parse = render_parse_tag}, \
    {"no-clobber", 'n', NULL, CLI_FLAG, OUTPUT_AT(no_clobber), NULL, "do not replace an existing file"}

#define OUTPUT_EFFECT_ROWS(effect_words) \
    {"effects", 'e', "CHAIN", CLI_TEXTS, OUTPUT_AT(effects), NULL, effect_words}, \
    {"reverb", 0, NULL, CLI_FLAG, OUTPUT_AT(reverb), NULL, \
     "the old engine's room after them: convolver:old-room,wet=0.3"}, \
    {"ir", 0, "FILE", CLI_FILE, OUTPUT_AT(response), NULL, \
     "a room's impulse response after them, 30 % wet: an audio file of 1, 2 or 4 channels"}, \
    {"master", 0, NULL, CLI_FLAG, OUTPUT_AT(master), NULL, \
     "after all effects, an equalizer, a multiband compressor and a limiter that bring the piece" \
     " near a usual spectrum and to -14 LUFS, or what --level lufs:LUFS says"}

#define OUTPUT_LEVEL_ROW(words) \
    {"level", 'l', "LEVEL", CLI_CUSTOM, OUTPUT_AT(level), "auto", words, .parse = render_parse_level}

#define OUTPUT_SPAN_ROWS OUTPUT_SPAN_ROWS_WITH('d')

#define OUTPUT_SPAN_ROWS_WITH(duration_letter) \
    {"start", 0, "TIME", CLI_SECONDS, OUTPUT_AT(start_sec), "0", "leave out what comes before", \
     .low = 0, .high = 1e6}, \
    {"duration", duration_letter, "TIME", CLI_SECONDS, OUTPUT_AT(duration_sec), NULL, "stop after so long", \
     .low = 1e-4, .high = 1e6}

#define OUTPUT_FADE_ROWS \
    {"fade-in", 0, "TIME", CLI_SECONDS, OUTPUT_AT(fade_in_sec), "0", "fade in over so long", \
     .low = 0, .high = PS_RENDER_FADE_MAX_SEC}, \
    {"fade-out", 0, "TIME", CLI_SECONDS, OUTPUT_AT(fade_out_sec), "0", "fade out over so long", \
     .low = 0, .high = PS_RENDER_FADE_MAX_SEC}

#define OUTPUT_WORK_ROWS(seed_words) \
    {"threads", 'j', "N", CLI_INTEGER, OUTPUT_AT(threads), "0", "threads to use; 0: all there are", \
     .low = 0, .high = 256}, \
    {"gpu", 0, "auto|on|off", CLI_CHOICE, OUTPUT_AT(gpu), "auto", \
     "a GPU for convolutions and tracks: auto, where it is faster; on, for all it can do, by a" \
     " processor with OpenCL if there is no GPU; off, never"}, \
    {"seed", 0, "N", CLI_INTEGER, OUTPUT_AT(seed), "0", seed_words, .low = 0, .high = 9e15}

#define OUTPUT_REPORT_ROWS \
    {"progress", 0, "auto|json|none", CLI_CHOICE, OUTPUT_AT(progress), "auto", \
     "on standard error; auto: when it is a terminal"}, \
    {"verbose", 'v', NULL, CLI_FLAG, OUTPUT_AT(verbose), NULL, "say what the GPU did, too"}, \
    {"json", 0, NULL, CLI_FLAG, OUTPUT_AT(json), NULL, "print a report on standard output as JSON"}
/* clang-format on */

/*
 * Fills a request, which borrows from `o`; stems: the mix need not be written. An exit code; what
 * was wrong has been said. output_close in any case.
 */
int output_request(cli *c, output *o, const char *input, bool stems, ps_render_request *request);

/* The same for many files: all of them in the format asked for, WAV unless said; input and output
   are left to be filled. */
int output_batch_request(cli *c, output *o, ps_render_request *request);

/* No audio to a terminal, nor together with a report. */
int output_check_streams(const cli *c, const output *o, const ps_render_request *request);

typedef ps_status output_render(const ps_render_request *request, ps_render_report *report,
                                ps_error *err);

/* Renders with progress, warnings and report; an exit code. */
int output_run(cli *c, const output *o, ps_render_request *request, output_render *render);

void output_close(output *o);

#endif
