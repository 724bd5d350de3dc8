/*
 * OpenCL 1.2, found at run time.
 *
 * Nothing links against an OpenCL library: each function is a forwarder of ours to the library that
 * ps_opencl_load has opened. The forwarders have names of their own, so that a program may link
 * this library and an OpenCL library at once; the macros below let code, VkFFT's header included,
 * write the standard names. Include this instead of CL/cl.h.
 */
#ifndef PLAINSONG_EDGE_GPU_OPENCL_H
#define PLAINSONG_EDGE_GPU_OPENCL_H

#include <stdint.h>

#ifndef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 120
#endif
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#ifdef __APPLE__
#include <OpenCL/opencl.h>
#else
#include <CL/cl.h>
#endif

/*
 * Opens the library, once in the life of the process: the one that the environment variable
 * PLAINSONG_OPENCL names, else the system's. NULL, or why there is none. Any thread.
 */
const char *ps_opencl_load(void);

/* "CL_OUT_OF_RESOURCES"; "error -9999" is written to text, which is returned then. */
const char *ps_opencl_error(cl_int code, char *text, size_t text_bytes);

/*
 * Watches the calls of a thread: counts them, keeps the last that failed, and lets calls fail on
 * purpose for tests. Giving objects back is no call.
 */
typedef struct ps_cl_watch {
    uint64_t calls;      /* so far */
    uint64_t fail_from;  /* this many calls work; 0: all */
    uint64_t fail_count; /* this many fail then; 0: all */
    cl_int fail_code;
    cl_int error;       /* of the last call that failed, or CL_SUCCESS */
    const char *failed; /* its name */
} ps_cl_watch;

/* The watch of this thread from now on (NULL: none); returns the one before. */
ps_cl_watch *ps_cl_watch_by(ps_cl_watch *watch);

/* Waits until a queue is empty, however: before memory that it uses is given back. No call. */
void ps_cl_drain(cl_command_queue queue);

/* Gives mapped memory back; no call either. */
void ps_cl_unmap(cl_command_queue queue, cl_mem memory, void *mapped);

#define STATUS(name, parameters, arguments)       cl_int ps_cl##name parameters;
#define OBJECT(type, name, parameters, arguments) type ps_cl##name parameters;
#define RELEASE(name, type)                       cl_int ps_cl##name(type object);
#include "opencl_calls.def"
#undef STATUS
#undef OBJECT
#undef RELEASE

#define clGetPlatformIDs          ps_clGetPlatformIDs
#define clGetPlatformInfo         ps_clGetPlatformInfo
#define clGetDeviceIDs            ps_clGetDeviceIDs
#define clGetDeviceInfo           ps_clGetDeviceInfo
#define clCreateContext           ps_clCreateContext
#define clReleaseContext          ps_clReleaseContext
#define clCreateCommandQueue      ps_clCreateCommandQueue
#define clReleaseCommandQueue     ps_clReleaseCommandQueue
#define clCreateBuffer            ps_clCreateBuffer
#define clReleaseMemObject        ps_clReleaseMemObject
#define clEnqueueReadBuffer       ps_clEnqueueReadBuffer
#define clEnqueueWriteBuffer      ps_clEnqueueWriteBuffer
#define clEnqueueCopyBuffer       ps_clEnqueueCopyBuffer
#define clEnqueueMapBuffer        ps_clEnqueueMapBuffer
#define clEnqueueUnmapMemObject   ps_clEnqueueUnmapMemObject
#define clCreateProgramWithSource ps_clCreateProgramWithSource
#define clCreateProgramWithBinary ps_clCreateProgramWithBinary
#define clBuildProgram            ps_clBuildProgram
#define clGetProgramInfo          ps_clGetProgramInfo
#define clGetProgramBuildInfo     ps_clGetProgramBuildInfo
#define clReleaseProgram          ps_clReleaseProgram
#define clCreateKernel            ps_clCreateKernel
#define clSetKernelArg            ps_clSetKernelArg
#define clReleaseKernel           ps_clReleaseKernel
#define clEnqueueNDRangeKernel    ps_clEnqueueNDRangeKernel
#define clWaitForEvents           ps_clWaitForEvents
#define clGetEventProfilingInfo   ps_clGetEventProfilingInfo
#define clReleaseEvent            ps_clReleaseEvent
#define clFlush                   ps_clFlush
#define clFinish                  ps_clFinish

#endif
