/*
 * `plainsong render --dry-run`: what would be done. Opens everything, renders nothing. Of MIDI, the
 * presets are those in force at the notes, read as a GS module reads bank select.
 */
#include "render_plan.h"

#include <string.h>

#include "json_out.h"
#include "plainsong/track_file.h"
#include "render_report.h"

#define BANK_SELECT 0
#define DRUM_BANK   128u

/* What one channel asks for at its notes; only its first preset changes are told apart. */
typedef struct wish {
    uint16_t channel, bank, program;
    uint64_t notes;
} wish;

#define WISHES_MOST 1024u

typedef struct plan {
    ps_score *score;
    ps_score_info info;
    ps_soundfont_file *files[PS_RENDER_BANKS];
    char paths[PS_RENDER_BANKS][1024];
    uint32_t bank_count;
    wish wishes[WISHES_MOST];
    uint32_t wish_count;
} plan;

static void add_wish(plan *p, uint16_t channel, uint16_t bank, uint16_t program)
{
    for (uint32_t i = 0; i < p->wish_count; i++) {
        wish *w = &p->wishes[i];

        if (w->channel == channel && w->bank == bank && w->program == program) {
            w->notes++;
            return;
        }
    }
    if (p->wish_count < WISHES_MOST)
        p->wishes[p->wish_count++] = (wish){channel, bank, program, 1};
}

static void find_wishes(plan *p)
{
    uint8_t programs[PS_SCORE_CHANNELS] = {0}, banks[PS_SCORE_CHANNELS] = {0};
    size_t count;
    const ps_event *events = ps_score_events(p->score, &count);

    for (size_t i = 0; i < count; i++) {
        const ps_event *event = &events[i];
        const uint16_t channel = event->channel;

        if (event->kind == PS_EVENT_PROGRAM)
            programs[channel] = event->a;
        else if (event->kind == PS_EVENT_CONTROL && event->a == BANK_SELECT)
            banks[channel] = event->b;
        else if (event->kind == PS_EVENT_NOTE_ON)
            add_wish(p, channel, channel % 16 == 9 ? DRUM_BANK : banks[channel], programs[channel]);
    }
}

static ps_status open_banks(cli *c, plan *p, const ps_render_request *request, ps_error *err)
{
    ps_status status = PS_OK;

    p->bank_count = request->soundfont_count ? request->soundfont_count : 1;
    if (request->soundfont_count == 0)
        status = ps_soundfont_find_default(p->paths[0], sizeof p->paths[0], err);
    for (uint32_t i = 0; i < p->bank_count && status == PS_OK; i++) {
        ps_warnings warnings;

        if (request->soundfont_count > 0)
            snprintf(p->paths[i], sizeof p->paths[i], "%s", request->soundfont_paths[i]);
        warnings = cli_warnings(c, p->paths[i]);
        status = ps_soundfont_file_open(&p->files[i], p->paths[i], request->strict, &warnings, err);
        if (status != PS_OK)
            ps_error_in(err, p->paths[i]);
    }
    return status;
}

/* The name of the preset that answers exactly, NULL when another would have to. */
static const char *answer(const plan *p, const ps_render_request *request, const wish *w,
                          ps_preset_info *info)
{
    for (uint32_t i = 0; i < p->bank_count; i++) {
        const ps_soundfont *bank = ps_soundfont_file_bank(p->files[i]);
        const uint32_t offset = request->soundfont_count ? request->soundfont_offsets[i] : 0;
        int32_t index = -1;

        if (w->bank >= offset)
            index = ps_soundfont_find_preset(bank, (uint16_t)(w->bank - offset), w->program);
        if (index >= 0) {
            ps_soundfont_preset_info(bank, (uint32_t)index, info);
            return info->name;
        }
    }
    return NULL;
}

static unsigned rate_of(const ps_render_request *request)
{
    return request->file.rate_hz > 0 ? (unsigned)request->file.rate_hz : 44100u;
}

static void print_text(const plan *p, const ps_render_request *request)
{
    char music[32];

    render_clock(p->info.music_seconds, music, sizeof music);
    printf("input      %s\n", request->input_path);
    printf("output     %s (%s, %u Hz)\n", request->output_path,
           ps_container_format(request->file.container), rate_of(request));
    printf("music      %s, and the tail of the last notes\n", music);
    printf("notes      %zu on %u channels\n", p->info.notes, (unsigned)p->info.channels_used);
    for (uint32_t i = 0; i < p->bank_count; i++)
        printf("%s %s\n", i == 0 ? "soundfont " : "          ", p->paths[i]);
    printf("presets\n");
    for (uint32_t i = 0; i < p->wish_count; i++) {
        const wish *w = &p->wishes[i];
        ps_preset_info info;
        const char *name = answer(p, request, w, &info);

        printf("  channel %2u  %3u:%-3u  %-20s %llu notes\n", w->channel + 1u, w->bank, w->program,
               name ? name : "(missing)", (unsigned long long)w->notes);
    }
}

