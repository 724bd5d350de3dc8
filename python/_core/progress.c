/* Progress told to a Python function, and Ctrl-C heard on the way. */
#include "core.h"

bool core_progress_tell(void *user, double done, const char *stage)
{
    const core_progress *progress = user;
    const PyGILState_STATE state = PyGILState_Ensure();
    bool go_on = PyErr_CheckSignals() == 0;

    if (go_on && progress->function) {
        PyObject *answer = PyObject_CallFunction(progress->function, "ds", done, stage);

        go_on = answer && answer != Py_False;
        Py_XDECREF(answer);
    }
    PyGILState_Release(state);
    return go_on;
}

bool core_progress_init(core_progress *progress, PyObject *function)
{
    progress->function = function == Py_None ? NULL : function;
    if (!progress->function || PyCallable_Check(function))
        return true;
    PyErr_SetString(PyExc_TypeError, "progress must be a function of (done, stage), or None");
    return false;
}
