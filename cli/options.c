/* The command line read by a table of options, the GNU way. */
#include "options.h"

#include <string.h>

#include "values.h"

const cli_option cli_common_options[] = {
    {"quiet", 'q', NULL, CLI_FLAG, offsetof(cli, quiet), NULL,
     "neither warnings nor progress, only errors"},
    {"help", 'h', NULL, CLI_FLAG, offsetof(cli, help), NULL, "print this and stop"},
    CLI_OPTIONS_END,
};

static bool is_option(const cli_option *option)
{
    return option->kind != CLI_HEADING;
}

const cli_option *cli_find_option(const cli_option *table, const char *name, char letter)
{
    for (; table && table->kind != CLI_END; table++) {
        if (!is_option(table))
            continue;
        if (name ? strcmp(table->name, name) == 0 : table->letter == letter)
            return table;
    }
    return NULL;
}

bool cli_given(const cli *c, const char *name)
{
    const cli_option *option = cli_find_option(c->command->options, name, '\0');

    return option && c->given[option - c->command->options];
}

/* The option nearest to a name somebody typed, or NULL. */
static const char *nearest_option(const cli *c, const char *name)
{
    const cli_option *const tables[] = {c->command->options, cli_common_options};
    const char *nearest = NULL;
    unsigned best = 1000;

    for (size_t t = 0; t < 2; t++) {
        for (const cli_option *o = tables[t]; o && o->kind != CLI_END; o++) {
            if (is_option(o) && cli_words_near(name, o->name) &&
                cli_word_distance(name, o->name) < best) {
                best = cli_word_distance(name, o->name);
                nearest = o->name;
            }
        }
    }
    return nearest;
}

static int unknown_option(const cli *c, const char *name)
{
    const char *nearest = nearest_option(c, name);
    char hint[128];

    if (nearest)
        snprintf(hint, sizeof hint, "did you mean --%s?", nearest);
    else
        snprintf(hint, sizeof hint, "plainsong %s --help lists them", c->full_name);
    return cli_usage(c, hint, "unknown option --%.60s", name);
}

/* Where the reader is in the words. */
typedef struct reader {
    cli *c;
    void *values;
    int argc, next;
    char **argv;
} reader;

/* Puts a value in its field; `text` is NULL for a flag. */
static int put(reader *r, const cli_option *option, const char *text)
{
    const cli_option *own = r->c->command->options;
    const bool common = cli_find_option(cli_common_options, option->name, '\0') == option;
    ps_error err = {0};

    if (cli_parse_option(option, common ? (void *)r->c : r->values, text, &err) != PS_OK)
        return cli_usage(r->c, err.hint[0] ? err.hint : NULL, "--%s: %s", option->name, err.text);
    if (!common)
        r->c->given[option - own] = true;
    return CLI_DONE;
}

/* `word` without its dashes: "rate=8000" or "rate". */
static int read_long(reader *r, const char *word)
{
    const char *equals = strchr(word, '=');
    const size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const cli_option *option;
    char name[64];

    snprintf(name, sizeof name, "%.*s", (int)(length < 63 ? length : 63), word);
    option = cli_find_option(r->c->command->options, name, '\0');
    if (!option)
        option = cli_find_option(cli_common_options, name, '\0');
    if (!option || length > 63)
        return unknown_option(r->c, name);
    if (option->kind == CLI_FLAG && equals)
        return cli_usage(r->c, NULL, "--%s takes no value", name);
    if (option->kind == CLI_FLAG)
        return put(r, option, NULL);
    if (equals)
        return put(r, option, equals + 1);
    if (r->next == r->argc)
        return cli_usage(r->c, NULL, "--%s needs a value, %s", name, option->value);
    return put(r, option, r->argv[r->next++]);
}

/* `letters` after one dash: flags, and at the end perhaps one with a value. */
static int read_letters(reader *r, const char *letters)
{
    for (const char *at = letters; *at; at++) {
        const cli_option *option = cli_find_option(r->c->command->options, NULL, *at);
        int code;

        if (!option)
            option = cli_find_option(cli_common_options, NULL, *at);
        if (!option)
            return cli_usage(r->c, NULL, "unknown option -%c", *at);
        if (option->kind == CLI_FLAG) {
            code = put(r, option, NULL);
            if (code != CLI_DONE)
                return code;
            continue;
        }
        if (at[1])
            return put(r, option, at + 1);
        if (r->next == r->argc)
            return cli_usage(r->c, NULL, "-%c needs a value, %s", *at, option->value);
        return put(r, option, r->argv[r->next++]);
    }
    return CLI_DONE;
}

static int put_initial_values(cli *c, void *values)
{
    for (const cli_option *o = c->command->options; o && o->kind != CLI_END; o++) {
        ps_error err = {0};

        if (is_option(o) && o->initial && cli_parse_option(o, values, o->initial, &err) != PS_OK)
            return cli_usage(c, NULL, "initial value of --%s: %s", o->name, err.text);
    }
    return CLI_DONE;
}

static int check_count(const cli *c)
{
    const cli_command *command = c->command;

    if (c->help)
        return CLI_DONE;
    if (c->argument_count < command->least)
        return cli_usage(c, NULL, "%s is missing", command->arguments);
    if (command->most >= 0 && c->argument_count > command->most)
        return cli_usage(c, NULL, "what is \"%.60s\"? it is one argument too many",
                         c->arguments[command->most]);
    return CLI_DONE;
}

int cli_read_options(cli *c, void *values, int argc, char **argv)
{
    reader r = {c, values, argc, 0, argv};
    bool options_end = false;
    int code = put_initial_values(c, values);

    /* Arguments are gathered at the front of argv itself: they never overtake the reader. */
    c->arguments = argv;
    while (code == CLI_DONE && r.next < argc) {
        char *word = argv[r.next++];

        if (options_end || word[0] != '-' || word[1] == '\0')
            c->arguments[c->argument_count++] = word;
        else if (strcmp(word, "--") == 0)
            options_end = true;
        else if (word[1] == '-')
            code = read_long(&r, word + 2);
        else
            code = read_letters(&r, word + 1);
    }
    return code == CLI_DONE ? check_count(c) : code;
}
