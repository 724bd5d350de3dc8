/* Stems: the same piece once more per channel, each with only that channel's notes. */
#include "stems.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "fail.h"
#include "render_effects.h"

#define BANK_SELECT 0
#define NAME_BYTES  32u

struct ps_stem {
    uint16_t channel;
    char *path;
    ps_render_job job;
    ps_status status;
    ps_error error;
};

/* ---- Names -------------------------------------------------------------------------------- */

static bool is_drum_channel(uint32_t channel)
{
    return channel % 16 == 9;
}

/* "Acoustic Grand Piano" becomes "acoustic-grand-piano": safe in every folder and shell. */
static void sanitize(char *out, const char *name)
{
    size_t length = 0;

    for (; *name && length + 1 < NAME_BYTES; name++) {
        if (isalnum((unsigned char)*name) && (unsigned char)*name < 0x80)
            out[length++] = (char)tolower((unsigned char)*name);
        else if (length > 0 && out[length - 1] != '-')
            out[length++] = '-';
    }
    while (length > 0 && out[length - 1] == '-')
        length--;
    out[length] = '\0';
}

/* The preset's name in the first bank that has it, "" when none has. */
static void preset_name(const ps_stems *stems, uint32_t bank_number, uint8_t program, char *name)
{
    name[0] = '\0';
    for (size_t i = 0; i < stems->bank_count && name[0] == '\0'; i++) {
        const ps_bank_choice *choice = &stems->banks[i];
        ps_preset_info info;
        int32_t index;

        if (bank_number < choice->offset)
            continue;
        index = ps_soundfont_find_preset(choice->bank, (uint16_t)(bank_number - choice->offset),
                                         program);
        if (index < 0)
            continue;
        ps_soundfont_preset_info(choice->bank, (uint32_t)index, &info);
        sanitize(name, info.name);
    }
}

/* By the program in force at the channel's first note. */
static void stem_name(const ps_stems *stems, uint16_t channel, char *name)
{
    const ps_event *events;
    uint8_t program = 0, bank_number = 0;
    size_t count;

    events = ps_score_events(stems->score, &count);
    for (size_t i = 0; i < count; i++) {
        const ps_event *event = &events[i];

        if (event->channel != channel)
            continue;
        if (event->kind == PS_EVENT_NOTE_ON)
            break;
        if (event->kind == PS_EVENT_PROGRAM)
            program = event->a;
        if (event->kind == PS_EVENT_CONTROL && event->a == BANK_SELECT)
            bank_number = event->b;
    }
    if (is_drum_channel(channel)) {
        snprintf(name, NAME_BYTES, "drums");
        return;
    }
    preset_name(stems, bank_number, program, name);
    if (name[0] == '\0')
        preset_name(stems, 0, program, name);
    if (name[0] == '\0')
        snprintf(name, NAME_BYTES, "program-%u", (unsigned)program + 1);
}

/* As the mix, or as the request says when the mix goes nowhere. */
static ps_container stem_container(const ps_stems *stems)
{
    const ps_render_request *request = stems->request;
    ps_container container = PS_CONTAINER_WAV;

    if (request->container_from_name)
        ps_container_of_name(request->output_path, &container);
    else
        container = request->file.container;
    return container == PS_CONTAINER_NULL ? PS_CONTAINER_WAV : container;
}

static char *stem_path(const ps_stems *stems, uint16_t channel)
{
    const char *folder = stems->request->stems_dir;
    const size_t size_bytes = strlen(folder) + NAME_BYTES + 32;
    char *path = ps_alloc(NULL, 1, size_bytes);
    char name[NAME_BYTES];

    if (path) {
        stem_name(stems, channel, name);
        snprintf(path, size_bytes, "%s%s%02u-%s.%s", folder,
                 folder[0] && folder[strlen(folder) - 1] == '/' ? "" : "/", channel + 1u, name,
                 ps_container_format(stem_container(stems)));
    }
    return path;
}

/* ---- Preparing ---------------------------------------------------------------------------- */

static ps_channel_set channels_with_notes(const ps_score *score, uint32_t *channel_count)
{
    ps_channel_set set = ps_channels_none();
    size_t count;
    const ps_event *events = ps_score_events(score, &count);

    *channel_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (events[i].kind == PS_EVENT_NOTE_ON && !ps_channels_has(&set, events[i].channel)) {
            ps_channels_add(&set, events[i].channel);
            ++*channel_count;
        }
    }
    return set;
}

