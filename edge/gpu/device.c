/* The OpenCL devices of this machine, each with a reason why it is used or not. */
#include "device.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PLATFORMS_MOST     16u
#define LOCAL_MEMORY_LEAST 16384u /* bytes; what OpenCL 1.1 began to promise is twice this */
#define GROUP_LEAST        64u    /* work items */

/* ---- What a device is ------------------------------------------------------------------------ */

/* Drivers pad names with blanks, and PoCL's have several lines. */
static void tidy(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        const bool blank = isspace((unsigned char)*from) != 0;

        if (!blank || (to > text && to[-1] != ' '))
            *to++ = blank ? ' ' : *from;
    }
    while (to > text && to[-1] == ' ')
        to--;
    *to = '\0';
}

static void read_text(cl_device_id id, cl_device_info what, char *text, size_t text_bytes)
{
    char whole[1024] = "";

    if (clGetDeviceInfo(id, what, sizeof whole - 1, whole, NULL) != CL_SUCCESS)
        whole[0] = '\0';
    tidy(whole);
    snprintf(text, text_bytes, "%.*s", (int)(text_bytes - 1), whole);
}

static uint64_t read_number(cl_device_id id, cl_device_info what, size_t bytes)
{
    uint64_t number = 0;
    uint32_t small = 0;

    if (bytes == sizeof small) {
        if (clGetDeviceInfo(id, what, bytes, &small, NULL) != CL_SUCCESS)
            small = 0;
        return small;
    }
    return clGetDeviceInfo(id, what, bytes, &number, NULL) == CL_SUCCESS ? number : 0;
}

#define NUMBER(id, what, type) read_number(id, what, sizeof(type))

/* "OpenCL 1.2 ..." and later. */
static bool new_enough(const char *version)
{
    const char *number = strncmp(version, "OpenCL ", 7) == 0 ? version + 7 : "";
    char *end;
    const long major = strtol(number, &end, 10);
    const long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;

    return major > 1 || (major == 1 && minor >= 2);
}

/* What is missing, or NULL. */
static const char *unfit_because(const ps_gpu_device_entry *entry)
{
    char profile[32];

    read_text(entry->id, CL_DEVICE_PROFILE, profile, sizeof profile);
    if (!NUMBER(entry->id, CL_DEVICE_AVAILABLE, cl_bool))
        return "its driver says that it is not available";
    if (!NUMBER(entry->id, CL_DEVICE_COMPILER_AVAILABLE, cl_bool))
        return "its driver has no compiler";
    if (!new_enough(entry->info.version))
        return "its driver is older than OpenCL 1.2";
    if (strcmp(profile, "FULL_PROFILE") != 0)
        return "it has the embedded profile only";
    if (!NUMBER(entry->id, CL_DEVICE_ENDIAN_LITTLE, cl_bool))
        return "its bytes are in another order than ours";
    if (NUMBER(entry->id, CL_DEVICE_LOCAL_MEM_SIZE, cl_ulong) < LOCAL_MEMORY_LEAST)
        return "it has too little local memory";
    if (NUMBER(entry->id, CL_DEVICE_MAX_WORK_GROUP_SIZE, size_t) < GROUP_LEAST)
        return "its work groups are too small";
    return NULL;
}

static void look_at(ps_gpu_device_entry *entry)
{
    ps_gpu_device_info *info = &entry->info;
    const uint64_t type = NUMBER(entry->id, CL_DEVICE_TYPE, cl_device_type);
    const char *missing;

    if (clGetPlatformInfo(entry->platform, CL_PLATFORM_NAME, sizeof info->platform - 1,
                          info->platform, NULL) != CL_SUCCESS)
        info->platform[0] = '\0';
    tidy(info->platform);
    read_text(entry->id, CL_DEVICE_NAME, info->name, sizeof info->name);
    read_text(entry->id, CL_DEVICE_VENDOR, info->vendor, sizeof info->vendor);
    read_text(entry->id, CL_DEVICE_VERSION, info->version, sizeof info->version);
    read_text(entry->id, CL_DRIVER_VERSION, info->driver, sizeof info->driver);
    info->memory_bytes = NUMBER(entry->id, CL_DEVICE_GLOBAL_MEM_SIZE, cl_ulong);
    info->compute_units = (uint32_t)NUMBER(entry->id, CL_DEVICE_MAX_COMPUTE_UNITS, cl_uint);
    info->clock_mhz = (uint32_t)NUMBER(entry->id, CL_DEVICE_MAX_CLOCK_FREQUENCY, cl_uint);
    info->processor = (type & CL_DEVICE_TYPE_CPU) != 0;
    missing = unfit_because(entry);
    entry->fit = missing == NULL;
    if (missing)
        snprintf(info->reason, sizeof info->reason, "not used: %s", missing);
}

