/* OpenCL 1.2, found at run time: dlopen, and a forwarder for each function. */
#include "opencl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The library ----------------------------------------------------------------------------- */

/* One library serves the process, as with any other that is linked; written once. */
static struct opencl {
#define STATUS(name, parameters, arguments)       cl_int(CL_API_CALL *name) parameters;
#define OBJECT(type, name, parameters, arguments) type(CL_API_CALL *name) parameters;
#define RELEASE(name, type)                       cl_int(CL_API_CALL *name)(type object);
#include "opencl_calls.def"
#undef STATUS
#undef OBJECT
#undef RELEASE
} opencl;

static char why_not[256];

static const char *const names[] = {
#ifdef __APPLE__
    "/System/Library/Frameworks/OpenCL.framework/OpenCL",
#else
    "libOpenCL.so.1",
    "libOpenCL.so",
#endif
};

static void *open_library(void)
{
    const char *named = getenv("PLAINSONG_OPENCL");
    void *library = NULL;

    if (named && named[0] != '\0') {
        library = dlopen(named, RTLD_NOW | RTLD_LOCAL);
        if (!library)
            snprintf(why_not, sizeof why_not, "PLAINSONG_OPENCL names no library: %.180s",
                     dlerror());
        return library;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library)
        snprintf(why_not, sizeof why_not, "there is no OpenCL library (%s)", names[0]);
    return library;
}

/* dlsym's object pointer becomes a function pointer, as POSIX allows and ISO C does not. */
static bool find(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);

    memcpy(function, &symbol, sizeof symbol);
    if (!symbol)
        snprintf(why_not, sizeof why_not, "the OpenCL library has no %s: it is older than 1.2",
                 name);
    return symbol != NULL;
}

static bool find_all(void *library)
{
#define STATUS(name, parameters, arguments)                                                        \
    if (!find(library, "cl" #name, &opencl.name))                                                  \
        return false;
#define OBJECT(type, name, parameters, arguments) STATUS(name, parameters, arguments)
#define RELEASE(name, type)                       STATUS(name, , )
#include "opencl_calls.def"
#undef STATUS
#undef OBJECT
#undef RELEASE
    return true;
}

/* The library stays open: drivers do not like to be unloaded. */
static void load(void)
{
    void *library = open_library();

    if (library)
        find_all(library);
}

const char *ps_opencl_load(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, load);
    return why_not[0] != '\0' ? why_not : NULL;
}

/* ---- Watching -------------------------------------------------------------------------------- */

static _Thread_local ps_cl_watch *watching;

ps_cl_watch *ps_cl_watch_by(ps_cl_watch *watch)
{
    ps_cl_watch *before = watching;

    watching = watch;
    return before;
}

/* The error this call is to make, or CL_SUCCESS. */
static cl_int call_begins(void)
{
    ps_cl_watch *const w = watching;

    if (!w)
        return CL_SUCCESS;
    w->calls++;
    if (w->fail_from == 0 || w->calls <= w->fail_from)
        return CL_SUCCESS;
    return w->fail_count == 0 || w->calls <= w->fail_from + w->fail_count ? w->fail_code
                                                                          : CL_SUCCESS;
}

static cl_int call_ends(const char *name, cl_int code)
{
    if (watching && code != CL_SUCCESS) {
        watching->error = code;
        watching->failed = name;
    }
    return code;
}

/* ---- Forwarders ------------------------------------------------------------------------------ */

#define STATUS(name, parameters, arguments)                                                        \
    cl_int ps_cl##name parameters                                                                  \
    {                                                                                              \
        const cl_int fault = call_begins();                                                        \
                                                                                                   \
        return call_ends("cl" #name, fault ? fault : opencl.name arguments);                       \
    }
#define OBJECT(type, name, parameters, arguments)                                                  \
    type ps_cl##name parameters                                                                    \
    {                                                                                              \
        cl_int code = call_begins();                                                               \
        cl_int *const wanted = error;                                                              \
        type object = 0;                                                                           \
                                                                                                   \
        error = &code;                                                                             \
        if (code == CL_SUCCESS)                                                                    \
            object = opencl.name arguments;                                                        \
        call_ends("cl" #name, code);                                                               \
        if (wanted)                                                                                \
            *wanted = code;                                                                        \
        return object;                                                                             \
    }
#define RELEASE(name, type)                                                                        \
    cl_int ps_cl##name(type object)                                                                \
    {                                                                                              \
        return opencl.name(object);                                                                \
    }
#include "opencl_calls.def"
#undef STATUS
#undef OBJECT
#undef RELEASE

void ps_cl_drain(cl_command_queue queue)
{
    if (queue)
        opencl.Finish(queue);
}

void ps_cl_unmap(cl_command_queue queue, cl_mem memory, void *mapped)
{
    opencl.EnqueueUnmapMemObject(queue, memory, mapped, 0, NULL, NULL);
    opencl.Finish(queue);
}

/* ---- Errors ---------------------------------------------------------------------------------- */

static const struct {
    cl_int code;
    const char *name;
} errors[] = {
#define ERROR(name)                                                                                \
    {                                                                                              \
        name, #name                                                                                \
    }
    ERROR(CL_DEVICE_NOT_FOUND),
    ERROR(CL_DEVICE_NOT_AVAILABLE),
    ERROR(CL_COMPILER_NOT_AVAILABLE),
    ERROR(CL_MEM_OBJECT_ALLOCATION_FAILURE),
    ERROR(CL_OUT_OF_RESOURCES),
    ERROR(CL_OUT_OF_HOST_MEMORY),
    ERROR(CL_PROFILING_INFO_NOT_AVAILABLE),
    ERROR(CL_BUILD_PROGRAM_FAILURE),
    ERROR(CL_MAP_FAILURE),
    ERROR(CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST),
    ERROR(CL_INVALID_VALUE),
    ERROR(CL_INVALID_DEVICE),
    ERROR(CL_INVALID_CONTEXT),
    ERROR(CL_INVALID_COMMAND_QUEUE),
    ERROR(CL_INVALID_MEM_OBJECT),
    ERROR(CL_INVALID_BINARY),
    ERROR(CL_INVALID_PROGRAM_EXECUTABLE),
    ERROR(CL_INVALID_KERNEL_ARGS),
    ERROR(CL_INVALID_WORK_GROUP_SIZE),
    ERROR(CL_INVALID_EVENT),
    ERROR(CL_INVALID_OPERATION),
    ERROR(CL_INVALID_BUFFER_SIZE),
    {-1001, "CL_PLATFORM_NOT_FOUND_KHR"}, /* of the loader, when no driver is installed */
#undef ERROR
};

const char *ps_opencl_error(cl_int code, char *text, size_t text_bytes)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (errors[i].code == code)
            return errors[i].name;
    }
    snprintf(text, text_bytes, "error %d", (int)code);
    return text;
}
