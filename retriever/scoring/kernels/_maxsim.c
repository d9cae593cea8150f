/* Exact MaxSim over ragged pages, read in place: the part of retriever.scoring.kernels that is C.
 *
 *     score(query, page) = sum over query tokens of the largest dot product with any page vector
 *     (Khattab & Zaharia, ColBERT, arXiv 2004.12832, eq. 3)
 *
 * The caller in Python checks shapes and types; here every range is checked once more against the
 * buffers that were handed over, so that no call can read outside them. A page is scored by one
 * thread from beginning to end: scores depend neither on the number of threads nor on the other pages.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include "_portable.h"
#include "_scan.h"
#if defined(__x86_64__)
#include "_avx512.h"
#endif

typedef struct {
    const char *name;
    const Way *f16, *i8;
    void (*widen)(float *to, const uint16_t *from, int64_t n);
    int (*supported)(void);
} Level;

static int always(void) { return 1; }

/* Best first. A processor with AVX-512 but no VNNI multiplies int8 by AVX2. */
static const Level LEVELS[] = {
#if defined(__x86_64__)
    {"avx512-vnni", &way_f16_avx512, &way_i8_vnni, widen_avx2, has_vnni},
    {"avx512", &way_f16_avx512, &way_i8_avx2, widen_avx2, has_avx512},
#ifdef HAS_AVX2_VNNI
    {"avx2-vnni", &way_f16_avx2, &way_i8_avx2_vnni, widen_avx2, has_avx2_vnni},
#endif
    {"avx2", &way_f16_avx2, &way_i8_avx2, widen_avx2, has_avx2},
#endif
    {"portable", &way_f16_portable, &PORTABLE_I8, widen_portable, always},
};
enum { N_LEVELS = sizeof LEVELS / sizeof LEVELS[0] };
static int is_supported[N_LEVELS]; /* asked once: in a virtual machine the question is slow */

/* Why the buffers do not fit together, or NULL. */
static const char *misfit(const Scan *scan, int64_t query_bytes, int64_t factors_bytes,
                          int64_t vectors_bytes, int64_t scores_bytes) {
    const int64_t n_tokens = scan->tokens.n_tokens, dim = scan->tokens.dim;
    const int64_t query_item = scan->way->item_bytes == 2 ? 4 : 1;
    const int64_t n_vectors = vectors_bytes / (dim * scan->way->item_bytes);
    int64_t edge = 0;
    for (int64_t q = 0; q <= scan->n_queries; q++) {
        if (scan->edges[q] < edge || scan->edges[q] > n_tokens) return "edges of the queries";
        edge = scan->edges[q];
    }
    if (query_bytes != n_tokens * dim * query_item) return "query";
    if (factors_bytes != n_tokens * 8) return "factors";
    if (scores_bytes != scan->n_queries * scan->n_pages * 4) return "scores";
    for (int64_t page = 0; page < scan->n_pages; page++)
        if (scan->begins[page] < 0 || scan->ends[page] < scan->begins[page] ||
            scan->ends[page] > n_vectors)
            return "rows of a page";
    return NULL;
}