static void print_json(const plan *p, const ps_render_request *request)
{
    json_out j;

    json_begin(&j, stdout);
    json_object(&j, NULL);
    json_text(&j, "input", request->input_path);
    json_text(&j, "output", request->output_path);
    json_text(&j, "format", ps_container_format(request->file.container));
    json_integer(&j, "rate", rate_of(request));
    json_number(&j, "music_seconds", p->info.music_seconds);
    json_integer(&j, "notes", (int64_t)p->info.notes);
    json_integer(&j, "channels_used", p->info.channels_used);
    json_array(&j, "soundfonts");
    for (uint32_t i = 0; i < p->bank_count; i++)
        json_text(&j, NULL, p->paths[i]);
    json_end(&j);
    json_array(&j, "presets");
    for (uint32_t i = 0; i < p->wish_count; i++) {
        const wish *w = &p->wishes[i];
        ps_preset_info info;

        json_object(&j, NULL);
        json_integer(&j, "channel", w->channel + 1);
        json_integer(&j, "bank", w->bank);
        json_integer(&j, "program", w->program);
        json_text(&j, "name", answer(p, request, w, &info));
        json_integer(&j, "notes", (int64_t)w->notes);
        json_end(&j);
    }
    json_end(&j);
    json_end(&j);
    json_finish(&j);
}

/* ---- Tracks --------------------------------------------------------------------------------- */

static bool is_track(const char *path)
{
    ps_file *file = NULL;
    size_t size_bytes;
    bool track;

    if (strcmp(path, "-") == 0) { /* MIDI does not begin like text */
        const int first = getc(stdin);

        ungetc(first, stdin);
        return first == '{' || first == '[' || first == ' ' || first == '\n' || first == 0xef;
    }
    if (ps_file_map(&file, path, NULL) != PS_OK)
        return false;
    const uint8_t *bytes = ps_file_bytes(file, &size_bytes);
    track = ps_track_file_is_likely(bytes, size_bytes);
    ps_file_close(file);
    return track;
}

static int plan_track(cli *c, const ps_render_request *request, bool json)
{
    ps_render_request dry = *request;
    ps_render_report *report = ps_alloc(NULL, 1, sizeof *report);
    ps_error err = {.offset_bytes = PS_NOWHERE};
    char length[32];
    json_out j;

    dry.dry_run = true;
    dry.warnings = cli_warnings(c, NULL);
    const ps_status status = report ? ps_render_file(&dry, report, &err)
                                    : ps_fail(&err, PS_NO_MEMORY, "no memory for a plan");
    if (status == PS_OK && json) {
        json_begin(&j, stdout);
        json_object(&j, NULL);
        json_text(&j, "input", request->input_path);
        json_text(&j, "kind", "track");
        json_text(&j, "output", request->output_path);
        json_text(&j, "format", ps_container_format(request->file.container));
        json_integer(&j, "rate", report->rate_hz);
        json_number(&j, "duration", report->seconds);
        json_integer(&j, "frames", (int64_t)report->frames);
        json_integer(&j, "warning_count", (int64_t)c->warning_count);
        json_end(&j);
        json_finish(&j);
    } else if (status == PS_OK) {
        render_clock(report->seconds, length, sizeof length);
        printf("input      %s\n", request->input_path);
        printf("output     %s (%s, %u Hz)\n", request->output_path,
               ps_container_format(request->file.container), (unsigned)report->rate_hz);
        printf("length     %s, %llu frames\n", length, (unsigned long long)report->frames);
    }
    cli_finish_warnings(c);
    ps_free(NULL, report);
    return status == PS_OK ? CLI_DONE : cli_fail(c, NULL, &err);
}

int render_plan(cli *c, const ps_render_request *request, bool json)
{
    if (is_track(request->input_path))
        return plan_track(c, request, json);

    plan *p = ps_alloc(NULL, 1, sizeof *p);
    ps_error err = {.offset_bytes = PS_NOWHERE};
    ps_status status = p ? PS_OK : ps_fail(&err, PS_NO_MEMORY, "no memory for a plan");

    if (status == PS_OK)
        status = cli_read_score(c, request->input_path, request->strict, &p->score, &err);
    if (status == PS_OK) {
        ps_score_get_info(p->score, &p->info);
        if (p->info.notes == 0)
            status = ps_fail(&err, PS_BAD_DATA, "no notes");
        if (status != PS_OK)
            ps_error_in(&err, cli_input_name(request->input_path));
    }
    if (status == PS_OK)
        status = open_banks(c, p, request, &err);
    if (status == PS_OK) {
        find_wishes(p);
        if (json)
            print_json(p, request);
        else
            print_text(p, request);
    }
    for (uint32_t i = 0; p && i < PS_RENDER_BANKS; i++)
        ps_soundfont_file_close(p->files[i]);
    ps_score_destroy(p ? p->score : NULL);
    ps_free(NULL, p);
    return status == PS_OK ? CLI_DONE : cli_fail(c, NULL, &err);
}
