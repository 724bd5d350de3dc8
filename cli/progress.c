/* Progress on standard error. */
#include "progress.h"

#include "json_out.h"

#define BAR_CELLS 24

void cli_progress_begin(cli_progress *progress, const cli *c, int mode)
{
    progress->json = mode == CLI_PROGRESS_JSON;
    progress->line = mode == CLI_PROGRESS_AUTO && !c->quiet && cli_is_terminal(stderr);
    progress->shown = false;
}

static void show_line(cli_progress *progress, double done, const char *stage)
{
    const int full = (int)(done * BAR_CELLS);
    char bar[BAR_CELLS + 1];

    for (int i = 0; i < BAR_CELLS; i++)
        bar[i] = i < full ? '#' : '.';
    bar[BAR_CELLS] = '\0';
    fprintf(stderr, "\r\033[K%s %3.0f %% %s", bar, done * 100.0, stage);
    fflush(stderr);
    progress->shown = true;
}

static void show_json(double done, const char *stage)
{
    json_out j;

    json_begin_compact(&j, stderr);
    json_object(&j, NULL);
    json_number(&j, "done", done);
    json_text(&j, "stage", stage);
    json_end(&j);
    json_finish(&j);
}

bool cli_progress_tell(void *user, double done, const char *stage)
{
    cli_progress *progress = user;

    if (progress->json)
        show_json(done, stage);
    else if (progress->line)
        show_line(progress, done, stage);
    return !cli_interrupted();
}

void cli_progress_end(cli_progress *progress)
{
    if (progress->shown)
        fprintf(stderr, "\r\033[K");
    progress->shown = false;
}