static PyObject *scan_buffers(const Way *way, long long dim, long long n_threads, Py_buffer *views) {
    const Py_buffer *query = &views[0], *factors = &views[1], *edges = &views[2], *vectors = &views[3];
    Scan scan = {.way = way,
                 .tokens = {.n_tokens = factors->len / 8, .dim = dim},
                 .factors = factors->buf,
                 .edges = edges->buf,
                 .n_queries = edges->len / 8 - 1,
                 .vectors = vectors->buf,
                 .begins = views[4].buf,
                 .ends = views[5].buf,
                 .n_pages = views[4].len / 8,
                 .scores = views[6].buf};
    if (dim < 1 || dim > 65536 || scan.n_queries < 0 || views[4].len != views[5].len) {
        PyErr_SetString(PyExc_ValueError, "the sizes of the buffers are no scan");
        return NULL;
    }
    const char *fault = misfit(&scan, query->len, factors->len, vectors->len, views[6].len);
    if (fault) {
        PyErr_Format(PyExc_ValueError, "the %s do not fit the other buffers", fault);
        return NULL;
    }
    int done = 1;
    Py_BEGIN_ALLOW_THREADS
    scan.tokens.words = allocate(4 * way->tokens_words(scan.tokens.n_tokens, dim));
    scan.tokens.bias = allocate(4 * scan.tokens.n_tokens);
    done = scan.tokens.words && scan.tokens.bias;
    if (done) {
        memset(scan.tokens.words, 0, (size_t)(4 * way->tokens_words(scan.tokens.n_tokens, dim)));
        done = run(&scan, query->buf, threads_worth_it(&scan, n_threads));
    }
    free(scan.tokens.words);
    free(scan.tokens.bias);
    Py_END_ALLOW_THREADS
    if (!done) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

PyDoc_STRVAR(scan_doc,
"scan(level, item_bytes, dim, n_threads, query, factors, edges, vectors, begins, ends, scores)\n\n"
"Writes scores (Q, C) float32: per query the sum of its tokens' largest similarities, each times\n"
"the token's factor. item_bytes is 2 for float16 vectors and a float32 query, 1 for int8 of both.");

static const Level *level_of(const char *name) {
    for (int i = 0; i < N_LEVELS; i++)
        if (strcmp(LEVELS[i].name, name) == 0 && is_supported[i]) return &LEVELS[i];
    return NULL;
}

static PyObject *scan(PyObject *module, PyObject *arguments) {
    const char *name;
    int item_bytes;
    long long dim, n_threads;
    Py_buffer views[7];
    PyObject *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "siLLy*y*y*y*y*y*w*", &name, &item_bytes, &dim, &n_threads,
                          &views[0], &views[1], &views[2], &views[3], &views[4], &views[5],
                          &views[6]))
        return NULL;
    const Way *way = NULL;
    const Level *level = level_of(name);
    if (level) way = item_bytes == 2 ? level->f16 : item_bytes == 1 ? level->i8 : NULL;
    if (way) result = scan_buffers(way, dim, n_threads, views);
    else PyErr_Format(PyExc_ValueError, "no level %s for items of %d bytes", name, item_bytes);
    for (int i = 0; i < 7; i++) PyBuffer_Release(&views[i]);
    return result;
}

PyDoc_STRVAR(widen_doc,
"widen(level, halves, floats)\n\n"
"Writes to floats the values of halves, IEEE 754 half precision; exact.");

static PyObject *widen(PyObject *module, PyObject *arguments) {
    const char *name;
    Py_buffer from, to;
    PyObject *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "sy*w*", &name, &from, &to)) return NULL;
    const Level *level = level_of(name);
    if (!level) PyErr_Format(PyExc_ValueError, "no level %s", name);
    else if (from.len % 2 || to.len != 2 * from.len)
        PyErr_SetString(PyExc_ValueError, "the floats do not fit the halves");
    else {
        level->widen(to.buf, from.buf, from.len / 2);
        result = Py_NewRef(Py_None);
    }
    PyBuffer_Release(&from);
    PyBuffer_Release(&to);
    return result;
}

PyDoc_STRVAR(levels_doc, "levels()\n\nNames of what this processor can run, best first.");

static PyObject *levels(PyObject *module, PyObject *ignored) {
    (void)module, (void)ignored;
    PyObject *names = PyList_New(0);
    for (int i = 0; names && i < N_LEVELS; i++) {
        if (!is_supported[i]) continue;
        PyObject *name = PyUnicode_FromString(LEVELS[i].name);
        if (!name || PyList_Append(names, name)) Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

static PyMethodDef METHODS[] = {
    {"scan", scan, METH_VARARGS, scan_doc},
    {"widen", widen, METH_VARARGS, widen_doc},
    {"levels", levels, METH_NOARGS, levels_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot SLOTS[] = {{0, NULL}};

static PyModuleDef MODULE = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_maxsim",
    .m_doc = "Exact MaxSim over ragged pages; see retriever.scoring.kernels.",
    .m_methods = METHODS,
    .m_slots = SLOTS,
};

PyMODINIT_FUNC PyInit__maxsim(void) {
    for (int i = 0; i < N_LEVELS; i++) is_supported[i] = LEVELS[i].supported();
    return PyModuleDef_Init(&MODULE);
}
