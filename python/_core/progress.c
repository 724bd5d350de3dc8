/* Progress told to a Python function, and Ctrl-C heard on the way. */
#include "core.h"

#include <math.h>
#include <string.h>

/* Measuring is the first half of the work, where there is any. */
static double end_of(const char *stage)
{
    return strcmp(stage, "measuring") == 0 ? 0.5 : 1.0;
}

/* The renderer counts towards the longest that a piece can be; people, to where it will end. */
static double likely_done(core_progress *progress, double done, const char *stage)
{
    if (!progress->stage || strcmp(progress->stage, stage) != 0) {
        progress->stage = stage;
        progress->begin = strcmp(stage, "rendering") == 0 && done >= 0.5 ? 0.5 : 0.0;
    }
    if (strcmp(stage, "rendering again") == 0)
        return done;
    done = progress->begin + (done - progress->begin) * progress->stretch;
    return fmin(done, end_of(stage));
}

bool core_progress_tell(void *user, double done, const char *stage)
{
    core_progress *progress = user;
    bool go_on;

    /* Not PyGILState_Ensure: that one needs an interpreter, which may have ended meanwhile; this
       one ends the thread then. */
    PyEval_RestoreThread(progress->unlocked);
    go_on = PyErr_CheckSignals() == 0;

    if (go_on && progress->function) {
        PyObject *answer = PyObject_CallFunction(progress->function, "ds",
                                                 likely_done(progress, done, stage), stage);

        go_on = answer && answer != Py_False;
        Py_XDECREF(answer);
    }
    progress->unlocked = PyEval_SaveThread();
    return go_on;
}

bool core_progress_init(core_progress *progress, PyObject *function)
{
    *progress = (core_progress){.function = function == Py_None ? NULL : function, .stretch = 1.0};
    if (!progress->function || PyCallable_Check(function))
        return true;
    PyErr_SetString(PyExc_TypeError, "progress must be a function of (done, stage), or None");
    return false;
}
