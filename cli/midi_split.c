/* `plainsong midi split` and `merge`: one file into many, many into one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "midi.h"

/* ---- split ------------------------------------------------------------------------------------
 */

typedef struct split_values {
    const char *folder;
    int by;
    bool no_clobber, strict;
} split_values;

enum { BY_CHANNEL, BY_TRACK };

static const cli_option split_options[] = {
    {"directory", 'd', "DIR", CLI_FOLDER, offsetof(split_values, folder), NULL,
     "where the files go; made when it is not there"},
    {"by", 0, "channel|track", CLI_CHOICE, offsetof(split_values, by), "channel",
     "a file for each of what"},
    {"no-clobber", 'n', NULL, CLI_FLAG, offsetof(split_values, no_clobber), NULL,
     "fail when an output is there already"},
    MIDI_STRICT_ROW(offsetof(split_values, strict)),
    CLI_OPTIONS_END,
};

/* The name of a path without folders and its last dot. */
static void stem_of(char *stem, size_t stem_bytes, const char *path)
{
    const char *name = strrchr(path, '/'), *dot;

    name = strcmp(path, "-") == 0 ? "score" : name ? name + 1 : path;
    dot = strrchr(name, '.');
    snprintf(stem, stem_bytes, "%.*s",
             (int)(dot && dot != name ? (size_t)(dot - name) : strlen(name)), name);
}

/* Marks the channels or tracks that have notes. */
static void find_parts(bool *parts, const ps_score *score, int by)
{
    size_t count;
    const ps_event *events = ps_score_events(score, &count);

    for (size_t i = 0; i < count; i++)
        if (events[i].kind == PS_EVENT_NOTE_ON)
            parts[by == BY_TRACK ? events[i].track : events[i].channel] = true;
}

static ps_status make_part(ps_score **out, const ps_score *score, int by, uint32_t part,
                           ps_error *err)
{
    ps_channel_set set = ps_channels_none();

    if (by == BY_TRACK)
        return ps_score_only_track(out, score, part, NULL, err);
    ps_channels_add(&set, part);
    return ps_score_only_channels(out, score, &set, NULL, err);
}

static int write_part(cli *c, const split_values *v, const ps_score *score, const char *stem,
                      uint32_t part)
{
    char path[4096];
    const midi_output output = {path, v->no_clobber, v->strict};
    ps_score *made = NULL;
    ps_error err = {0};
    int code;

    snprintf(path, sizeof path, "%s/%s-%s-%02u.mid", v->folder, stem,
             v->by == BY_TRACK ? "track" : "channel", (unsigned)part + 1);
    if (make_part(&made, score, v->by, part, &err) != PS_OK)
        return cli_fail(c, c->arguments[0], &err);
    code = midi_write(c, &output, made);
    if (code == CLI_DONE)
        printf("%s\n", path);
    ps_score_destroy(made);
    return code;
}

static int write_parts(cli *c, const split_values *v, const ps_score *score)
{
    ps_score_info info;
    uint32_t most, written = 0;
    bool *parts;
    char stem[1024];
    int code = CLI_DONE;

    ps_score_get_info(score, &info);
    most = v->by == BY_TRACK ? info.tracks : PS_SCORE_CHANNELS;
    parts = calloc(most, sizeof *parts);
    if (!parts)
        return cli_fail(c, NULL,
                        &(ps_error){.status = PS_NO_MEMORY,
                                    .offset_bytes = PS_NOWHERE,
                                    .text = "out of memory"});
    find_parts(parts, score, v->by);
    stem_of(stem, sizeof stem, c->arguments[0]);
    for (uint32_t part = 0; part < most && code == CLI_DONE; part++) {
        if (!parts[part])
            continue;
        code = write_part(c, v, score, stem, part);
        written++;
    }
    if (written == 0)
        cli_warn(c, c->arguments[0], "there are no notes, so nothing was written");
    free(parts);
    return code;
}

static int run_split(cli *c, const void *values)
{
    const split_values *v = values;
    ps_score *score = NULL;
    ps_error err = {0};
    int code;

    if (!v->folder)
        return cli_usage(c, NULL, "-d DIR is missing");
    if (cli_read_score(c, c->arguments[0], v->strict, &score, &err) != PS_OK)
        return cli_fail(c, c->arguments[0], &err);
    if (mkdir(v->folder, 0777) != 0 && errno != EEXIST) {
        ps_fail(&err, PS_CANNOT_WRITE, "cannot make the folder: %s", strerror(errno));
        code = cli_fail(c, v->folder, &err);
    } else {
        code = write_parts(c, v, score);
    }
    ps_score_destroy(score);
    return code;
}

