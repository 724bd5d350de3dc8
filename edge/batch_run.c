/*
 * Batches. All inputs are looked at first: that gives their content keys and their lengths. Then
 * the longest is rendered first, because what is begun last should not keep everybody waiting. A
 * file that the others have enough to do beside is rendered by one thread, which costs least; the
 * last long ones are rendered with the pool, whose threads come to help when they have no file
 * left.
 */
#include "plainsong/batch.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "batch_key.h"
#include "batch_manifest.h"
#include "batch_names.h"
#include "batch_survey.h"
#include "batch_text.h"
#include "fail.h"
#include "folders.h"
#include "plainsong/threads.h"
#include "target.h"

/* One input and all that becomes of it. */
typedef struct batch_file {
    char *input, *name, *output; /* name: of the output, within the folder */
    ps_batch_survey survey;
    ps_batch_result result;
    ps_error *error; /* the result's; NULL: none */
    double told;     /* of the file, 0..1: as it was last counted in the progress */
} batch_file;

struct ps_batch_results {
    batch_file *files;
    size_t count;
    char *manifest_path;
};

typedef struct batch {
    const ps_batch_options *options;
    ps_warnings warnings;      /* the caller's */
    ps_render_request request; /* what all files share */
    ps_batch_results *results;
    ps_threads *threads;
    uint32_t thread_count;
    ps_engine *together, *alone; /* with the pool, and without */
    ps_soundfont_file *banks[PS_RENDER_BANKS];
    const ps_soundfont_file *lent[PS_RENDER_BANKS];
    char default_bank[1024];
    ps_digest options_key, banks_key;
    ps_batch_past *past;
    ps_batch_manifest *manifest;
    size_t *order; /* of the files to render */
    size_t order_count;

    atomic_bool stopped;
    pthread_mutex_t lock; /* guards what follows, and the caller's functions */
    double all_sec, done_sec, unclaimed_sec;
    size_t distinct, finished, skipped, failed; /* inputs that are the same count once */

    pthread_mutex_t manifest_lock;
} batch;

