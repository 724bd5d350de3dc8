/* `plainsong list gpus`: the GPUs of this machine, and why each is used or not. */
#include "json_out.h"
#include "plainsong/gpu.h"
#include "track.h"

typedef struct gpus_values {
    bool json;
    int mode;
} gpus_values;

static const cli_option gpus_options[] = {
    {"gpu", 0, "auto|on|off", CLI_CHOICE, offsetof(gpus_values, mode), "auto",
     "how the other commands would be told to use it"},
    {"json", 'j', NULL, CLI_FLAG, offsetof(gpus_values, json), NULL, "print JSON"},
    CLI_OPTIONS_END,
};

static void print_gpus(ps_gpu *gpu)
{
    ps_gpu_device_info info;
    char state[256];

    for (uint32_t i = 0; ps_gpu_device(gpu, i, &info); i++) {
        printf("%s\n", info.name);
        printf("  %s, %s, driver %s\n", info.platform, info.version, info.driver);
        printf("  %.1f GB, %u computing units, %u MHz\n", (double)info.memory_bytes * 1e-9,
               (unsigned)info.compute_units, (unsigned)info.clock_mhz);
        printf("  %s\n", info.reason);
    }
    ps_gpu_state(gpu, state, sizeof state);
    printf("%s\n", state);
}

static void put_gpus(ps_gpu *gpu)
{
    ps_gpu_device_info info;
    char state[256];
    json_out j;

    ps_gpu_state(gpu, state, sizeof state);
    json_begin(&j, stdout);
    json_object(&j, NULL);
    json_text(&j, "state", state);
    json_array(&j, "gpus");
    for (uint32_t i = 0; ps_gpu_device(gpu, i, &info); i++) {
        json_object(&j, NULL);
        json_text(&j, "name", info.name);
        json_text(&j, "vendor", info.vendor);
        json_text(&j, "platform", info.platform);
        json_text(&j, "version", info.version);
        json_text(&j, "driver", info.driver);
        json_integer(&j, "memory_bytes", (int64_t)info.memory_bytes);
        json_integer(&j, "compute_units", info.compute_units);
        json_integer(&j, "clock_mhz", info.clock_mhz);
        json_bool(&j, "processor", info.processor);
        json_bool(&j, "used", info.used);
        json_text(&j, "reason", info.reason);
        json_end(&j);
    }
    json_end(&j);
    json_end(&j);
    json_finish(&j);
}

static int list_gpus(cli *c, const void *values)
{
    const gpus_values *v = values;
    const ps_gpu_options options = {.mode = (ps_gpu_mode)v->mode};
    ps_gpu *gpu = NULL;
    ps_error err = {0};

    if (ps_gpu_create(&gpu, &options, &err) != PS_OK)
        return cli_fail(c, NULL, &err);
    if (v->json)
        put_gpus(gpu);
    else
        print_gpus(gpu);
    ps_gpu_destroy(gpu);
    return CLI_DONE;
}

const cli_command cli_list_gpus = {
    .name = "gpus",
    .summary = "the GPUs of this machine, and why each is used or not",
    .details = "A GPU is used through OpenCL 1.2, which its driver brings along. Without one "
               "everything works the same, only slower. The environment variable "
               "PLAINSONG_OPENCL names another OpenCL library than the system's.",
    .examples = "plainsong list gpus\nplainsong list gpus --json",
    .options = gpus_options,
    .options_bytes = sizeof(gpus_values),
    .run = list_gpus,
};