static void find_on(ps_gpu_devices *devices, cl_platform_id platform)
{
    cl_device_id ids[PS_GPU_DEVICES_MOST];
    const uint32_t room = PS_GPU_DEVICES_MOST - devices->count;
    cl_uint count = 0;

    if (room == 0 || clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, room, ids, &count) != CL_SUCCESS)
        return;
    for (uint32_t i = 0; i < count && i < room; i++) {
        ps_gpu_device_entry *entry = &devices->entries[devices->count++];

        entry->platform = platform;
        entry->id = ids[i];
        look_at(entry);
    }
}

/* ---- Which one ------------------------------------------------------------------------------- */

static bool name_has(const char *name, const char *part)
{
    const size_t length = strlen(part);

    for (; *name; name++) {
        if (strncasecmp(name, part, length) == 0)
            return true;
    }
    return length == 0;
}

/* Units differ between makers; that a clock times units says how fast is as near as we get. */
static double rank(const ps_gpu_device_info *info)
{
    return (info->processor ? 1.0 : 1e12) * (1.0 + info->compute_units) * (1.0 + info->clock_mhz);
}

static bool may_be_used(const ps_gpu_device_entry *entry, ps_gpu_mode mode, const char *wanted)
{
    return entry->fit && name_has(entry->info.name, wanted) &&
           (mode == PS_GPU_ON || !entry->info.processor);
}

static void choose(ps_gpu_devices *devices, ps_gpu_mode mode, const char *wanted)
{
    devices->chosen = -1;
    for (uint32_t i = 0; i < devices->count; i++) {
        if (may_be_used(&devices->entries[i], mode, wanted) &&
            (devices->chosen < 0 ||
             rank(&devices->entries[i].info) > rank(&devices->entries[devices->chosen].info)))
            devices->chosen = (int)i;
    }
}

static void give_reasons(ps_gpu_devices *devices, ps_gpu_mode mode, const char *wanted)
{
    const ps_gpu_device_info *best =
        devices->chosen >= 0 ? &devices->entries[devices->chosen].info : NULL;

    for (uint32_t i = 0; i < devices->count; i++) {
        ps_gpu_device_entry *entry = &devices->entries[i];
        ps_gpu_device_info *info = &entry->info;

        if (!entry->fit)
            continue;
        info->used = info == best;
        if (info->used)
            snprintf(info->reason, sizeof info->reason, "%s",
                     mode == PS_GPU_ON ? "used" : "used for what is large enough");
        else if (!name_has(info->name, wanted))
            snprintf(info->reason, sizeof info->reason, "not used: another one is asked for");
        else if (info->processor && mode != PS_GPU_ON)
            snprintf(info->reason, sizeof info->reason,
                     "not used: it is the processor, which is faster by itself");
        else
            snprintf(info->reason, sizeof info->reason, "not used: %.96s comes first", best->name);
    }
}

/* ---- Finding --------------------------------------------------------------------------------- */

static void say_state(ps_gpu_devices *devices, const char *wanted)
{
    if (devices->chosen >= 0)
        snprintf(devices->state, sizeof devices->state, "%s is used",
                 devices->entries[devices->chosen].info.name);
    else if (devices->count == 0)
        snprintf(devices->state, sizeof devices->state,
                 "OpenCL finds no device: its drivers find "
                 "none");
    else if (wanted[0] != '\0')
        snprintf(devices->state, sizeof devices->state,
                 "no usable device has \"%.64s\" in its name", wanted);
    else
        snprintf(devices->state, sizeof devices->state, "no device is a GPU we can use");
}

void ps_gpu_devices_find(ps_gpu_devices *devices, ps_gpu_mode mode, const char *wanted)
{
    const char *no_library = mode == PS_GPU_OFF ? "the GPU is turned off" : ps_opencl_load();
    cl_platform_id platforms[PLATFORMS_MOST];
    cl_uint count = 0;
    cl_int code;

    memset(devices, 0, sizeof *devices);
    devices->chosen = -1;
    if (no_library) {
        snprintf(devices->state, sizeof devices->state, "%s", no_library);
        return;
    }
    code = clGetPlatformIDs(PLATFORMS_MOST, platforms, &count);
    if (code != CL_SUCCESS || count == 0) {
        char number[32];

        snprintf(devices->state, sizeof devices->state, "OpenCL has no driver installed (%s)",
                 ps_opencl_error(code ? code : -1001, number, sizeof number));
        return;
    }
    for (uint32_t i = 0; i < count && i < PLATFORMS_MOST; i++)
        find_on(devices, platforms[i]);
    choose(devices, mode, wanted);
    give_reasons(devices, mode, wanted);
    say_state(devices, wanted);
}