static double now_sec(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- Results ------------------------------------------------------------------------------ */

const ps_batch_result *ps_batch_results_nth(const ps_batch_results *results, size_t index)
{
    return index < results->count ? &results->files[index].result : NULL;
}

void ps_batch_results_totals(const ps_batch_results *results, ps_batch_totals *totals)
{
    memset(totals, 0, sizeof *totals);
    totals->files = results->count;
    totals->manifest_path = results->manifest_path;
    for (size_t i = 0; i < results->count; i++) {
        const ps_batch_result *result = &results->files[i].result;

        totals->pending += result->outcome == PS_BATCH_PENDING;
        totals->done += result->outcome == PS_BATCH_DONE;
        totals->skipped += result->outcome == PS_BATCH_SKIPPED;
        totals->failed += result->outcome == PS_BATCH_FAILED;
        if (result->same_as == SIZE_MAX)
            totals->seconds += result->seconds;
    }
}

void ps_batch_results_destroy(ps_batch_results *results)
{
    if (!results)
        return;
    for (size_t i = 0; results->files && i < results->count; i++) {
        batch_file *file = &results->files[i];

        ps_free(NULL, file->input);
        ps_free(NULL, file->name);
        ps_free(NULL, file->output);
        ps_free(NULL, file->error);
    }
    ps_free(NULL, results->files);
    ps_free(NULL, results->manifest_path);
    ps_free(NULL, results);
}

/* ---- Beginning ---------------------------------------------------------------------------- */

static ps_status take_names(ps_batch_results *results, const ps_batch_input *inputs,
                            const ps_batch_name *names, const char *folder)
{
    for (size_t i = 0; i < results->count; i++) {
        batch_file *file = &results->files[i];

        file->input = ps_batch_copy(inputs[i].path);
        file->name = ps_batch_copy(names[i].name);
        file->output = ps_batch_join_path(folder, names[i].name);
        if (!file->input || !file->name || !file->output)
            return PS_NO_MEMORY;
        file->result.input_path = file->input;
        file->result.output_path = file->output;
        file->result.same_as = names[i].same_as;
        file->result.levels.peak = file->result.levels.rms = file->result.levels.true_peak =
            file->result.levels.integrated_lufs = (double)NAN;
    }
    return PS_OK;
}

static ps_status make_results(batch *b, const ps_batch_input *inputs, size_t count, ps_error *err)
{
    const ps_batch_options *options = b->options;
    ps_batch_results *results = ps_alloc(NULL, 1, sizeof *results);
    ps_batch_name *names = ps_alloc(NULL, count + 1, sizeof *names);
    ps_status status = PS_OK;

    b->results = results;
    if (results) {
        results->files = ps_alloc(NULL, count + 1, sizeof *results->files);
        results->count = count;
        results->manifest_path = options->manifest_path
                                     ? ps_batch_copy(options->manifest_path)
                                     : ps_batch_join_path(options->output_dir, PS_BATCH_MANIFEST);
    }
    if (!results || !results->files || !results->manifest_path || !names)
        status = ps_fail(err, PS_NO_MEMORY, "no memory for a batch of %zu files", count);
    if (status == PS_OK)
        status = ps_batch_name_all(names, inputs, count,
                                   ps_container_format(b->request.file.container), err);
    if (status == PS_OK && take_names(results, inputs, names, options->output_dir) != PS_OK)
        status = ps_fail(err, PS_NO_MEMORY, "no memory for a batch of %zu files", count);
    for (size_t i = 0; names && i < count; i++)
        ps_free(NULL, names[i].name);
    ps_free(NULL, names);
    return status;
}

static ps_status make_engines(batch *b, ps_error *err)
{
    ps_engine_options options = {0};
    ps_status status = ps_engine_create(&b->alone, &options, err);

    b->thread_count = 1;
    if (status == PS_OK && b->request.threads != 1) {
        status = ps_threads_create(&b->threads, b->request.threads, err);
        if (status != PS_OK)
            return status;
        options.workers = ps_threads_workers(b->threads);
        b->thread_count = options.workers->threads;
    }
    return status == PS_OK ? ps_engine_create(&b->together, &options, err) : status;
}

static ps_status check(const ps_render_request *request, const ps_batch_options *options,
                       ps_error *err)
{
    if (request->stems_dir)
        return ps_fail(err, PS_UNSUPPORTED, "a batch has no stems");
    if (!options->output_dir || options->output_dir[0] == '\0')
        return ps_fail(err, PS_BAD_ARGUMENT, "a batch needs a folder to write to");
    if (request->file.container == PS_CONTAINER_NULL)
        return ps_fail(err, PS_BAD_ARGUMENT, "a batch needs a format to write");
    if (request->soundfont_count > PS_RENDER_BANKS)
        return ps_fail(err, PS_BAD_ARGUMENT, "%u banks, but %u are the most",
                       (unsigned)request->soundfont_count, PS_RENDER_BANKS);
    return PS_OK;
}

/* ---- Telling ------------------------------------------------------------------------------ */

/* Some of the warnings are about a file, others about a bank. */
typedef struct warned {
    batch *batch;
    batch_file *file; /* NULL: none */
} warned;

static void add_warning(void *user, const ps_error *warning)
{
    const warned *w = user;
    batch *b = w->batch;

    pthread_mutex_lock(&b->lock);
    if (w->file)
        w->file->result.warnings++;
    if (b->warnings.add)
        b->warnings.add(b->warnings.user, warning);
    pthread_mutex_unlock(&b->lock);
}

/* The lock is held. */
static void tell(batch *b, const batch_file *file, const char *stage, const ps_batch_result *result)
{
    const ps_batch_state state = {
        .done = b->all_sec > 0.0 ? fmin(1.0, b->done_sec / b->all_sec) : 0.0,
        .files = b->distinct,
        .finished = b->finished,
        .skipped = b->skipped,
        .failed = b->failed,
        .index = (size_t)(file - b->results->files),
        .input_path = file->input,
        .file_done = file->told,
        .stage = stage,
        .result = result,
    };

    if (b->options->progress && !b->options->progress(b->options->progress_user, &state))
        atomic_store(&b->stopped, true);
}

/* A render's progress: counted, and told when nobody else is telling. */
static bool file_progress(void *user, double done, const char *stage)
{
    const warned *w = user;
    batch *b = w->batch;
    batch_file *file = w->file;

    if (pthread_mutex_trylock(&b->lock) == 0) {
        b->done_sec += file->survey.seconds * (done - file->told);
        file->told = done;
        tell(b, file, stage, NULL);
        pthread_mutex_unlock(&b->lock);
    }
    return !atomic_load(&b->stopped);
}

/* Sets an outcome and tells it. */
static void settle(batch *b, batch_file *file, ps_batch_outcome outcome)
{
    static const ps_error no_words = {
        .status = PS_NO_MEMORY, .offset_bytes = PS_NOWHERE, .text = "out of memory"};

    pthread_mutex_lock(&b->lock);
    file->result.outcome = outcome;
    if (outcome == PS_BATCH_FAILED)
        file->result.error = file->error ? file->error : &no_words;
    b->finished++;
    b->skipped += outcome == PS_BATCH_SKIPPED;
    b->failed += outcome == PS_BATCH_FAILED;
    b->done_sec += file->survey.seconds * (1.0 - file->told);
    file->told = 1.0;
    tell(b, file, "done", &file->result);
    pthread_mutex_unlock(&b->lock);
}

static void settle_failed(batch *b, batch_file *file, const ps_error *err)
{
    file->error = ps_alloc(NULL, 1, sizeof *file->error);
    if (file->error)
        *file->error = *err;
    settle(b, file, PS_BATCH_FAILED);
}

/* ---- Looking ------------------------------------------------------------------------------ */

static void look_at_one(void *argument, uint32_t index)
{
    batch *b = argument;
    batch_file *file = &b->results->files[index];

    if (file->result.same_as != SIZE_MAX || atomic_load(&b->stopped))
        return;
    ps_batch_look_at(&file->survey, file->input);
    if (b->request.duration_sec > 0.0)
        file->survey.seconds = fmin(file->survey.seconds, b->request.duration_sec);
    if (pthread_mutex_trylock(&b->lock) == 0) {
        tell(b, file, "reading", NULL);
        pthread_mutex_unlock(&b->lock);
    }
}

static bool has_midi(const batch *b)
{
    for (size_t i = 0; i < b->results->count; i++) {
        if (b->results->files[i].survey.kind == PS_BATCH_MIDI)
            return true;
    }
    return false;
}

static ps_status open_banks(batch *b, warned *warned_bank, ps_error *err)
{
    const ps_warnings warnings = {add_warning, warned_bank};
    ps_render_request *request = &b->request;
    ps_status status = PS_OK;

    if (request->soundfont_count == 0 && has_midi(b)) {
        status = ps_soundfont_find_default(b->default_bank, sizeof b->default_bank, err);
        request->soundfont_paths[0] = b->default_bank;
        request->soundfont_offsets[0] = 0;
        request->soundfont_count = status == PS_OK;
    }
    for (uint32_t i = 0; i < request->soundfont_count && status == PS_OK; i++) {
        const char *path = request->soundfont_paths[i];

        if (!request->soundfonts) {
            status = ps_soundfont_file_open(&b->banks[i], path, request->strict, &warnings, err);
            b->lent[i] = b->banks[i];
        }
        if (status == PS_OK)
            status = ps_batch_key_add_file(&b->banks_key, path, err);
    }
    if (status == PS_OK && request->soundfont_count > 0 && !request->soundfonts)
        request->soundfonts = b->lent;
    return status;
}

/* Banks that nobody named play MIDI files alone. */
static void make_key(const batch *b, batch_file *file)
{
    const bool default_bank = b->default_bank[0] != '\0';
    ps_digest key = b->options_key;

    if (!file->survey.readable)
        return;
    if (file->survey.kind == PS_BATCH_MIDI ||
        (file->survey.kind == PS_BATCH_TRACK && !default_bank))
        ps_batch_key_add(&key, b->banks_key);
    ps_batch_key_add(&key, file->survey.content);
    ps_batch_key_text(file->result.key, key);
}

static ps_status look_at_all(batch *b, warned *warned_bank, ps_error *err)
{
    ps_status status = ps_batch_key_of_options(&b->options_key, &b->request, err);

    if (status != PS_OK)
        return status;
    ps_workers_run(ps_engine_workers(b->together), look_at_one, b, (uint32_t)b->results->count);
    if (atomic_load(&b->stopped))
        return ps_fail(err, PS_CANCELLED, "stopped");
    status = open_banks(b, warned_bank, err);
    for (size_t i = 0; i < b->results->count && status == PS_OK; i++) {
        batch_file *file = &b->results->files[i];

        if (file->result.same_as != SIZE_MAX)
            continue;
        make_key(b, file);
        b->distinct++;
        b->all_sec += file->survey.seconds;
    }
    return status;
}

/* ---- What was there before ---------------------------------------------------------------- */

static bool was_made_before(const batch *b, batch_file *file)
{
    ps_batch_result *result = &file->result;
    ps_batch_found found;
    struct stat about;

    if (!b->options->resume || result->key[0] == '\0' ||
        !ps_batch_past_find(b->past, file->name, &found) || strcmp(found.key, result->key) != 0 ||
        stat(file->output, &about) != 0 || !S_ISREG(about.st_mode) ||
        (uint64_t)about.st_size != found.bytes)
        return false;
    result->frames = found.result.frames;
    result->seconds = found.result.seconds;
    result->rate_hz = found.result.rate_hz;
    result->levels = found.result.levels;
    result->gain = found.result.gain;
    result->prevented_clipping = found.result.prevented_clipping;
    result->clipped = found.result.clipped;
    result->warnings = found.result.warnings;
    return true;
}

/* An audio file must not be written over by what is made of it, or of another. */
static bool is_an_input(const batch *b, const char *output)
{
    struct stat about;

    if (stat(output, &about) != 0)
        return false;
    for (size_t i = 0; i < b->results->count; i++) {
        const batch_file *file = &b->results->files[i];

        if (ps_batch_is_audio(file->input) && file->survey.before.st_ino == about.st_ino &&
            file->survey.before.st_dev == about.st_dev)
            return true;
    }
    return false;
}

static int by_name(const void *one, const void *other)
{
    const batch_file *const *a = one, *const *b = other;

    return strcmp((*a)->name, (*b)->name);
}

typedef struct sorted_files {
    const batch_file **files;
    size_t count;
} sorted_files;

static int output_order(const void *output, const void *file)
{
    const batch_file *const *f = file;

    return strcmp(output, (*f)->name);
}

static bool is_ours(void *user, const char *output)
{
    const sorted_files *sorted = user;

    return bsearch(output, sorted->files, sorted->count, sizeof *sorted->files, output_order);
}

static ps_status begin_manifest(batch *b, ps_error *err)
{
    const size_t count = b->results->count;
    const char *path = b->results->manifest_path;
    sorted_files sorted = {ps_alloc(NULL, count + 1, sizeof(batch_file *)), count};
    ps_status status;

    if (!sorted.files)
        return ps_fail_memory(err, path);
    for (size_t i = 0; i < count; i++)
        sorted.files[i] = &b->results->files[i];
    qsort(sorted.files, count, sizeof *sorted.files, by_name);
    status = ps_batch_manifest_create(&b->manifest, path, count, b->past, is_ours, &sorted, err);
    ps_free(NULL, sorted.files);
    return status;
}

static void remove_leftovers(const batch *b)
{
    const long writer = ps_batch_past_dead_writer(b->past);

    if (writer == 0)
        return;
    ps_target_remove_part(b->results->manifest_path, writer);
    for (size_t i = 0; i < b->results->count; i++)
        ps_target_remove_part(b->results->files[i].output, writer);
}

/* Without resume a manifest that cannot be read is simply replaced. */
static ps_status read_past(batch *b, ps_error *err)
{
    const char *path = b->results->manifest_path;

    if (b->options->resume)
        return ps_batch_past_read(&b->past, path, err);
    return ps_batch_past_read(&b->past, path, NULL) == PS_NO_MEMORY ? ps_fail_memory(err, path)
                                                                    : PS_OK;
}

static ps_status enter(batch *b, const batch_file *file, ps_error *err)
{
    const size_t index = (size_t)(file - b->results->files);
    ps_batch_entry entry = {.output = file->name, .result = &file->result};
    struct stat about;

    if (file->result.outcome != PS_BATCH_FAILED && stat(file->output, &about) == 0)
        entry.bytes = (uint64_t)about.st_size;
    return ps_batch_manifest_set(b->manifest, index, &entry, err);
}

/* What is there already is settled; of all that will be rendered the manifest says nothing more. */
static ps_status look_back(batch *b, ps_error *err)
{
    ps_status status = ps_make_folders(b->results->manifest_path, err);

    if (status == PS_OK)
        status = read_past(b, err);
    if (status == PS_OK)
        status = begin_manifest(b, err);
    if (status == PS_OK)
        remove_leftovers(b);
    for (size_t i = 0; i < b->results->count && status == PS_OK; i++) {
        batch_file *file = &b->results->files[i];

        if (file->result.same_as != SIZE_MAX || !was_made_before(b, file))
            continue;
        settle(b, file, PS_BATCH_SKIPPED);
        status = enter(b, file, err);
    }
    return status == PS_OK ? ps_batch_manifest_write(b->manifest, false, err) : status;
}

/* ---- Rendering ---------------------------------------------------------------------------- */

typedef struct length {
    double seconds;
    size_t index;
} length;

static int longest_first(const void *one, const void *other)
{
    const length *a = one, *b = other;

    if (a->seconds != b->seconds)
        return a->seconds > b->seconds ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static ps_status put_in_order(batch *b, ps_error *err)
{
    const size_t count = b->results->count;
    length *lengths = ps_alloc(NULL, count + 1, sizeof *lengths);

    b->order = ps_alloc(NULL, count + 1, sizeof *b->order);
    if (!lengths || !b->order) {
        ps_free(NULL, lengths);
        return ps_fail(err, PS_NO_MEMORY, "no memory for a batch of %zu files", count);
    }
    for (size_t i = 0; i < count; i++) {
        const batch_file *file = &b->results->files[i];

        if (file->result.same_as == SIZE_MAX && file->result.outcome == PS_BATCH_PENDING) {
            lengths[b->order_count++] = (length){file->survey.seconds, i};
            b->unclaimed_sec += file->survey.seconds;
        }
    }
    qsort(lengths, b->order_count, sizeof *lengths, longest_first);
    for (size_t i = 0; i < b->order_count; i++)
        b->order[i] = lengths[i].index;
    ps_free(NULL, lengths);
    return PS_OK;
}

/* Alone when the other threads have as much to do elsewhere as this one here. */
static ps_engine *choose_engine(batch *b, const batch_file *file)
{
    bool alone;

    pthread_mutex_lock(&b->lock);
    b->unclaimed_sec -= file->survey.seconds;
    alone = file->survey.seconds * (b->thread_count - 1) <= b->unclaimed_sec;
    pthread_mutex_unlock(&b->lock);
    return alone ? b->alone : b->together;
}

static ps_status render(batch *b, batch_file *file, ps_render_report *report, ps_error *err)
{
    warned w = {b, file};
    ps_render_request request = b->request;
    ps_status status;

    request.engine = choose_engine(b, file);
    request.input_path = file->input;
    request.output_path = file->output;
    request.container_from_name = false;
    request.progress = file_progress;
    request.progress_user = &w;
    request.warnings = (ps_warnings){add_warning, &w};
    if (is_an_input(b, file->output))
        return ps_fail_file(err, PS_BAD_ARGUMENT, file->output,
                            "an input is not written over: choose another folder");
    status = ps_make_folders(file->output, err);
    if (status != PS_OK)
        return status;
    return ps_batch_is_audio(file->input) ? ps_process_file(&request, report, err)
                                          : ps_render_file(&request, report, err);
}

static void take_report(ps_batch_result *result, const ps_render_report *report)
{
    result->frames = report->frames;
    result->seconds = report->seconds;
    result->rate_hz = report->rate_hz;
    result->levels = report->levels;
    result->gain = report->gain;
    result->prevented_clipping = report->prevented_clipping;
    result->clipped = report->clipped;
}

/* A manifest that cannot be written now is tried again, and complained of at the end. */
static void enter_and_write(batch *b, const batch_file *file)
{
    pthread_mutex_lock(&b->manifest_lock);
    if (enter(b, file, NULL) == PS_OK)
        ps_batch_manifest_write_now_and_then(b->manifest, NULL);
    pthread_mutex_unlock(&b->manifest_lock);
}

static void render_one(void *argument, uint32_t index)
{
    batch *b = argument;
    batch_file *file = &b->results->files[b->order[index]];
    const double begun_sec = now_sec();
    ps_error err = {.offset_bytes = PS_NOWHERE};
    ps_render_report report;
    ps_status status;

    if (atomic_load(&b->stopped))
        return;
    status = render(b, file, &report, &err);
    if (status == PS_CANCELLED)
        return;
    file->result.wall_sec = now_sec() - begun_sec;
    if (status == PS_OK) {
        take_report(&file->result, &report);
        if (!ps_batch_is_unchanged(&file->survey, file->input))
            file->result.key[0] = '\0';
        settle(b, file, PS_BATCH_DONE);
    } else {
        ps_error_in(&err, file->input);
        settle_failed(b, file, &err);
    }
    enter_and_write(b, file);
}

static void copy_to_same(ps_batch_results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        ps_batch_result *result = &results->files[i].result;
        const size_t same_as = result->same_as;

        if (same_as == SIZE_MAX)
            continue;
        const char *input_path = result->input_path;

        *result = results->files[same_as].result;
        result->same_as = same_as;
        result->input_path = input_path;
    }
}

static ps_status render_all(batch *b, ps_error *err)
{
    ps_batch_totals totals;
    ps_status status = put_in_order(b, err);

    if (status != PS_OK)
        return status;
    if (!atomic_load(&b->stopped))
        ps_workers_run(ps_engine_workers(b->together), render_one, b, (uint32_t)b->order_count);
    copy_to_same(b->results);
    ps_batch_results_totals(b->results, &totals);
    status = ps_batch_manifest_write(b->manifest, totals.pending == 0, err);
    if (status == PS_OK && totals.pending > 0) /* a stop that came too late is none */
        status = ps_fail(err, PS_CANCELLED, "stopped");
    return status;
}

/* ---- All of it ---------------------------------------------------------------------------- */

static void close_all(batch *b)
{
    ps_engine_destroy(b->alone);
    ps_engine_destroy(b->together);
    ps_threads_destroy(b->threads);
    for (uint32_t i = 0; i < PS_RENDER_BANKS; i++)
        ps_soundfont_file_close(b->banks[i]);
    ps_batch_past_free(b->past);
    ps_batch_manifest_destroy(b->manifest);
    ps_free(NULL, b->order);
    pthread_mutex_destroy(&b->lock);
    pthread_mutex_destroy(&b->manifest_lock);
    ps_free(NULL, b);
}

ps_status ps_batch_run(ps_batch_results **results, const ps_render_request *request,
                       const ps_batch_options *options, const ps_batch_input *inputs, size_t count,
                       ps_error *err)
{
    warned warned_bank = {0};
    bool begun = false;
    batch *b;
    ps_status status = check(request, options, err);

    *results = NULL;
    if (status != PS_OK)
        return status;
    if (count > UINT32_MAX / 2)
        return ps_fail(err, PS_BAD_ARGUMENT, "%zu files are too many", count);
    b = ps_alloc(NULL, 1, sizeof *b);
    if (!b)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a batch");
    b->options = options;
    b->warnings = request->warnings;
    b->request = *request;
    b->request.engine = NULL;
    b->request.dry_run = false;
    warned_bank.batch = b;
    atomic_init(&b->stopped, false);
    pthread_mutex_init(&b->lock, NULL);
    pthread_mutex_init(&b->manifest_lock, NULL);
    status = make_results(b, inputs, count, err);
    if (status == PS_OK)
        status = make_engines(b, err);
    if (status == PS_OK)
        status = look_at_all(b, &warned_bank, err);
    if (status == PS_OK)
        status = look_back(b, err);
    begun = status == PS_OK;
    if (begun)
        status = render_all(b, err);
    if (begun)
        *results = b->results;
    else
        ps_batch_results_destroy(b->results);
    close_all(b);
    return status;
}
