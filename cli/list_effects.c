/* `plainsong list effects`: the effects and the tables of their parameters. */
#include <string.h>

#include "json_out.h"
#include "lists.h"

#define WORDS_BYTES 128u

typedef struct effects_values {
    bool json;
} effects_values;

static const cli_option effects_options[] = {
    {"json", 'j', NULL, CLI_FLAG, offsetof(effects_values, json), NULL, "print JSON"},
    CLI_OPTIONS_END,
};

/* The index-th of words divided by blanks. */
static void nth_word(char *word, const char *words, int index)
{
    for (; index > 0; index--) {
        words += strcspn(words, " ");
        words += strspn(words, " ");
    }
    snprintf(word, WORDS_BYTES, "%.*s", (int)strcspn(words, " "), words);
}

/* "-18", "peak", "on" */
static void preset_words(char *words, const ps_effect_parameter *row)
{
    switch (row->kind) {
    case PS_EFFECT_NUMBER:
        snprintf(words, WORDS_BYTES, "%.6g", row->preset);
        break;
    case PS_EFFECT_FLAG:
        snprintf(words, WORDS_BYTES, "%s", row->preset != 0.0 ? "on" : "off");
        break;
    case PS_EFFECT_CHOICE:
        nth_word(words, row->choices, (int)row->preset);
        break;
    case PS_EFFECT_TEXT:
        snprintf(words, WORDS_BYTES, "%s", row->choices ? row->choices : "");
        break;
    }
}

/* "gain1..16" */
static void name_words(char *words, const ps_effect_parameter *row)
{
    if (row->copies > 0)
        snprintf(words, WORDS_BYTES, "%s1..%u", row->name, (unsigned)row->copies);
    else
        snprintf(words, WORDS_BYTES, "%s", row->name);
}

static void print_row(const ps_effect_parameter *row)
{
    char name[WORDS_BYTES], preset[WORDS_BYTES], range[WORDS_BYTES] = "";

    name_words(name, row);
    preset_words(preset, row);
    if (row->kind == PS_EFFECT_NUMBER)
        snprintf(range, sizeof range, "%.6g..%.6g", row->low, row->high);
    printf("  %-14s %-9s %-14s %-5s %s", name, preset, range, row->unit, row->meaning);
    if (row->kind == PS_EFFECT_CHOICE)
        printf(" (%s)", row->choices);
    printf("%s\n", row->fixed ? "; fixed while it runs" : "");
}

static void print_effect(const ps_effect_info *info)
{
    printf("%s: %s\n", info->name, info->summary);
    if (info->items)
        printf("  %s:%s\n", info->name, info->items);
    for (uint32_t i = 0; i < info->parameter_count; i++)
        print_row(&info->parameters[i]);
}

static void put_row(json_out *j, const ps_effect_parameter *row)
{
    static const char *const kinds[] = {"number", "flag", "choice", "text"};
    char preset[WORDS_BYTES];

    json_object(j, NULL);
    json_text(j, "name", row->name);
    json_text(j, "kind", kinds[row->kind]);
    if (row->copies > 0)
        json_integer(j, "copies", row->copies);
    json_text(j, "unit", row->unit);
    preset_words(preset, row);
    if (row->kind == PS_EFFECT_NUMBER) {
        json_number(j, "preset", row->preset);
        json_number(j, "low", row->low);
        json_number(j, "high", row->high);
    } else if (row->kind == PS_EFFECT_FLAG) {
        json_bool(j, "preset", row->preset != 0.0);
    } else {
        json_text(j, "preset", preset);
    }
    if (row->kind == PS_EFFECT_CHOICE) {
        json_array(j, "choices");
        for (int i = 0; i <= (int)row->high; i++) {
            nth_word(preset, row->choices, i);
            json_text(j, NULL, preset);
        }
        json_end(j);
    }
    json_bool(j, "fixed", row->fixed);
    json_text(j, "meaning", row->meaning);
    json_end(j);
}

static void put_effect(json_out *j, const ps_effect_info *info)
{
    json_object(j, NULL);
    json_text(j, "name", info->name);
    json_text(j, "summary", info->summary);
    if (info->items)
        json_text(j, "items", info->items);
    json_array(j, "parameters");
    for (uint32_t i = 0; i < info->parameter_count; i++)
        put_row(j, &info->parameters[i]);
    json_end(j);
    json_end(j);
}

static void print_all(void)
{
    ps_effect_info info;

    for (size_t i = 0; ps_effect_nth(i, &info); i++)
        printf("%-12s %s\n", info.name, info.summary);
}

static void put_all(const char *only)
{
    ps_effect_info info;
    json_out j;

    json_begin(&j, stdout);
    json_array(&j, NULL);
    for (size_t i = 0; ps_effect_nth(i, &info); i++)
        if (!only || strcmp(only, info.name) == 0)
            put_effect(&j, &info);
    json_end(&j);
    json_finish(&j);
}

static int list_effects(cli *c, const void *values)
{
    const effects_values *v = values;
    const char *name = c->argument_count > 0 ? c->arguments[0] : NULL;
    ps_effect_info info;

    if (name && !ps_effect_find(name, &info))
        return cli_usage(c, "\"plainsong list effects\" shows what there is", "no effect \"%.60s\"",
                         name);
    if (v->json)
        put_all(name);
    else if (name)
        print_effect(&info);
    else
        print_all();
    return CLI_DONE;
}

const cli_command cli_list_effects = {
    .name = "effects",
    .arguments = "[NAME]",
    .summary = "the effects, or the parameters of one",
    .details = "Effects are put in a chain for --effects: \"eq:100hz-3,4k+2 | limiter:-1\". Values "
               "without a name stand for the parameters in the order shown here, or for what is "
               "said at the top.",
    .examples = "plainsong list effects\nplainsong list effects compressor\n"
                "plainsong list effects --json",
    .options = effects_options,
    .options_bytes = sizeof(effects_values),
    .most = 1,
    .run = list_effects,
};
