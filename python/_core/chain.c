/* EffectChain: effects in order, from text, a document or typed effects. It does not change. */
#include "core.h"

#include <stdio.h>
#include <string.h>

typedef struct chain {
    PyObject_HEAD ps_chain *chain; /* never NULL once made */
} chain;

const ps_chain *core_chain_get(PyObject *self)
{
    return ((chain *)self)->chain;
}

/* What ps_chain_read_any takes: text as it is, a document as JSON; a bytes object. */
static PyObject *text_of(PyObject *object)
{
    if (PyUnicode_Check(object))
        return PyUnicode_EncodeFSDefault(object);
    return core_json(object);
}

static PyObject *chain_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"effects", NULL};
    PyObject *effects = NULL, *text = NULL, *self;
    ps_chain *made = NULL;
    char none[] = "", *bytes = none;
    ps_error err = core_no_error();
    ps_status status;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:EffectChain", names, &effects))
        return NULL;
    if (effects) {
        text = text_of(effects);
        /* with NULL for the length, a 0 inside is refused */
        if (!text || PyBytes_AsStringAndSize(text, &bytes, NULL) != 0) {
            Py_XDECREF(text);
            return NULL;
        }
    }
    status = *bytes ? ps_chain_read_any(&made, bytes, &err) : ps_chain_create(&made, NULL, &err);
    Py_XDECREF(text);
    if (status != PS_OK)
        return core_raise(&err);
    self = PyType_GenericAlloc(type, 0);
    if (self)
        ((chain *)self)->chain = made;
    else
        ps_chain_destroy(made);
    return self;
}

static void chain_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    ps_chain_destroy(((chain *)self)->chain);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyObject *chain_str(PyObject *self)
{
    const size_t bytes = ps_chain_write(core_chain_get(self), NULL, 0);
    char *text = PyMem_Malloc(bytes + 1);
    PyObject *result;

    if (!text)
        return PyErr_NoMemory();
    ps_chain_write(core_chain_get(self), text, bytes + 1);
    result = PyUnicode_DecodeFSDefault(text);
    PyMem_Free(text);
    return result;
}

static PyObject *chain_repr(PyObject *self)
{
    PyObject *text = chain_str(self);
    PyObject *result = text ? PyUnicode_FromFormat("EffectChain(%R)", text) : NULL;

    Py_XDECREF(text);
    return result;
}

static Py_ssize_t chain_length(PyObject *self)
{
    return (Py_ssize_t)ps_chain_count(core_chain_get(self));
}

static PyObject *chain_add(PyObject *left, PyObject *right)
{
    PyTypeObject *type = Py_TYPE(left);
    ps_error err = core_no_error();
    ps_status status;
    PyObject *sum;

    if (Py_TYPE(right) != type)
        Py_RETURN_NOTIMPLEMENTED;
    sum = PyObject_CallNoArgs((PyObject *)type);
    if (!sum)
        return NULL;
    status = ps_chain_join(((chain *)sum)->chain, core_chain_get(left), &err);
    if (status == PS_OK)
        status = ps_chain_join(((chain *)sum)->chain, core_chain_get(right), &err);
    if (status == PS_OK)
        return sum;
    Py_DECREF(sum);
    return core_raise(&err);
}

static PyObject *get_names(PyObject *self, void *unused)
{
    const size_t count = ps_chain_count(core_chain_get(self));
    PyObject *list = PyList_New((Py_ssize_t)count);

    (void)unused;
    for (size_t i = 0; list && i < count; i++) {
        ps_effect_info info = {0};

        ps_chain_nth(core_chain_get(self), i, &info);
        if (PyList_SetItem(list, (Py_ssize_t)i, core_text(info.name)) != 0)
            Py_CLEAR(list);
    }
    return list;
}

static PyGetSetDef properties[] = {
    {"names", get_names, NULL, "The effects' names, in order.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(doc, "EffectChain(effects='')\n--\n\n"
                  "Effects in order. effects: text (\"eq:100hz-3 | limiter:-1\"), the name of a "
                  "preset, a path that\nends in .json, or a document: a list or dict as in such a "
                  "file. str(chain) reads back to\nthe same chain; chains can be added; len() is "
                  "the number of effects.\nRaises ArgumentError with the column of what is wrong.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)doc}, {Py_tp_new, chain_new},     {Py_tp_dealloc, chain_dealloc},
    {Py_tp_str, chain_str},   {Py_tp_repr, chain_repr},   {Py_sq_length, chain_length},
    {Py_nb_add, chain_add},   {Py_tp_getset, properties}, {0, NULL},
};

PyType_Spec core_chain_spec = {
    .name = "plainsong._core.EffectChain",
    .basicsize = sizeof(chain),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
