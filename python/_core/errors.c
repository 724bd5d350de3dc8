/* What the engine says went wrong, as an exception of plainsong._errors. */
#include "core.h"

#include <string.h>

ps_error core_no_error(void)
{
    return (ps_error){.offset_bytes = PS_NOWHERE};
}

PyObject *core_text(const char *text)
{
    if (!text)
        Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

PyObject *core_path_text(const char *path)
{
    if (!path)
        Py_RETURN_NONE;
    return PyUnicode_DecodeFSDefault(path);
}

/* Hands all of it to plainsong._errors.of, which makes the exception. */
static PyObject *exception_of(const ps_error *err)
{
    PyObject *module = PyImport_ImportModule("plainsong._errors");
    PyObject *exception = NULL;

    if (module)
        exception = PyObject_CallMethod(
            module, "of", "iNNNIIN", (int)err->status, core_text(err->text), core_text(err->hint),
            core_path_text(err->path), (unsigned)err->line, (unsigned)err->column,
            err->offset_bytes == PS_NOWHERE ? Py_NewRef(Py_None)
                                            : PyLong_FromUnsignedLongLong(err->offset_bytes));
    Py_XDECREF(module);
    return exception;
}

PyObject *core_raise(const ps_error *err)
{
    PyObject *exception;

    if (PyErr_Occurred())
        return NULL;
    exception = exception_of(err);
    if (exception)
        PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_XDECREF(exception);
    return NULL;
}

PyObject *core_closed(const char *what)
{
    PyErr_Format(PyExc_ValueError, "the %s is closed", what);
    return NULL;
}
