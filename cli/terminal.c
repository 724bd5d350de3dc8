/* What the system says about this process: interruptions, terminals, time. */
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

/* A signal handler has nobody to ask for a context: the only changing global of the command. */
static volatile sig_atomic_t interrupted;

static void note_interrupt(int number)
{
    if (interrupted) { /* asked twice: no more waiting for a clean end */
        signal(number, SIG_DFL);
        raise(number);
    }
    interrupted = 1;
}

void cli_catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = note_interrupt, .sa_flags = SA_RESTART};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

bool cli_interrupted(void)
{
    return interrupted != 0;
}

bool cli_is_terminal(FILE *stream)
{
    return isatty(fileno(stream)) == 1;
}

double cli_clock_sec(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
