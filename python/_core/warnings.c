/* Warnings of the engine on their way to Python's warnings. */
#include "core.h"

static void add(void *user, const ps_error *warning)
{
    core_warnings *warnings = user;

    pthread_mutex_lock(&warnings->lock);
    if (warnings->count < CORE_WARNINGS_MOST) {
        ps_error *kept = &warnings->kept[warnings->count];

        *kept = *warning;
        if (warnings->path)
            ps_error_in(kept, warnings->path);
    }
    warnings->count++;
    pthread_mutex_unlock(&warnings->lock);
}

void core_warnings_init(core_warnings *warnings, const char *path)
{
    pthread_mutex_init(&warnings->lock, NULL);
    warnings->path = path;
    warnings->count = 0;
}

void core_warnings_destroy(core_warnings *warnings)
{
    pthread_mutex_destroy(&warnings->lock);
}

ps_warnings core_warnings_lend(core_warnings *warnings)
{
    return (ps_warnings){add, warnings};
}

/* The frames of the package's own files lie between the extension and the user. */
#define STACK_LEVEL 2

int core_warnings_issue(const core_warnings *warnings)
{
    const uint32_t kept =
        warnings->count < CORE_WARNINGS_MOST ? warnings->count : CORE_WARNINGS_MOST;
    PyObject *module, *category;
    int result = 0;

    if (kept == 0)
        return 0;
    module = PyImport_ImportModule("plainsong._errors");
    category = module ? PyObject_GetAttrString(module, "PlainsongWarning") : NULL;
    if (!category)
        result = -1;
    for (uint32_t i = 0; i < kept && result == 0; i++) {
        char line[768];

        ps_error_line(&warnings->kept[i], "", line, sizeof line);
        result = PyErr_WarnEx(category, line, STACK_LEVEL);
    }
    Py_XDECREF(category);
    Py_XDECREF(module);
    return result;
}
