/*
 * An OpenCL library for tests: the system's, but a driver that loses its device after as many
 * kernels as the environment variable FAILING_OPENCL_KERNELS says.
 */
#define CL_TARGET_OPENCL_VERSION 120
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#ifdef __APPLE__
#include <OpenCL/opencl.h>
#define SYSTEMS_OWN "/System/Library/Frameworks/OpenCL.framework/OpenCL"
#else
#include <CL/cl.h>
#define SYSTEMS_OWN "libOpenCL.so.1"
#endif

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The system's function of a name. */
static void find(const char *name, void *function)
{
    void *library = dlopen(SYSTEMS_OWN, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, name) : NULL;

    if (!symbol)
        abort();
    memcpy(function, &symbol, sizeof symbol);
}

/* Whether a call is to fail. */
static int is_lost(const char *name)
{
    static atomic_long kernels;
    const char *most = getenv("FAILING_OPENCL_KERNELS");

    return most && strcmp(name, "clEnqueueNDRangeKernel") == 0 &&
           atomic_fetch_add(&kernels, 1) >= strtol(most, NULL, 10);
}

#define STATUS(name, parameters, arguments)                                                        \
    cl_int CL_API_CALL cl##name parameters                                                         \
    {                                                                                              \
        cl_int(CL_API_CALL *function) parameters;                                                  \
                                                                                                   \
        find("cl" #name, &function);                                                               \
        return is_lost("cl" #name) ? CL_OUT_OF_RESOURCES : function arguments;                     \
    }
#define OBJECT(type, name, parameters, arguments)                                                  \
    type CL_API_CALL cl##name parameters                                                           \
    {                                                                                              \
        type(CL_API_CALL *function) parameters;                                                    \
                                                                                                   \
        find("cl" #name, &function);                                                               \
        return function arguments;                                                                 \
    }
#define RELEASE(name, type) STATUS(name, (type object), (object))
#include "../edge/gpu/opencl_calls.def"
