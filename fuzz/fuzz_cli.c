/*
 * Any words as a command line: read by the real table of `plainsong render`, and one by one by the
 * readers of option values. What is accepted is within its range; what is refused says why.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cli/midi.h"
#include "../cli/options.h"
#include "../cli/render.h"
#include "../cli/values.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

#define WORDS_MOST 40

extern const cli_command cli_render, cli_waveform, cli_midi;
const cli_command *const cli_commands[] = {&cli_render, &cli_waveform, &cli_midi, NULL};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

/* What the command says to its user would drown what the fuzzer says, which kept the stream. */
static void silence_words(void)
{
    static FILE *nowhere;

    if (nowhere)
        return;
    nowhere = fopen("/dev/null", "w");
    if (nowhere)
        stderr = nowhere;
}

/* Accepted, or refused with words. */
static bool accepted(ps_status status, const ps_error *err)
{
    CHECK(status == PS_OK || (status == PS_BAD_ARGUMENT && err->text[0] != '\0'));
    return status == PS_OK;
}

static void check_numbers(const char *text)
{
    ps_error err = {0};
    double number;
    int64_t integer;

    if (accepted(cli_parse_number(text, &number, &err), &err))
        CHECK(isfinite(number));
    if (accepted(cli_parse_seconds(text, &number, &err), &err))
        CHECK(isfinite(number));
    if (accepted(cli_parse_integer(text, &integer, &err), &err)) {
        char again[32];
        int64_t same;

        snprintf(again, sizeof again, "%lld", (long long)integer);
        CHECK(cli_parse_integer(again, &same, NULL) == PS_OK && same == integer);
    }
}

static void check_words(const char *text, const char *other)
{
    ps_error err = {0};
    int index;

    if (accepted(cli_parse_choice(text, "nearest|linear|cubic|sinc8|sinc32", &index, &err), &err))
        CHECK(index >= 0 && index < 5);
    CHECK(cli_word_distance(text, other) == cli_word_distance(other, text));
    if (strlen(text) <= 40)
        CHECK(cli_word_distance(text, text) == 0);
}

static void check_render_values(const char *text)
{
    static render_banks banks;
    render_tags tags = {.count = 0};
    render_level level;
    ps_error err = {0};

    if (accepted(render_parse_level(&level, text, &err), &err))
        CHECK(level.db >= -70.0 && level.db <= 0.0);
    banks.count = 0;
    if (accepted(render_parse_bank(&banks, text, &err), &err))
        CHECK(banks.count == 1 && banks.offsets[0] <= 16383 && banks.paths[0][0] != '\0');
    if (accepted(render_parse_tag(&tags, text, &err), &err))
        CHECK(tags.count == 1 && strchr(text, '=') + 1 == tags.values[0]);
}

/* The words in order, options taken out; numbers within their rows' ranges. */
static void check_line(const cli_command *command, int argc, char *const *argv)
{
    void *values = ps_alloc(NULL, 1, command->options_bytes ? command->options_bytes : 1);
    char *words[WORDS_MOST]; /* the reader sorts them */
    cli c = {.command = command};
    int code;

    memcpy(words, argv, sizeof *words * (size_t)argc);
    code = cli_read_options(&c, values, argc, words);
    CHECK(code == CLI_DONE || code == CLI_USAGE);
    CHECK(c.argument_count <= argc);
    for (const cli_option *o = command->options; o && o->kind != CLI_END; o++) {
        const char *field = (const char *)values + o->field;
        double number = 0.0;

        if (o->kind == CLI_INTEGER)
            number = (double)*(const int64_t *)field;
        else if (o->kind == CLI_NUMBER || o->kind == CLI_SECONDS)
            number = *(const double *)field;
        else
            continue;
        CHECK((o->low == 0.0 && o->high == 0.0) || (number >= o->low && number <= o->high) ||
              (!o->initial && number == 0.0));
    }
    ps_free(NULL, values);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    char *text = malloc(size_bytes + 1), *words[WORDS_MOST];
    int count = 0;

    silence_words();
    memcpy(text, bytes, size_bytes);
    text[size_bytes] = '\0';
    for (char *word = strtok(text, "\n"); word && count < WORDS_MOST; word = strtok(NULL, "\n"))
        words[count++] = word;
    for (int i = 0; i < count; i++) {
        check_numbers(words[i]);
        check_words(words[i], words[count - 1 - i]);
        check_render_values(words[i]);
    }
    check_line(&cli_render, count, words);
    check_line(&cli_waveform, count, words);
    for (const cli_command *const *sub = cli_midi.subcommands; *sub; sub++)
        check_line(*sub, count, words);
    free(text);
    return 0;
}
