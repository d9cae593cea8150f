/* A scan: pages handed out to threads, each page scored by one of them. */
#ifndef PAGESIGHT_SCAN_H
#define PAGESIGHT_SCAN_H

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "_maxsim.h"

enum { ALIGNMENT = 64, PAGES_AT_ONCE = 4, MOST_THREADS = 256 };

/* A thread costs about 50 us to start: it gets at least this many multiplications (about 200 us). */
static const double MULTIPLICATIONS_PER_THREAD = 8e6;

/* One call: Q queries of T tokens together against C pages. */
typedef struct {
    const Way *way;
    Tokens tokens;
    const double *factors;    /* (T,) */
    const int64_t *edges;     /* (Q + 1,) query q owns the tokens edges[q]..edges[q + 1] */
    int64_t n_queries;
    const char *vectors;      /* (N, D) */
    const int64_t *begins;    /* (C,) page c owns the rows begins[c]..ends[c] */
    const int64_t *ends;
    int64_t n_pages;
    float *scores;            /* (Q, C) */
    _Atomic int64_t next_page;
} Scan;

typedef struct {
    Scan *scan;
    Scratch scratch;
    double *maxima;           /* (T,) */
    pthread_t thread;
} Worker;

static void score_page(Scan *scan, const Worker *worker, int64_t page) {
    const int64_t row_bytes = scan->tokens.dim * scan->way->item_bytes;
    const int64_t n_rows = scan->ends[page] - scan->begins[page];
    if (n_rows > 0)
        scan->way->page(&scan->tokens, scan->vectors + scan->begins[page] * row_bytes, n_rows,
                        &worker->scratch, worker->maxima);
    for (int64_t q = 0; q < scan->n_queries; q++) {
        double score = n_rows > 0 ? 0 : -HUGE_VAL; /* a page without vectors has no maximum */
        for (int64_t t = scan->edges[q]; n_rows > 0 && t < scan->edges[q + 1]; t++)
            score += worker->maxima[t] * scan->factors[t];
        if (score != score) score = -HUGE_VAL; /* infinities of both signs */
        scan->scores[q * scan->n_pages + page] = (float)score;
    }
}

static void *work(void *argument) {
    Worker *worker = argument;
    Scan *scan = worker->scan;
    for (;;) {
        const int64_t first = atomic_fetch_add(&scan->next_page, PAGES_AT_ONCE);
        if (first >= scan->n_pages) return NULL;
        for (int64_t page = first; page < scan->n_pages && page < first + PAGES_AT_ONCE; page++)
            score_page(scan, worker, page);
    }
}

static void *allocate(int64_t n_bytes) {
    return aligned_alloc(ALIGNMENT, (size_t)(ceil_div(n_bytes + 1, ALIGNMENT) * ALIGNMENT));
}

static int prepare(Worker *worker, Scan *scan) {
    const int64_t n_tokens = scan->tokens.n_tokens;
    worker->scan = scan;
    worker->scratch.tile = allocate(4 * scan->way->tile_words(scan->tokens.dim));
    worker->scratch.best = allocate(4 * n_tokens * scan->way->lanes);
    worker->maxima = allocate((int64_t)sizeof(double) * n_tokens);
    return worker->scratch.tile && worker->scratch.best && worker->maxima;
}

static void release(Worker *worker) {
    free(worker->scratch.tile);
    free(worker->scratch.best);
    free(worker->maxima);
}

/* Threads beyond the caller's own are started per call: none is left over after a fork. */
static int run(Scan *scan, const void *query, int n_threads) {
    Worker *workers = calloc((size_t)n_threads, sizeof *workers);
    int ready = workers != NULL, n_started = 0;
    for (int i = 0; ready && i < n_threads; i++) ready = prepare(&workers[i], scan);
    if (ready) {
        scan->way->lay_out(&scan->tokens, query);
        for (int i = 1; i < n_threads; i++, n_started++)
            if (pthread_create(&workers[i].thread, NULL, work, &workers[i])) break;
        work(&workers[0]);
        for (int i = 1; i <= n_started; i++) pthread_join(workers[i].thread, NULL);
    }
    for (int i = 0; workers && i < n_threads; i++) release(&workers[i]);
    free(workers);
    return ready;
}

static int threads_worth_it(const Scan *scan, long long wanted) {
    double rows = 0;
    for (int64_t page = 0; page < scan->n_pages; page++)
        rows += (double)(scan->ends[page] - scan->begins[page]);
    const double most = 1 + rows * (double)scan->tokens.n_tokens * (double)scan->tokens.dim /
                                MULTIPLICATIONS_PER_THREAD;
    const int64_t batches = ceil_div(scan->n_pages, PAGES_AT_ONCE);
    if (wanted > MOST_THREADS) wanted = MOST_THREADS;
    if (wanted > batches) wanted = batches;
    if ((double)wanted > most) wanted = (long long)most;
    return wanted < 1 ? 1 : (int)wanted;
}

#endif
