/* How `plainsong render` reads its own kinds of option values. */
#include <string.h>
#include <unistd.h>

#include "render.h"
#include "values.h"

static const char *const tag_keys = "title|artist|album|comment|date|genre|copyright|software|"
                                    "tracknumber";

static const char *const levels = "auto, none, fixed, peak:DB, true-peak:DB, lufs:LUFS";

ps_status render_parse_level(void *field, const char *text, ps_error *err)
{
    render_level level = {PS_LEVEL_AUTO, 0.0};
    const char *colon = strchr(text, ':');

    if (!colon) {
        static const ps_level_mode modes[] = {PS_LEVEL_AUTO, PS_LEVEL_NONE, PS_LEVEL_FIXED};
        int index;

        if (cli_parse_choice(text, "auto|none|fixed", &index, NULL) != PS_OK)
            return ps_fail(err, PS_BAD_ARGUMENT, "\"%.60s\" is not one of %s", text, levels);
        level.mode = modes[index];
    } else {
        static const ps_level_mode modes[] = {PS_LEVEL_PEAK, PS_LEVEL_TRUE_PEAK, PS_LEVEL_LUFS};
        char word[16];
        int index;

        snprintf(word, sizeof word, "%.*s", (int)(colon - text < 15 ? colon - text : 15), text);
        if (cli_parse_choice(word, "peak|true-peak|lufs", &index, NULL) != PS_OK)
            return ps_fail(err, PS_BAD_ARGUMENT, "\"%.60s\" is not one of %s", text, levels);
        if (cli_parse_number(colon + 1, &level.db, err) != PS_OK)
            return PS_BAD_ARGUMENT;
        if (!(level.db >= -70.0 && level.db <= 0.0))
            return ps_fail(err, PS_BAD_ARGUMENT, "%g is outside -70..0", level.db);
        level.mode = modes[index];
    }
    *(render_level *)field = level;
    return PS_OK;
}

/* True for digits that make a bank number; the largest a synthesizer could be asked for. */
static bool is_bank_number(const char *text, uint32_t *number)
{
    int64_t value;

    if (text[0] < '0' || text[0] > '9' || cli_parse_integer(text, &value, NULL) != PS_OK ||
        value > 16383)
        return false;
    *number = (uint32_t)value;
    return true;
}

ps_status render_parse_bank(void *field, const char *text, ps_error *err)
{
    render_banks *banks = field;
    const char *at = strrchr(text, '@');
    size_t length = strlen(text);
    uint32_t offset = 0;

    if (banks->count == PS_RENDER_BANKS)
        return ps_fail(err, PS_BAD_ARGUMENT, "given more than %u times", PS_RENDER_BANKS);
    if (at && access(text, F_OK) != 0) { /* a file may have an @ in its name */
        if (!is_bank_number(at + 1, &offset))
            return ps_fail(err, PS_BAD_ARGUMENT, "\"%.60s\" is no bank number, 0..16383", at + 1);
        length = (size_t)(at - text);
    }
    if (length == 0)
        return ps_fail(err, PS_BAD_ARGUMENT, "the name of a file is missing");
    if (length >= sizeof banks->paths[0])
        return ps_fail(err, PS_BAD_ARGUMENT, "the name is too long");
    memcpy(banks->paths[banks->count], text, length);
    banks->paths[banks->count][length] = '\0';
    banks->offsets[banks->count++] = offset;
    return PS_OK;
}

ps_status render_parse_tag(void *field, const char *text, ps_error *err)
{
    render_tags *tags = field;
    const char *equals = strchr(text, '=');
    const size_t length = equals ? (size_t)(equals - text) : 0;
    int index;

    if (tags->count == RENDER_TAGS_MOST)
        return ps_fail(err, PS_BAD_ARGUMENT, "given more than %u times", RENDER_TAGS_MOST);
    if (length == 0)
        return ps_fail(err, PS_BAD_ARGUMENT, "\"%.60s\" is not of the form key=value", text);
    snprintf(tags->keys[tags->count], sizeof tags->keys[0], "%.*s",
             (int)(length < 23 ? length : 23), text);
    if (cli_parse_choice(tags->keys[tags->count], tag_keys, &index, err) != PS_OK)
        return PS_BAD_ARGUMENT;
    tags->values[tags->count++] = equals + 1;
    return PS_OK;
}
