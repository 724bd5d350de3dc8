/* The manifest of a batch. */
#include "batch_manifest.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "batch_text.h"
#include "fail.h"
#include "json.h"

#define FORM 1 /* of the file; another one is not read */

/* Writing takes at most one part in so many of the time. */
#define WRITE_SHARE 20.0

#define HOST_BYTES 256u

static void host_name(char host[HOST_BYTES])
{
    if (gethostname(host, HOST_BYTES) != 0)
        host[0] = '\0';
    host[HOST_BYTES - 1] = '\0';
}

/* ---- What stood in one -------------------------------------------------------------------- */

struct ps_batch_past {
    ps_json *json;
    const ps_value **by_output; /* the entries with an output, sorted */
    size_t count;
};

static const char *text_of(const ps_value *map, const char *name)
{
    const ps_value *value = ps_value_member(map, name);

    return value && value->kind == PS_VALUE_TEXT ? value->text : "";
}

/* NAN when there is none. */
static double number_of(const ps_value *map, const char *name)
{
    const ps_value *value = ps_value_member(map, name);

    return value && value->kind == PS_VALUE_NUMBER ? value->number : (double)NAN;
}

static uint64_t count_of(const ps_value *map, const char *name)
{
    const double number = number_of(map, name);

    return number >= 0.0 && number < 0x1p63 ? (uint64_t)number : 0;
}

static int by_output(const void *one, const void *other)
{
    const ps_value *const *a = one, *const *b = other;

    return strcmp(text_of(*a, "output"), text_of(*b, "output"));
}

static int by_name(const void *output, const void *entry)
{
    const ps_value *const *value = entry;

    return strcmp(output, text_of(*value, "output"));
}

static ps_status sort_entries(ps_batch_past *past, const char *path, ps_error *err)
{
    const ps_value *files = ps_value_member(ps_json_value(past->json), "files");

    past->by_output = ps_alloc(NULL, files->count + 1, sizeof(ps_value *));
    if (!past->by_output)
        return ps_fail_memory(err, path);
    for (size_t i = 0; i < files->count; i++) {
        if (text_of(&files->members[i], "output")[0] != '\0')
            past->by_output[past->count++] = &files->members[i];
    }
    qsort(past->by_output, past->count, sizeof(ps_value *), by_output);
    return PS_OK;
}

static ps_status read_past(ps_batch_past *past, const ps_file *file, const char *path,
                           ps_error *err)
{
    size_t size_bytes;
    const uint8_t *bytes = ps_file_bytes(file, &size_bytes);
    ps_status status = ps_json_read(&past->json, (const char *)bytes, size_bytes, NULL, err);
    const ps_value *files;

    if (status == PS_NO_MEMORY)
        return ps_fail_memory(err, path);
    if (status == PS_OK) {
        files = ps_value_member(ps_json_value(past->json), "files");
        if (number_of(ps_json_value(past->json), "plainsong_batch") == FORM && files &&
            files->kind == PS_VALUE_LIST)
            return sort_entries(past, path, err);
        status = ps_fail(err, PS_BAD_DATA, "this is no manifest of a batch");
    }
    ps_error_in(err, path);
    ps_hint(err, "remove it, name another one, or do not resume");
    return status;
}

ps_status ps_batch_past_read(ps_batch_past **out, const char *path, ps_error *err)
{
    ps_batch_past *past;
    ps_file *file = NULL;
    ps_status status = ps_file_map(&file, path, err);

    *out = NULL;
    if (status == PS_NOT_FOUND)
        return PS_OK;
    if (status != PS_OK)
        return status;
    past = ps_alloc(NULL, 1, sizeof *past);
    status = past ? read_past(past, file, path, err) : ps_fail_memory(err, path);
    ps_file_close(file);
    if (status == PS_OK)
        *out = past;
    else
        ps_batch_past_free(past);
    return status;
}

void ps_batch_past_free(ps_batch_past *past)
{
    if (!past)
        return;
    ps_json_free(past->json);
    ps_free(NULL, past->by_output);
    ps_free(NULL, past);
}

