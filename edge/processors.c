/*
 * How many processors this process may use: those it may be scheduled on, and no more than its
 * control groups pay for (a container with --cpus 2 on a machine of 64 sees all 64).
 */
#include "processors.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#endif

#include "plainsong/threads.h"

#define NAME_BYTES 4096

/* The first two numbers of a file; a word that is no number ("max") counts as -1. */
static bool read_numbers(const char *path, long long numbers[2])
{
    FILE *file = fopen(path, "re");
    char text[128], *at = text, *end;
    size_t size_bytes;

    if (!file)
        return false;
    size_bytes = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size_bytes] = '\0';
    for (int i = 0; i < 2; i++) {
        numbers[i] = strtoll(at, &end, 10);
        if (end == at) {
            numbers[i] = -1;
            end = at + strcspn(at, " \n");
        }
        at = end;
    }
    return true;
}

static uint32_t processors_of_quota(long long quota, long long period)
{
    if (quota <= 0 || period <= 0 || (quota - 1) / period >= UINT32_MAX)
        return UINT32_MAX;
    return (uint32_t)((quota - 1) / period + 1);
}

/* cpu.max of version 2 holds "QUOTA PERIOD"; version 1 has a file for each. */
static uint32_t processors_of_group(const char *folder, bool version_2)
{
    char path[NAME_BYTES + 32];
    long long quota[2], period[2];

    if (version_2) {
        snprintf(path, sizeof path, "%s/cpu.max", folder);
        return read_numbers(path, quota) ? processors_of_quota(quota[0], quota[1]) : UINT32_MAX;
    }
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    if (!read_numbers(path, quota))
        return UINT32_MAX;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    return read_numbers(path, period) ? processors_of_quota(quota[0], period[0]) : UINT32_MAX;
}

/* The least of a group and all the groups it lies in. */
static uint32_t processors_up_from(const char *mount, const char *group, bool version_2)
{
    char folder[NAME_BYTES];
    const size_t mount_bytes = strlen(mount);
    uint32_t least = UINT32_MAX;
    int length;

    /* A group outside our namespace shows as /../x: then only the mount itself can be read. */
    length = snprintf(folder, sizeof folder, "%s%s", mount, strstr(group, "..") ? "" : group);
    if (length < 0 || (size_t)length >= sizeof folder)
        return UINT32_MAX;
    for (;;) {
        const uint32_t granted = processors_of_group(folder, version_2);
        char *slash = strrchr(folder + mount_bytes, '/');

        if (granted < least)
            least = granted;
        if (!slash)
            return least;
        *slash = '\0';
    }
}

static bool names_cpu(const char *controllers)
{
    for (const char *at = controllers; *at; at += strspn(at, ",")) {
        const size_t length = strcspn(at, ",");

        if (length == 3 && strncmp(at, "cpu", 3) == 0)
            return true;
        at += length;
    }
    return false;
}

/* Lines are "0::/group" (version 2) and "4:cpu,cpuacct:/group" (version 1). */
uint32_t ps_processors_of_groups(const char *membership, const char *mount)
{
    FILE *file = fopen(membership, "re");
    char line[NAME_BYTES], below[NAME_BYTES + 8];
    uint32_t least = UINT32_MAX;

    if (!file)
        return UINT32_MAX;
    while (fgets(line, sizeof line, file)) {
        char *controllers = strchr(line, ':');
        char *group = controllers ? strchr(controllers + 1, ':') : NULL;
        uint32_t granted = UINT32_MAX;

        if (!group)
            continue;
        controllers++;
        *group++ = '\0';
        group[strcspn(group, "\n")] = '\0';
        if (*controllers == '\0') {
            granted = processors_up_from(mount, group, true);
        } else if (names_cpu(controllers)) {
            snprintf(below, sizeof below, "%s/cpu", mount);
            granted = processors_up_from(below, group, false);
        }
        if (granted < least)
            least = granted;
    }
    fclose(file);
    return least;
}

/* Processors the scheduler may put us on. */
static uint32_t processors_allowed(void)
{
    long online;

#ifdef __linux__
    for (int room = 1024; room <= 65536; room *= 8) {
        cpu_set_t *set = CPU_ALLOC((size_t)room);
        const size_t set_bytes = CPU_ALLOC_SIZE((size_t)room);
        int count = 0;

        if (!set)
            break;
        if (sched_getaffinity(0, set_bytes, set) == 0)
            count = CPU_COUNT_S(set_bytes, set);
        CPU_FREE(set);
        if (count > 0)
            return (uint32_t)count;
    }
#endif
    online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (uint32_t)online : 1;
}

uint32_t ps_threads_available(void)
{
    const uint32_t allowed = processors_allowed();
    const uint32_t granted = ps_processors_of_groups("/proc/self/cgroup", "/sys/fs/cgroup");

    return granted < allowed ? granted : allowed;
}
