/* What `plainsong render` says after the work. */
#include "render_report.h"

#include <math.h>
#include <string.h>

#include "levels.h"

const char *render_clock(double seconds, char *text, size_t text_bytes)
{
    const long long tenths = llround(seconds * 10.0);

    snprintf(text, text_bytes, "%lld:%02lld.%lld", tenths / 600, tenths / 10 % 60, tenths % 10);
    return text;
}

void render_warn(cli *c, const ps_render_report *report)
{
    for (uint32_t i = 0; i < report->missing_count; i++) {
        const ps_missing_preset *m = &report->missing[i];

        if (m->silent)
            cli_warn(c, report->soundfont_path, "no %s %u:%u, channel %u is silent",
                     m->drums ? "drum kit" : "preset", m->bank, m->program, m->channel + 1u);
        else
            cli_warn(c, report->soundfont_path, "no %s %u:%u, %u:%u plays on channel %u instead",
                     m->drums ? "drum kit" : "preset", m->bank, m->program, m->used_bank,
                     m->used_program, m->channel + 1u);
    }
    if (report->not_finite > 0)
        cli_warn(c, NULL, "%llu samples of the input were not finite: they are silent",
                 (unsigned long long)report->not_finite);
    if (report->mastered && !report->master.reached)
        cli_warn(c, NULL, "mastering came to %.1f LUFS: the limiter takes the rest away",
                 report->master.after.integrated_lufs);
    if (report->clipped > 0)
        cli_warn(c, NULL, "%llu samples were beyond full scale and have been cut",
                 (unsigned long long)report->clipped);
}

static const char *output_name(const ps_render_request *request)
{
    if (strcmp(request->output_path, "null:") == 0)
        return request->stems_dir ? request->stems_dir : "nothing written";
    return strcmp(request->output_path, "-") == 0 ? "standard output" : request->output_path;
}

void render_summary(const cli *c, const ps_render_request *request, const ps_render_report *report,
                    double wall_sec)
{
    char length[32], loudness[32] = "", stems[48] = "";

    if (report->prevented_clipping)
        cli_say(c, "turned down by %.1f dB: the mix would have clipped (--level none keeps it)",
                -cli_db(report->gain));
    if (isfinite(report->levels.integrated_lufs))
        snprintf(loudness, sizeof loudness, "%.1f LUFS, ", report->levels.integrated_lufs);
    else if (!isnan(report->levels.integrated_lufs))
        snprintf(loudness, sizeof loudness, "no loudness, ");
    if (report->stems > 0)
        snprintf(stems, sizeof stems, "%u %s, ", (unsigned)report->stems,
                 report->stems == 1 ? "stem" : "stems");
    render_clock(report->seconds, length, sizeof length);
    if (report->levels.peak > 0.0)
        cli_say(c, "%s: %s, %speak %.1f dBFS, %s%.0f x real time", output_name(request), length,
                stems, cli_db(report->levels.peak), loudness, report->seconds / wall_sec);
    else
        cli_say(c, "%s: %s, %ssilence", output_name(request), length, stems);
}

static void missing_json(json_out *j, const ps_render_report *report)
{
    json_array(j, "missing_presets");
    for (uint32_t i = 0; i < report->missing_count; i++) {
        const ps_missing_preset *m = &report->missing[i];

        json_object(j, NULL);
        json_integer(j, "bank", m->bank);
        json_integer(j, "program", m->program);
        json_bool(j, "drums", m->drums);
        json_integer(j, "channel", m->channel + 1);
        if (m->silent) {
            json_null(j, "used_bank");
            json_null(j, "used_program");
        } else {
            json_integer(j, "used_bank", m->used_bank);
            json_integer(j, "used_program", m->used_program);
        }
        json_end(j);
    }
    json_end(j);
}

static void synth_json(json_out *j, const ps_render_report *report)
{
    json_integer(j, "notes", (int64_t)report->synth.notes);
    json_integer(j, "regions", (int64_t)report->synth.regions);
    json_integer(j, "peak_polyphony", report->synth.peak_polyphony);
    json_integer(j, "stolen", (int64_t)report->synth.stolen);
    json_integer(j, "silent_notes", (int64_t)report->synth.silent_notes);
}

static void put_chain(json_out *j, const char *key, const ps_chain *chain)
{
    char text[4096];

    ps_chain_write(chain, text, sizeof text);
    json_text(j, key, text);
}

static void master_json(json_out *j, const ps_render_report *report)
{
    const ps_master_report *m = &report->master;

    json_object(j, "master");
    json_text(j, "chain", report->master_chain);
    json_array(j, "equalizer");
    for (uint32_t band = 0; band < PS_MASTER_BANDS; band++) {
        json_object(j, NULL);
        json_number(j, "hz", m->band_hz[band]);
        json_number(j, "db", m->band_db[band]);
        json_end(j);
    }
    json_end(j);
    json_number(j, "off_target_before_db", m->off_before_db);
    json_number(j, "off_target_after_db", m->off_after_db);
    json_number(j, "gain_db", m->gain_db);
    json_object(j, "before");
    cli_put_levels(j, &m->before);
    json_end(j);
    json_object(j, "after");
    cli_put_levels(j, &m->after);
    json_end(j);
    json_bool(j, "reached", m->reached);
    json_end(j);
}

static void effects_json(json_out *j, const ps_render_request *request,
                         const ps_render_report *report)
{
    if (request->effects && ps_chain_count(request->effects) > 0)
        put_chain(j, "effects", request->effects);
    if (request->channel_effects_count > 0) {
        json_object(j, "channel_effects");
        for (size_t i = 0; i < request->channel_effects_count; i++) {
            char key[16];

            snprintf(key, sizeof key, "%u", (unsigned)request->channel_effects[i].channel + 1);
            put_chain(j, key, request->channel_effects[i].chain);
        }
        json_end(j);
    }
    json_integer(j, "input_not_finite", (int64_t)report->not_finite);
    if (report->mastered)
        master_json(j, report);
}

void render_json(FILE *file, const cli *c, const ps_render_request *request,
                 const ps_render_report *report, const cli_gpu *gpu, double wall_sec)
{
    const char *line;
    json_out j;

    json_begin(&j, file);
    json_object(&j, NULL);
    json_text(&j, "input", request->input_path);
    json_text(&j, "output", request->output_path);
    json_text(&j, "format", ps_container_format(request->file.container));
    json_text(&j, "kind", report->audio ? "audio" : report->track ? "track" : "midi");
    if (!report->track && !report->audio)
        json_text(&j, "soundfont", report->soundfont_path);
    json_number(&j, "duration", report->seconds);
    json_integer(&j, "frames", (int64_t)report->frames);
    json_integer(&j, "rate", report->rate_hz);
    json_integer(&j, "channels", request->file.channels);
    cli_put_levels(&j, &report->levels);
    json_number(&j, "gain_db", cli_db(report->gain));
    json_bool(&j, "prevented_clipping", report->prevented_clipping);
    json_integer(&j, "clipped", (int64_t)report->clipped);
    effects_json(&j, request, report);
    if (!report->track && !report->audio) {
        synth_json(&j, report);
        missing_json(&j, report);
        json_integer(&j, "stems", report->stems);
    }
    cli_gpu_put(&j, gpu);
    json_number(&j, "wall_seconds", wall_sec);
    json_array(&j, "warnings");
    for (uint32_t i = 0; (line = cli_warning_line(c, i)) != NULL; i++)
        json_text(&j, NULL, line);
    json_end(&j);
    json_integer(&j, "warning_count", (int64_t)c->warning_count);
    json_end(&j);
    json_finish(&j);
}
