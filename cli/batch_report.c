/* What `plainsong batch` says after the work. */
#include "batch_report.h"

#include "json_out.h"
#include "levels.h"
#include "render_report.h"

static const char *const outcomes[] = {
    [PS_BATCH_PENDING] = "pending",
    [PS_BATCH_DONE] = "done",
    [PS_BATCH_SKIPPED] = "skipped",
    [PS_BATCH_FAILED] = "failed",
};

void batch_summary(cli *c, const ps_batch_results *results, const char *folder, double wall_sec)
{
    const ps_batch_result *result;
    ps_batch_totals totals;
    char length[32], skipped[48] = "", failed[48] = "", pending[48] = "";

    cli_finish_warnings(c);
    for (size_t i = 0; (result = ps_batch_results_nth(results, i)) != NULL; i++) {
        if (result->outcome == PS_BATCH_FAILED && result->same_as == SIZE_MAX)
            cli_fail(c, result->input_path, result->error);
    }
    ps_batch_results_totals(results, &totals);
    if (totals.skipped > 0)
        snprintf(skipped, sizeof skipped, ", %zu were there already", totals.skipped);
    if (totals.failed > 0)
        snprintf(failed, sizeof failed, ", %zu failed", totals.failed);
    if (totals.pending > 0)
        snprintf(pending, sizeof pending, ", %zu not begun or stopped", totals.pending);
    cli_say(c, "%s: %zu of %zu files done%s%s%s; %s of sound in %.1f s", folder, totals.done,
            totals.files, skipped, failed, pending,
            render_clock(totals.seconds, length, sizeof length), wall_sec);
}

static void put_error(json_out *j, const ps_batch_result *result)
{
    char line[1024];

    ps_error_line(result->error, "", line, sizeof line);
    json_text(j, "error", line);
    json_text(j, "hint", result->error->hint[0] ? result->error->hint : NULL);
    json_integer(j, "exit_code", cli_exit_code(result->error->status));
}

static void put_file(json_out *j, const ps_batch_result *result)
{
    json_object(j, NULL);
    json_text(j, "input", result->input_path);
    json_text(j, "output", result->output_path);
    json_text(j, "status", outcomes[result->outcome]);
    if (result->outcome == PS_BATCH_FAILED)
        put_error(j, result);
    if (result->outcome == PS_BATCH_DONE || result->outcome == PS_BATCH_SKIPPED) {
        json_number(j, "duration", result->seconds);
        json_integer(j, "frames", (int64_t)result->frames);
        json_integer(j, "rate", result->rate_hz);
        json_number(j, "peak_db", cli_db(result->levels.peak));
        json_number(j, "loudness_lufs", result->levels.integrated_lufs);
        json_number(j, "gain_db", cli_db(result->gain));
        json_bool(j, "prevented_clipping", result->prevented_clipping);
        json_integer(j, "clipped", (int64_t)result->clipped);
        json_text(j, "key", result->key);
    }
    json_number(j, "wall_seconds", result->wall_sec);
    json_integer(j, "warning_count", result->warnings);
    if (result->same_as != SIZE_MAX)
        json_integer(j, "same_as", (int64_t)result->same_as);
    json_end(j);
}

void batch_json(FILE *file, const cli *c, const ps_batch_results *results, const cli_gpu *gpu,
                const char *folder, double wall_sec)
{
    const ps_batch_result *result;
    ps_batch_totals totals;
    const char *line;
    json_out j;

    ps_batch_results_totals(results, &totals);
    json_begin(&j, file);
    json_object(&j, NULL);
    json_text(&j, "output", folder);
    json_text(&j, "manifest", totals.manifest_path);
    json_integer(&j, "file_count", (int64_t)totals.files);
    json_integer(&j, "done", (int64_t)totals.done);
    json_integer(&j, "skipped", (int64_t)totals.skipped);
    json_integer(&j, "failed", (int64_t)totals.failed);
    json_integer(&j, "pending", (int64_t)totals.pending);
    json_number(&j, "duration", totals.seconds);
    cli_gpu_put(&j, gpu);
    json_number(&j, "wall_seconds", wall_sec);
    json_array(&j, "files");
    for (size_t i = 0; (result = ps_batch_results_nth(results, i)) != NULL; i++)
        put_file(&j, result);
    json_end(&j);
    json_array(&j, "warnings");
    for (uint32_t i = 0; (line = cli_warning_line(c, i)) != NULL; i++)
        json_text(&j, NULL, line);
    json_end(&j);
    json_integer(&j, "warning_count", (int64_t)c->warning_count);
    json_end(&j);
    json_finish(&j);
}