static bool is_folder(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

ps_status ps_stems_prepare(ps_stems *stems, ps_error *err)
{
    const char *folder = stems->request->stems_dir;
    uint32_t count;
    const ps_channel_set set = channels_with_notes(stems->score, &count);

    if (!is_folder(folder) && mkdir(folder, 0777) != 0)
        return ps_fail_system(err, PS_CANNOT_WRITE, folder, "make the folder", errno);
    stems->stems = ps_alloc(NULL, count, sizeof *stems->stems);
    if (!stems->stems)
        return ps_fail_memory(err, folder);
    for (uint32_t channel = 0; channel < PS_SCORE_CHANNELS; channel++) {
        if (!ps_channels_has(&set, channel))
            continue;
        stems->stems[stems->count].channel = (uint16_t)channel;
        stems->stems[stems->count].path = stem_path(stems, (uint16_t)channel);
        if (!stems->stems[stems->count++].path)
            return ps_fail_memory(err, folder);
    }
    return PS_OK;
}

/* ---- Rendering ---------------------------------------------------------------------------- */

static ps_status render(ps_stems *stems, ps_stem *stem, ps_source *source, ps_error *err)
{
    ps_render_job *job = &stem->job;
    ps_status status = ps_render_job_init(job, source, stems->engine, stems->request, stem->path,
                                          stems->frames, err);

    if (status != PS_OK)
        return status;
    job->pass.span.most_frames = stems->frames;
    job->pass.span.padded = true;
    job->pass.peak_only = true;
    job->pass.gain = stems->gain;
    job->pass.progress = stems->progress;
    job->file.container = stem_container(stems);
    job->file.expected_frames = stems->frames;
    status = ps_audio_writer_open(&job->pass.writer, stem->path, &job->file, err);
    return status == PS_OK ? ps_render_pass_run(&job->pass, err) : status;
}

/* The effects of a channel belong to it; those of the mix do not. */
static const ps_chain *channel_chain(const ps_stems *stems, uint32_t channel)
{
    const ps_render_request *request = stems->request;

    for (size_t i = 0; i < request->channel_effects_count; i++)
        if (request->channel_effects[i].channel == channel)
            return request->channel_effects[i].chain;
    return NULL;
}

static void run_stem(void *argument, uint32_t index)
{
    ps_stems *stems = argument;
    ps_stem *stem = &stems->stems[index];
    ps_performance_options options = stems->request->performance;
    ps_source *source = NULL;

    if (atomic_load(&stems->progress->stopped))
        return;
    options.synth.channels = ps_channels_none();
    ps_channels_add(&options.synth.channels, stem->channel);
    stem->status = ps_performance_create(&source, stems->engine, stems->score, stems->banks,
                                         stems->bank_count, &options, &stem->error);
    if (stem->status == PS_OK)
        stem->status =
            ps_render_effects(&source, stems->engine, channel_chain(stems, stem->channel), NULL,
                              stems->request, &stem->error);
    if (stem->status == PS_OK)
        stem->status = render(stems, stem, source, &stem->error);
    if (stem->status != PS_OK) /* the others need not go on */
        atomic_store(&stems->progress->stopped, true);
    ps_source_destroy(source);
    stem->job.pass.source = NULL;
}

/* A failure stops the other stems, who then say "cancelled": the failure is what to tell. */
static ps_status first_failure(const ps_stems *stems, ps_error *err)
{
    const ps_stem *cancelled = NULL;

    for (uint32_t i = 0; i < stems->count; i++) {
        const ps_stem *stem = &stems->stems[i];

        if (stem->status == PS_CANCELLED) {
            cancelled = stem;
        } else if (stem->status != PS_OK) {
            if (err)
                *err = stem->error;
            return stem->status;
        }
    }
    if (cancelled || atomic_load(&stems->progress->stopped))
        return ps_fail(err, PS_CANCELLED, "stopped");
    return PS_OK;
}

ps_status ps_stems_run(ps_stems *stems, ps_error *err)
{
    ps_status status;

    ps_workers_run(ps_engine_workers(stems->engine), run_stem, stems, stems->count);
    status = first_failure(stems, err);
    for (uint32_t i = 0; i < stems->count; i++)
        stems->clipped += stems->stems[i].job.pass.clipped;
    return status;
}

ps_status ps_stems_finish(ps_stems *stems, ps_error *err)
{
    for (uint32_t i = 0; i < stems->count; i++) {
        const ps_status status = ps_render_job_finish(&stems->stems[i].job, err);

        if (status != PS_OK)
            return status;
    }
    return PS_OK;
}

void ps_stems_close(ps_stems *stems)
{
    for (uint32_t i = 0; i < stems->count; i++) {
        ps_render_job_close(&stems->stems[i].job);
        ps_free(NULL, stems->stems[i].path);
    }
    ps_free(NULL, stems->stems);
    stems->stems = NULL;
    stems->count = 0;
}