bool ps_batch_past_find(const ps_batch_past *past, const char *output, ps_batch_found *found)
{
    const ps_value *const *place, *entry;

    if (!past || past->count == 0)
        return false;
    place = bsearch(output, past->by_output, past->count, sizeof(ps_value *), by_name);
    if (!place || strcmp(text_of(*place, "status"), "done") != 0)
        return false;
    entry = *place;
    memset(found, 0, sizeof *found);
    found->key = text_of(entry, "key");
    found->bytes = count_of(entry, "bytes");
    found->result.frames = count_of(entry, "frames");
    found->result.seconds = number_of(entry, "seconds");
    found->result.rate_hz = (uint32_t)count_of(entry, "rate");
    found->result.levels = (ps_levels){
        .frames = found->result.frames,
        .peak = number_of(entry, "peak"),
        .rms = number_of(entry, "rms"),
        .integrated_lufs = number_of(entry, "integrated_lufs"),
        .true_peak = number_of(entry, "true_peak"),
        .max_momentary_lufs = (double)NAN,
        .max_short_term_lufs = (double)NAN,
        .loudness_range_lu = (double)NAN,
    };
    found->result.gain = number_of(entry, "gain");
    found->result.prevented_clipping = ps_value_truth(ps_value_member(entry, "prevented_clipping"));
    found->result.clipped = count_of(entry, "clipped");
    found->result.warnings = (uint32_t)count_of(entry, "warnings");
    return true;
}

long ps_batch_past_dead_writer(const ps_batch_past *past)
{
    const ps_value *document = past ? ps_json_value(past->json) : NULL;
    const double process = number_of(document, "process");
    char host[HOST_BYTES];

    host_name(host);
    if (!(process > 1.0 && process < 0x1p31) || host[0] == '\0' ||
        strcmp(host, text_of(document, "host")) != 0)
        return 0;
    /* A number that is ours now was another's before. */
    if ((pid_t)process != getpid() && (kill((pid_t)process, 0) == 0 || errno != ESRCH))
        return 0;
    return (long)process;
}

/* ---- What will stand in one --------------------------------------------------------------- */

struct ps_batch_manifest {
    char *path;
    char **lines; /* one for each output of this batch, NULL: nothing to say yet; then those kept */
    size_t count, room;
    double written_sec, writing_sec; /* when the last writing ended, how long it took */
};