const cli_command cli_midi_split = {
    .name = "split",
    .arguments = "FILE",
    .summary = "write a file for each channel or track that has notes",
    .details = "Files are named NAME-channel-01.mid or NAME-track-01.mid, and their names printed. "
               "Each has the tempo and signatures of the whole.",
    .examples = "plainsong midi split song.mid -d parts\n"
                "plainsong midi split song.mid -d parts --by track",
    .options = split_options,
    .options_bytes = sizeof(split_values),
    .least = 1,
    .most = 1,
    .argument_kind = CLI_FILE,
    .run = run_split,
};

/* ---- merge ------------------------------------------------------------------------------------
 */

typedef struct merge_values {
    midi_output output;
    bool ports;
} merge_values;

static const cli_option merge_options[] = {
    MIDI_OUTPUT_ROWS,
    {"ports", 0, NULL, CLI_FLAG, offsetof(merge_values, ports), NULL,
     "give each file channels of its own: the second one 17 to 32, and so on"},
    CLI_OPTIONS_END,
};

/* Moves the score's channels up to port `index`. */
static ps_status move_to_port(ps_score **score, uint32_t index, ps_error *err)
{
    uint16_t map[PS_SCORE_CHANNELS];
    ps_score *moved = NULL;
    ps_status status;

    for (uint32_t channel = 0; channel < PS_SCORE_CHANNELS; channel++)
        map[channel] = (uint16_t)((channel + 16 * index) % PS_SCORE_CHANNELS);
    status = ps_score_remap(&moved, *score, map, NULL, err);
    if (status == PS_OK) {
        ps_score_destroy(*score);
        *score = moved;
    }
    return status;
}

static int read_all(cli *c, const merge_values *v, ps_score **scores)
{
    for (int i = 0; i < c->argument_count; i++) {
        ps_error err = {0};
        ps_status status = cli_read_score(c, c->arguments[i], v->output.strict, &scores[i], &err);

        if (status == PS_OK && v->ports)
            status = move_to_port(&scores[i], (uint32_t)i, &err);
        if (status != PS_OK)
            return cli_fail(c, c->arguments[i], &err);
    }
    return CLI_DONE;
}

static int write_merged(cli *c, const merge_values *v, ps_score *const *scores)
{
    ps_score *made = NULL;
    ps_error err = {0};
    int code;

    if (ps_score_merge(&made, (const ps_score *const *)scores, (size_t)c->argument_count, NULL,
                       &err) != PS_OK)
        return cli_fail(c, NULL, &err);
    code = midi_write(c, &v->output, made);
    ps_score_destroy(made);
    return code;
}

static int run_merge(cli *c, const void *values)
{
    const merge_values *v = values;
    ps_score **scores;
    int code = midi_need_output(c, &v->output);

    if (code != CLI_DONE)
        return code;
    if (v->ports && c->argument_count > 16)
        return cli_usage(c, NULL, "--ports has room for 16 files, not %d", c->argument_count);
    scores = calloc((size_t)c->argument_count, sizeof *scores);
    if (!scores)
        return cli_fail(c, NULL,
                        &(ps_error){.status = PS_NO_MEMORY,
                                    .offset_bytes = PS_NOWHERE,
                                    .text = "out of memory"});
    code = read_all(c, v, scores);
    if (code == CLI_DONE)
        code = write_merged(c, v, scores);
    for (int i = 0; i < c->argument_count; i++)
        ps_score_destroy(scores[i]);
    free(scores);
    return code;
}

const cli_command cli_midi_merge = {
    .name = "merge",
    .arguments = "FILE...",
    .summary = "play several files together in one",
    .details =
        "The first file's tempo and signatures hold. Files that use the same channel share its "
        "program, unless --ports keeps them apart.",
    .examples = "plainsong midi merge right.mid left.mid -o both.mid",
    .options = merge_options,
    .options_bytes = sizeof(merge_values),
    .least = 1,
    .most = -1,
    .argument_kind = CLI_FILE,
    .run = run_merge,
};
