/* How many processors this process may use. */
#ifndef PLAINSONG_EDGE_PROCESSORS_H
#define PLAINSONG_EDGE_PROCESSORS_H

#include <stdint.h>

/*
 * The processors that the process's control groups grant, rounded up; UINT32_MAX when they set no
 * limit.
 *
 * @param membership the file that lists the groups, /proc/self/cgroup
 * @param mount      where groups are mounted, /sys/fs/cgroup
 */
uint32_t ps_processors_of_groups(const char *membership, const char *mount);

#endif
