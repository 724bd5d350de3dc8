/* The GPU of a command, and what is said of it. */
#include "gpu.h"

#include <string.h>

/* Commands have one thing to tell at a time, and this comes from any thread: it has to wait. */
static void keep_warning(void *user, const ps_error *warning)
{
    cli_gpu *g = user;

    snprintf(g->warning, sizeof g->warning, "%s", warning->text);
}

ps_status cli_gpu_begin(cli_gpu *g, ps_gpu_mode mode, ps_error *err)
{
    const ps_warnings warnings = {keep_warning, g};
    const ps_gpu_options options = {.mode = mode, .warnings = &warnings};

    *g = (cli_gpu){.mode = mode};
    return mode == PS_GPU_OFF ? PS_OK : ps_gpu_create(&g->gpu, &options, err);
}

void cli_gpu_end(cli_gpu *g)
{
    ps_gpu_destroy(g->gpu);
    g->gpu = NULL;
}

const ps_accelerator *cli_gpu_accelerator(const cli_gpu *g)
{
    return g->gpu ? ps_gpu_accelerator(g->gpu) : NULL;
}

void cli_gpu_warn(cli *c, cli_gpu *g)
{
    if (g->warning[0])
        cli_warn(c, NULL, "%s", g->warning);
    g->warning[0] = '\0';
}

/* In words, without looking for devices if nothing has made that worth it. */
static ps_gpu_usage look_at(const cli_gpu *g, char *state, size_t state_bytes)
{
    ps_gpu_usage usage = {0};

    if (g->gpu)
        ps_gpu_get_usage(g->gpu, &usage);
    if (!g->gpu)
        snprintf(state, state_bytes, "it is turned off");
    else if (!usage.looked)
        snprintf(state, state_bytes, "not looked for: there was no work long enough for one");
    else
        ps_gpu_state(g->gpu, state, state_bytes);
    return usage;
}

void cli_gpu_say(const cli *c, const cli_gpu *g)
{
    char state[256];
    const ps_gpu_usage usage = look_at(g, state, sizeof state);

    if (usage.done + usage.declined + usage.broken_off == 0)
        cli_say(c, "GPU: %s", state);
    else
        cli_say(c, "GPU: %s; jobs: %llu done, %llu declined, %llu broken off", state,
                (unsigned long long)usage.done, (unsigned long long)usage.declined,
                (unsigned long long)usage.broken_off);
}

void cli_gpu_put(json_out *j, const cli_gpu *g)
{
    static const char *const modes[] = {
        [PS_GPU_AUTO] = "auto", [PS_GPU_ON] = "on", [PS_GPU_OFF] = "off"};
    char state[256];
    const ps_gpu_usage usage = look_at(g, state, sizeof state);

    json_object(j, "gpu");
    json_text(j, "mode", modes[g->mode]);
    json_text(j, "state", state);
    json_integer(j, "jobs_done", (int64_t)usage.done);
    json_integer(j, "jobs_declined", (int64_t)usage.declined);
    json_integer(j, "jobs_broken_off", (int64_t)usage.broken_off);
    json_end(j);
}