static double now_sec(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void put(void *user, const char *bytes, size_t count)
{
    fwrite(bytes, 1, count, user);
}

static void put_name(FILE *line, const char *name)
{
    fprintf(line, "%s\"%s\": ", strcmp(name, "output") == 0 ? "{" : ", ", name);
}

static void put_text(FILE *line, const char *name, const char *text)
{
    put_name(line, name);
    ps_text_quote(text, put, line);
}

static void put_number(FILE *line, const char *name, double number)
{
    char digits[PS_NUMBER_BYTES];

    ps_number_text(digits, number);
    put_name(line, name);
    fputs(digits, line);
}

/* What was made, and is as it was measured. */
static void put_result(FILE *line, const ps_batch_entry *entry)
{
    const ps_batch_result *result = entry->result;

    put_text(line, "key", result->key);
    put_number(line, "bytes", (double)entry->bytes);
    put_number(line, "frames", (double)result->frames);
    put_number(line, "seconds", result->seconds);
    put_number(line, "rate", result->rate_hz);
    put_number(line, "peak", result->levels.peak);
    put_number(line, "rms", result->levels.rms);
    put_number(line, "integrated_lufs", result->levels.integrated_lufs);
    put_number(line, "true_peak", result->levels.true_peak);
    put_number(line, "gain", result->gain);
    put_number(line, "clipped", (double)result->clipped);
    put_number(line, "warnings", result->warnings);
    put_name(line, "prevented_clipping");
    fputs(result->prevented_clipping ? "true" : "false", line);
}

static void put_entry(FILE *line, const ps_batch_entry *entry)
{
    const ps_batch_result *result = entry->result;
    char words[640];

    put_text(line, "output", entry->output);
    put_text(line, "input", result->input_path);
    put_text(line, "status", result->outcome == PS_BATCH_FAILED ? "failed" : "done");
    if (result->outcome == PS_BATCH_FAILED) {
        ps_error_line(result->error, "", words, sizeof words);
        put_text(line, "error", words);
    } else {
        put_result(line, entry);
    }
    fputc('}', line);
}

/* An entry of the past, as it stands. */
static ps_status keep(ps_batch_manifest *manifest, const ps_value *entry, ps_error *err)
{
    char *line;
    size_t bytes;
    const ps_status status = ps_json_write(&line, &bytes, entry, 0, err);

    if (status != PS_OK)
        return status;
    for (size_t i = 0; i < bytes; i++) { /* line ends stand between its values alone */
        if (line[i] == '\n')
            line[i] = ' ';
    }
    while (bytes > 0 && line[bytes - 1] == ' ')
        line[--bytes] = '\0';
    manifest->lines[manifest->count++] = line;
    return PS_OK;
}

ps_status ps_batch_manifest_create(ps_batch_manifest **out, const char *path, size_t count,
                                   const ps_batch_past *past,
                                   bool (*is_ours)(void *user, const char *output), void *user,
                                   ps_error *err)
{
    ps_batch_manifest *manifest = ps_alloc(NULL, 1, sizeof *manifest);
    ps_status status = PS_OK;

    if (!manifest)
        return ps_fail_memory(err, path);
    manifest->path = ps_batch_copy(path);
    manifest->room = count + (past ? past->count : 0);
    manifest->lines = ps_alloc(NULL, manifest->room + 1, sizeof *manifest->lines);
    manifest->count = count;
    if (!manifest->path || !manifest->lines)
        status = ps_fail_memory(err, path);
    for (size_t i = 0; past && i < past->count && status == PS_OK; i++) {
        if (!is_ours(user, text_of(past->by_output[i], "output")))
            status = keep(manifest, past->by_output[i], err);
    }
    if (status == PS_OK)
        *out = manifest;
    else
        ps_batch_manifest_destroy(manifest);
    return status;
}

void ps_batch_manifest_destroy(ps_batch_manifest *manifest)
{
    if (!manifest)
        return;
    for (size_t i = 0; manifest->lines && i < manifest->count; i++)
        ps_free(NULL, manifest->lines[i]);
    ps_free(NULL, manifest->lines);
    ps_free(NULL, manifest->path);
    ps_free(NULL, manifest);
}

ps_status ps_batch_manifest_set(ps_batch_manifest *manifest, size_t index,
                                const ps_batch_entry *entry, ps_error *err)
{
    char *text = NULL, *line = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);

    if (stream) {
        put_entry(stream, entry);
        if (fclose(stream) == 0)
            line = ps_batch_copy(text);
    }
    free(text);
    if (!line)
        return ps_fail_memory(err, manifest->path);
    ps_free(NULL, manifest->lines[index]);
    manifest->lines[index] = line;
    return PS_OK;
}

static void put_all(FILE *stream, const ps_batch_manifest *manifest, bool finished)
{
    const char *between = "\n";

    fprintf(stream, "{\"plainsong_batch\": %d, \"version\": \"%s\",\n", FORM, ps_version());
    if (!finished) { /* for whoever has to clear up behind it */
        char host[HOST_BYTES];

        host_name(host);
        fputs(" \"host\": ", stream);
        ps_text_quote(host, put, stream);
        fprintf(stream, ", \"process\": %ld,\n", (long)getpid());
    }
    fprintf(stream, " \"finished\": %s,\n \"files\": [", finished ? "true" : "false");
    for (size_t i = 0; i < manifest->count; i++) {
        if (!manifest->lines[i])
            continue;
        fprintf(stream, "%s  %s", between, manifest->lines[i]);
        between = ",\n";
    }
    fputs("\n ]}\n", stream);
}

ps_status ps_batch_manifest_write(ps_batch_manifest *manifest, bool finished, ps_error *err)
{
    const double begun_sec = now_sec();
    ps_status status = PS_NO_MEMORY;
    char *text = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);

    if (stream) {
        put_all(stream, manifest, finished);
        if (fclose(stream) == 0)
            status = PS_OK;
    }
    if (status == PS_OK)
        status = ps_file_write(manifest->path, (const uint8_t *)text, bytes, false, err);
    else
        ps_fail_memory(err, manifest->path);
    free(text);
    manifest->written_sec = now_sec();
    manifest->writing_sec = manifest->written_sec - begun_sec;
    return status;
}

ps_status ps_batch_manifest_write_now_and_then(ps_batch_manifest *manifest, ps_error *err)
{
    if (now_sec() - manifest->written_sec < WRITE_SHARE * manifest->writing_sec)
        return PS_OK;
    return ps_batch_manifest_write(manifest, false, err);
}
