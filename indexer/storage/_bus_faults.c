/* Keeps a process alive whose mapped file loses bytes: cut short by somebody, or unreadable on the disk.
 *
 * Reading such a place of a map raises SIGBUS, which ends a process. Here memory of zeros takes the place of
 * the rest of the map, the fault is counted, and the read goes on; whoever reads a watched map asks afterwards
 * whether it was broken, and uses nothing of it then. (libwayland guards the memory of its clients the same
 * way.) A fault anywhere else ends the process as ever.
 *
 * The handler may run in any thread at any moment: it takes no lock, and watched maps stand in chunks that
 * are never freed. All else runs with the interpreter's lock held.
 */
#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CHUNK = 1024 };

typedef struct {
    _Atomic uintptr_t begin, end; /* both 0: the slot is free */
    _Atomic long n_faults;
} Slot;

typedef struct Chunk {
    Slot slots[CHUNK];
    struct Chunk *_Atomic next;
} Chunk;

static Chunk first_chunk;
static struct sigaction before_us;
static uintptr_t page_bytes;

static void on_bus_error(int signal_number, siginfo_t *info, void *context) {
    const int saved_errno = errno;
    const uintptr_t address = (uintptr_t)info->si_addr;
    for (Chunk *chunk = &first_chunk; chunk; chunk = atomic_load(&chunk->next))
        for (int i = 0; i < CHUNK; i++) {
            Slot *slot = &chunk->slots[i];
            const uintptr_t end = atomic_load(&slot->end);
            if (address < atomic_load(&slot->begin) || address >= end) continue;
            const uintptr_t page = address & ~(page_bytes - 1);
            void *zeros = mmap((void *)page, end - page, PROT_READ,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
            if (zeros == MAP_FAILED) break;
            atomic_fetch_add(&slot->n_faults, 1);
            errno = saved_errno;
            return;
        }
    /* Not ours: as before. The read is tried again, and whoever was there before us has the fault. */
    (void)signal_number, (void)context;
    sigaction(SIGBUS, &before_us, NULL);
    errno = saved_errno;
}

static Slot *slot_of(long number) {
    Chunk *chunk = &first_chunk;
    for (; number >= CHUNK && chunk; number -= CHUNK) chunk = atomic_load(&chunk->next);
    if (number < 0 || chunk == NULL) {
        PyErr_SetString(PyExc_ValueError, "no watched map has this number");
        return NULL;
    }
    return &chunk->slots[number];
}

/* watch(address, n_bytes) -> number; address is the beginning of a map */
static PyObject *watch(PyObject *module, PyObject *arguments) {
    unsigned long long address, n_bytes;
    if (!PyArg_ParseTuple(arguments, "KK", &address, &n_bytes)) return NULL;
    if (address == 0 || address % page_bytes || n_bytes == 0) {
        PyErr_SetString(PyExc_ValueError, "a map begins at a page of memory and has bytes");
        return NULL;
    }
    long number = 0;
    for (Chunk *chunk = &first_chunk;; chunk = atomic_load(&chunk->next)) {
        for (int i = 0; i < CHUNK; i++, number++) {
            Slot *slot = &chunk->slots[i];
            if (atomic_load(&slot->end)) continue;
            atomic_store(&slot->n_faults, 0);
            atomic_store(&slot->begin, (uintptr_t)address);
            atomic_store(&slot->end, (uintptr_t)(address + n_bytes));
            return PyLong_FromLong(number);
        }
        if (atomic_load(&chunk->next) == NULL) {
            Chunk *more = calloc(1, sizeof *more);
            if (more == NULL) return PyErr_NoMemory();
            atomic_store(&chunk->next, more);
        }
    }
}

/* n_faults(number) -> how often the map was broken */
static PyObject *n_faults(PyObject *module, PyObject *argument) {
    const long number = PyLong_AsLong(argument);
    if (number == -1 && PyErr_Occurred()) return NULL;
    Slot *slot = slot_of(number);
    return slot ? PyLong_FromLong(atomic_load(&slot->n_faults)) : NULL;
}

/* forget(number): before the map goes away */
static PyObject *forget(PyObject *module, PyObject *argument) {
    const long number = PyLong_AsLong(argument);
    if (number == -1 && PyErr_Occurred()) return NULL;
    Slot *slot = slot_of(number);
    if (slot == NULL) return NULL;
    atomic_store(&slot->begin, (uintptr_t)0);
    atomic_store(&slot->end, (uintptr_t)0);
    Py_RETURN_NONE;
}

/* install(): take SIGBUS, also where another has taken it since */
static PyObject *install(PyObject *module, PyObject *unused) {
    struct sigaction now;
    if (sigaction(SIGBUS, NULL, &now)) return PyErr_SetFromErrno(PyExc_OSError);
    if (!(now.sa_flags & SA_SIGINFO) || now.sa_sigaction != on_bus_error) {
        struct sigaction ours = {0};
        ours.sa_sigaction = on_bus_error;
        ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
        sigemptyset(&ours.sa_mask);
        before_us = now;
        if (sigaction(SIGBUS, &ours, NULL)) return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

static PyMethodDef METHODS[] = {
    {"install", install, METH_NOARGS, NULL},
    {"watch", watch, METH_VARARGS, NULL},
    {"n_faults", n_faults, METH_O, NULL},
    {"forget", forget, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT, "_bus_faults", NULL, -1, METHODS, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__bus_faults(void) {
    page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    return PyModule_Create(&MODULE);
}
