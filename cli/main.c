/* The `plainsong` command: finds the command in the list, lets its table read the line, runs it. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "help.h"
#include "options.h"
#include "values.h"

#define COMMAND(name) extern const cli_command cli_##name;
#include "commands.def"
#undef COMMAND

#define COMMAND(name) &cli_##name,
const cli_command *const cli_commands[] = {
#include "commands.def"
    NULL,
};
#undef COMMAND

static void print_version(FILE *file)
{
    ps_engine *engine = NULL;
    char library[64];

    fprintf(file, "plainsong %s\n", ps_version());
    if (ps_engine_create(&engine, NULL, NULL) == PS_OK)
        fprintf(file, "kernels %s\n", ps_engine_kernel_row(engine));
    ps_engine_destroy(engine);
    for (uint32_t i = 0; ps_library_version(i, library, sizeof library); i++)
        fprintf(file, "%s\n", library);
}

static const cli_command *find(const cli_command *const *commands, const char *name)
{
    for (; *commands; commands++) {
        if (strcmp((*commands)->name, name) == 0)
            return *commands;
    }
    return NULL;
}

static int unknown_command(const cli *c, const cli_command *const *commands, const char *name)
{
    const char *nearest = NULL;
    unsigned best = 1000;
    char hint[128];

    for (; *commands; commands++) {
        if (cli_words_near(name, (*commands)->name) &&
            cli_word_distance(name, (*commands)->name) < best) {
            best = cli_word_distance(name, (*commands)->name);
            nearest = (*commands)->name;
        }
    }
    if (nearest)
        snprintf(hint, sizeof hint, "did you mean %s?", nearest);
    else
        snprintf(hint, sizeof hint, "plainsong %s%s--help lists them", c->full_name,
                 c->full_name[0] ? " " : "");
    return cli_usage(c, hint, "unknown command \"%.60s\"", name);
}

/* Makes sure that what was printed has gone out; a command that failed has said why already. */
static int flush_output(int code)
{
    const bool flushed = fflush(stdout) == 0;

    if (code != CLI_DONE || (flushed && !ferror(stdout)))
        return code;
    fprintf(stderr, "plainsong: standard output: cannot write%s%s\n", flushed ? "" : ": ",
            flushed ? "" : strerror(errno));
    return CLI_CANNOT_WRITE;
}

static int run_command(cli *c, int argc, char **argv)
{
    const size_t size_bytes = c->command->options_bytes;
    void *values = ps_alloc(NULL, 1, size_bytes > 0 ? size_bytes : 1);
    int code;

    if (!values)
        return cli_fail(c, NULL, &(ps_error){.status = PS_NO_MEMORY, .offset_bytes = PS_NOWHERE});
    code = cli_read_options(c, values, argc, argv);
    if (c->help) {
        cli_print_help(stdout, c->command, c->full_name);
        code = CLI_DONE;
    } else if (code == CLI_DONE) {
        code = c->command->run(c, values);
        cli_finish_warnings(c);
    }
    cli_forget_warnings(c);
    ps_free(NULL, values);
    return code;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* The command that the first words name, sub-commands and all; then runs it with the rest. */
static int dispatch(int argc, char **argv, bool help)
{
    const cli_command *const *list = cli_commands;
    cli c = {0};
    int at = 0;

    while (list && at < argc) {
        const char *word = argv[at];
        char above[CLI_NAME_BYTES];

        if (is_help(word))
            break;
        if (word[0] == '-')
            return cli_usage(&c, "plainsong --help lists what there is", "unknown option %.60s",
                             word);
        c.command = find(list, word);
        if (!c.command)
            return unknown_command(&c, list, word);
        memcpy(above, c.full_name, sizeof above);
        cli_full_name(c.full_name, above, word);
        list = c.command->subcommands;
        at++;
    }
    if (c.command && !list && !help)
        return run_command(&c, argc - at, argv + at);
    if (!c.command)
        cli_print_overview(at < argc || help ? stdout : stderr);
    else
        cli_print_help(at < argc || help ? stdout : stderr, c.command, c.full_name);
    return at < argc || help ? CLI_DONE : CLI_USAGE;
}

/* What a packager asks for: not listed in the help. */
static int print_for_packages(int argc, char **argv)
{
    const cli c = {0};

    if (strcmp(argv[1], "--man") == 0) {
        cli_print_man(stdout);
        return CLI_DONE;
    }
    if (argc < 3 || !cli_print_completion(stdout, argv[2]))
        return cli_usage(&c, NULL, "--completion needs bash, zsh or fish");
    return CLI_DONE;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a write that fails says so itself */
    if (argc > 1 && (strcmp(argv[1], "--man") == 0 || strcmp(argv[1], "--completion") == 0))
        return flush_output(print_for_packages(argc, argv));
    if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
        print_version(stdout);
        return flush_output(CLI_DONE);
    }
    if (argc > 1 && strcmp(argv[1], "help") == 0)
        return flush_output(dispatch(argc - 2, argv + 2, true));
    return flush_output(dispatch(argc - 1, argv + 1, false));
}
