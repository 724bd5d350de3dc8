/*
 * Runs a command and tells what it cost: one line of JSON on file descriptor 3.
 *
 *   timed LIMIT_SEC COMMAND [ARGUMENT ...] 3>usage.json
 *
 * A process started straight from Python inherits Python's memory in its peak figure until it
 * calls exec; started from this little one it inherits next to nothing.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;

static void stop_child(int signal_number)
{
    (void)signal_number;
    kill(child, SIGKILL);
}

static double now_sec(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

int main(int argc, char **argv)
{
    const double start_sec = now_sec();
    struct rusage usage;
    int status = 0;

    if (argc < 3) {
        fputs("usage: timed LIMIT_SEC COMMAND [ARGUMENT ...] 3>usage.json\n", stderr);
        return 2;
    }
    child = fork();
    if (child == 0) {
        close(3);
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    signal(SIGALRM, stop_child);
    alarm((unsigned)atoi(argv[1]));
    while (wait4(child, &status, 0, &usage) < 0)
        ; /* the alarm interrupts the wait once */
    dprintf(3, "{\"wall_sec\": %.6f, \"cpu_sec\": %.6f, \"peak_kib\": %ld, \"exit\": %d}\n",
            now_sec() - start_sec, seconds(usage.ru_utime) + seconds(usage.ru_stime),
            usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
