/* The search of one segment for its best sentences, compiled; index/bm25.py and index/search.py say
 * the same plainly in NumPy, with the same bits, and serve where this could not be compiled.
 *
 * One idea: go over the texts in windows, add up for each text a number that its score cannot
 * exceed, and score exactly only those whose number reaches the k-th best score so far. Terms whose
 * bounds together stay below that score cannot bring a text in; they are looked up only in texts
 * that other terms brought in (MaxScore: Turtle and Flood, "Query evaluation: strategies and
 * optimizations", 1995). For sentences alone the number is the score itself. For the whole ranking
 * it is a paragraph's: its own score, its article's and title's, and the most that its terms can
 * add in one of its sentences; so the sentences' postings are read only in paragraphs that matter.
 *
 * Exact scores are added up in the question's order, as rank_bm25 does, in float64 and without
 * fused operations, so every bit is the plain form's. Every stretch of the file is checked against
 * its CRC-32 before its first use.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 65536       /* bytes that one CRC-32 stands for; segment.py writes them */
#define FIRST_WINDOW 256  /* small at first, so that a threshold is known soon */
#define WINDOW 16384      /* 128 KiB of sums: they stay in the second cache */
#define SLACK 1e-9        /* what rounding in another order may change, with plenty to spare */

enum { SENTENCE, PARAGRAPH, ARTICLE, TITLE, LEVELS };

typedef struct {
    const int64_t *starts; /* of each term's postings, and the end of the last */
    const int32_t *texts;
    const void *codes;   /* uint16, or uint32 where wide */
    const int32_t *peaks; /* for each term: most times in one text, fewest terms of a text */
    const double *table; /* what each code adds, before the idf */
    double norm, slope;  /* k1 * (1 - b) and k1 * b / average length */
    int32_t size;        /* texts */
    int wide;
} Level;

enum {
    FILE_BYTES, CHECKS, CHECKED, VOCABULARY, VOCABULARY_AT, PARAGRAPH_SENTENCES,
    PARAGRAPH_ARTICLE, SENTENCE_PARAGRAPH, KINDS, RANKS, SINGLES
};
enum { STARTS, TEXTS, CODES, PEAKS, TABLE, PARTS };

typedef struct {
    Level level[LEVELS];
    const uint8_t *file, *vocabulary, *kinds;
    const uint32_t *checks;
    uint8_t *checked;
    int64_t bytes, terms;
    const int64_t *vocabulary_at;
    const int32_t *paragraph_sentences, *paragraph_article;
    const int32_t *sentence_paragraph, *ranks;
    double k1;
    Py_buffer views[SINGLES + LEVELS * PARTS];
    int held;
} Segment;

/* ------------------------------------------------------------------ checking what is read */

static uint32_t crc_tables[8][256];

static void make_crc_tables(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
        crc_tables[0][i] = c;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int t = 1; t < 8; t++)
            crc_tables[t][i] =
                (crc_tables[t - 1][i] >> 8) ^ crc_tables[0][crc_tables[t - 1][i] & 255];
}

/* The CRC-32 of zlib, eight bytes a step. */
static uint32_t crc32_of(const uint8_t *p, int64_t n) {
    uint32_t c = 0xFFFFFFFFu;
    for (; n >= 8; n -= 8, p += 8) {
        c ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
        c = crc_tables[7][c & 255] ^ crc_tables[6][c >> 8 & 255] ^ crc_tables[5][c >> 16 & 255] ^
            crc_tables[4][c >> 24] ^ crc_tables[3][p[4]] ^ crc_tables[2][p[5]] ^
            crc_tables[1][p[6]] ^ crc_tables[0][p[7]];
    }
    for (; n > 0; n--, p++) c = crc_tables[0][(c ^ *p) & 255] ^ (c >> 8);
    return ~c;
}

/* Whether the file's blocks under [p, p + n) are what was written; each is read once a process.
 * Where one is not, *bad is its number. */
static int sound(const Segment *g, const void *p, int64_t n, int64_t *bad) {
    if (n <= 0) return 1;
    int64_t from = (const uint8_t *)p - g->file;
    for (int64_t block = from / BLOCK; block <= (from + n - 1) / BLOCK; block++) {
        if (g->checked[block]) continue;
        int64_t at = block * BLOCK, left = g->bytes - at;
        if (crc32_of(g->file + at, left < BLOCK ? left : BLOCK) != g->checks[block]) {
            *bad = block;
            return 0;
        }
        g->checked[block] = 1;
    }
    return 1;
}
#define SOUND(p, n) sound(g, (p), (int64_t)(n) * (int64_t)sizeof *(p), bad)

/* ------------------------------------------------------------------ postings */

static inline double part_at(const Level *l, int64_t i) {
    return l->table[l->wide ? ((const uint32_t *)l->codes)[i] : ((const uint16_t *)l->codes)[i]];
}

/* The first place in texts[from, to) that is not before `text`; near `from` it costs least. */
static int64_t seek(const int32_t *texts, int64_t from, int64_t to, int32_t text) {
    int64_t step = 1, low = from;
    while (low + step < to && texts[low + step] < text) low += step, step *= 2;
    int64_t high = low + step < to ? low + step : to;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (texts[middle] < text) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* What a term adds to a text at one level, 0 where the text does not hold it. */
static double part_of(const Level *l, int64_t from, int64_t to, int32_t text) {
    int64_t i = seek(l->texts, from, to, text);
    return i < to && l->texts[i] == text ? part_at(l, i) : 0.0;
}

/* ------------------------------------------------------------------ a question in one segment */

typedef struct {
    int64_t at[LEVELS], to[LEVELS]; /* its postings from the window on; the end of all */
    int64_t next;                   /* where the window ends, at the level that is gone over */
    double idf[LEVELS];
    double scale, extra; /* a posting adds scale * part + extra to its text's sum */
    double most;         /* and never more than this */
} Term;

typedef struct {
    double score;
    int32_t rank, sentence; /* its article's number in the snapshot and its own: low wins a tie */
} Hit;

typedef struct {
    const Segment *g;
    Term *terms, **strongest; /* in the question's order; by what they may add */
    int count, own;           /* terms; those that are words of the question, not related ones */
    double *rest;             /* rest[i] is what strongest[i:] may add together */
    double weights[LEVELS], related, bonus, bonuses, surroundings;
    int kinds, whole;
    const uint8_t *allowed; /* for each article, or NULL for all */
    Hit *hits;
    int k, found;
    double floor;           /* hits below it are of no use */
    double *sums, *around;  /* of the window's texts; what its articles and titles add */
    int32_t *reached;       /* texts whose sum reached what is needed */
    double *own_sums, *related_sums; /* of one paragraph's sentences */
    uint8_t *holding;
    int32_t room;
    int64_t *bad;
} Search;

/* The score that a sentence has to reach now. */
static inline double threshold(const Search *q) {
    double last = q->found == q->k ? q->hits[q->k - 1].score : 0.0;
    return (last > q->floor ? last : q->floor) * (1 - SLACK);
}

static int before(const Hit *a, const Hit *b) {
    if (a->score != b->score) return a->score > b->score;
    return a->rank != b->rank ? a->rank < b->rank : a->sentence < b->sentence;
}

static void keep(Search *q, Hit hit) {
    if (hit.score < q->floor) return;
    if (q->found == q->k && !before(&hit, &q->hits[q->k - 1])) return;
    int i = q->found < q->k ? q->found++ : q->k - 1;
    for (; i > 0 && before(&hit, &q->hits[i - 1]); i--) q->hits[i] = q->hits[i - 1];
    q->hits[i] = hit;
}

static int may_answer(const Search *q, int32_t article) {
    return q->g->ranks[article] >= 0 && (!q->allowed || q->allowed[article]);
}

/* The exact score of a text at one level. */
static double score_of(const Search *q, int level, int32_t text) {
    double own = 0, related = 0;
    for (int i = 0; i < q->count; i++) {
        const Term *t = &q->terms[i];
        double part = part_of(&q->g->level[level], t->at[level], t->to[level], text) * t->idf[level];
        if (i < q->own) own += part;
        else related += part;
    }
    return q->own < q->count ? own + q->related * related : own;
}

/* Keep a sentence whose sum came from strongest[:needed], if its score is high enough. */
static int weigh_sentence(Search *q, int32_t sentence, double sum, int needed) {
    const Segment *g = q->g;
    int64_t *bad = q->bad;
    for (int i = needed; i < q->count; i++) {
        if (sum + q->rest[i] < threshold(q)) return 1;
        const Term *t = q->strongest[i];
        sum += t->scale * part_of(&g->level[SENTENCE], t->at[SENTENCE], t->to[SENTENCE], sentence);
    }
    if (sum < threshold(q)) return 1;
    if (!SOUND(g->sentence_paragraph + sentence, 1)) return 0;
    int32_t paragraph = g->sentence_paragraph[sentence];
    if (!SOUND(g->paragraph_article + paragraph, 1)) return 0;
    int32_t article = g->paragraph_article[paragraph];
    if (may_answer(q, article))
        keep(q, (Hit){score_of(q, SENTENCE, sentence), g->ranks[article], sentence});
    return 1;
}

/* Keep those sentences of a paragraph whose score over all levels is high enough; `first` is the
 * window's first article. */
static int weigh_paragraph(Search *q, int32_t paragraph, double sum, int needed, int32_t first) {
    const Segment *g = q->g;
    int64_t *bad = q->bad;
    int32_t article = g->paragraph_article[paragraph];
    if (!may_answer(q, article)) return 1;
    sum += q->bonuses + q->around[article - first];
    for (int i = needed; i < q->count; i++) {
        if (sum + q->rest[i] < threshold(q)) return 1;
        const Term *t = q->strongest[i];
        double part =
            part_of(&g->level[PARAGRAPH], t->at[PARAGRAPH], t->to[PARAGRAPH], paragraph);
        if (part > 0) sum += t->scale * part + t->extra;
    }
    if (sum < threshold(q)) return 1;
    if (!SOUND(g->paragraph_sentences + paragraph, 2)) return 0;
    int32_t from = g->paragraph_sentences[paragraph];
    int32_t size = g->paragraph_sentences[paragraph + 1] - from;
    if (!SOUND(g->kinds + from, size)) return 0;
    if (size > q->room) {
        free(q->own_sums), free(q->related_sums), free(q->holding);
        q->own_sums = malloc(sizeof(double) * size);
        q->related_sums = malloc(sizeof(double) * size);
        q->holding = malloc(size);
        q->room = size;
    }
    if (!q->own_sums || !q->related_sums || !q->holding) return 0;
    for (int32_t i = 0; i < size; i++) q->own_sums[i] = q->related_sums[i] = q->holding[i] = 0;
    const Level *l = &g->level[SENTENCE];
    for (int i = 0; i < q->count; i++) {
        const Term *t = &q->terms[i];
        double *sums = i < q->own ? q->own_sums : q->related_sums;
        int64_t at = seek(l->texts, t->at[SENTENCE], t->to[SENTENCE], from);
        for (; at < t->to[SENTENCE] && (uint32_t)(l->texts[at] - from) < (uint32_t)size; at++) {
            sums[l->texts[at] - from] += t->idf[SENTENCE] * part_at(l, at);
            q->holding[l->texts[at] - from] = 1;
        }
    }
    double of_paragraph = q->weights[PARAGRAPH] * score_of(q, PARAGRAPH, paragraph);
    double of_article = q->weights[ARTICLE] * score_of(q, ARTICLE, article);
    double of_title = q->weights[TITLE] * score_of(q, TITLE, article);
    for (int32_t i = 0; i < size; i++) {
        if (!q->holding[i]) continue;
        double score = q->own_sums[i];
        if (q->own < q->count) score += q->related * q->related_sums[i];
        score = score + of_paragraph + of_article + of_title;
        for (int bit = 1; bit <= 4; bit *= 2)
            if (q->kinds & g->kinds[from + i] & bit) score += q->bonus;
        keep(q, (Hit){score, g->ranks[article], from + i});
    }
    return 1;
}

/* Into `around`, what each article from `first` to `last` and its title add to every sentence of
 * it; returns the most. */
static double add_up_articles(Search *q, int32_t first, int32_t last) {
    double most = 0;
    memset(q->around, 0, sizeof(double) * (last - first + 1));
    for (int level = ARTICLE; level <= TITLE; level++) {
        const Level *l = &q->g->level[level];
        for (int i = 0; i < q->count; i++) {
            Term *t = &q->terms[i];
            double scale = q->weights[level] * t->idf[level] * (i < q->own ? 1.0 : q->related);
            int64_t at = t->at[level] = seek(l->texts, t->at[level], t->to[level], first);
            for (; at < t->to[level] && l->texts[at] <= last; at++)
                q->around[l->texts[at] - first] += scale * part_at(l, at);
        }
    }
    for (int32_t i = 0; i <= last - first; i++)
        if (q->around[i] > most) most = q->around[i];
    return most;
}

/* Add a term's postings in [begin, begin + size) to the sums of their texts; note in `reached`
 * each text whose sum comes to `needed`. The unsigned comparison also keeps texts that are before
 * `begin`, which no sound file has, from being written to. */
#define ADD_UP(TYPE)                                                      \
    for (; at < to; at++) {                                               \
        uint32_t place = (uint32_t)texts[at] - (uint32_t)begin;           \
        if (place >= size) break;                                         \
        double old = sums[place];                                         \
        double sum = old + (scale * table[((const TYPE *)l->codes)[at]] + extra); \
        sums[place] = sum;                                                \
        reached[count] = texts[at];                                       \
        count += (old < needed) & (sum >= needed);                        \
    }

static int add_up(const Search *q, const Level *l, Term *t, int64_t to, int32_t begin,
                  uint32_t size, double needed, int count) {
    const int32_t *texts = l->texts;
    const double *table = l->table, scale = t->scale, extra = t->extra;
    double *sums = q->sums;
    int32_t *reached = q->reached;
    int64_t at = t->next;
    if (l->wide) ADD_UP(uint32_t) else ADD_UP(uint16_t)
    t->next = at;
    return count;
}

/* Go over the texts of one level in `ranges` (pairs of begin and end, ascending). */
static int go_over(Search *q, const int32_t *ranges, int64_t range_count) {
    const Segment *g = q->g;
    const int level = q->whole ? PARAGRAPH : SENTENCE;
    const Level *l = &g->level[level];
    int32_t width = FIRST_WINDOW;
    int64_t range = 0;
    for (;;) {
        /* Texts with none of strongest[:needed] cannot reach the threshold. */
        double reach = threshold(q) - q->bonuses - q->surroundings;
        int needed = 0;
        while (needed < q->count && q->rest[needed] >= reach) needed++;
        int64_t begin = INT64_MAX;
        for (int i = 0; i < needed; i++) {
            const Term *t = q->strongest[i];
            if (t->at[level] < t->to[level] && l->texts[t->at[level]] < begin)
                begin = l->texts[t->at[level]];
        }
        while (range < range_count && ranges[2 * range + 1] <= begin) range++;
        if (range == range_count) return 1;
        if (begin < ranges[2 * range]) {
            for (int i = 0; i < needed; i++) {
                Term *t = q->strongest[i];
                t->at[level] = seek(l->texts, t->at[level], t->to[level], ranges[2 * range]);
            }
            continue;
        }
        int64_t end = begin + width < ranges[2 * range + 1] ? begin + width : ranges[2 * range + 1];
        if (width < WINDOW) width *= 2;
        int32_t first = 0;
        double around = 0;
        if (q->whole) {
            first = g->paragraph_article[begin];
            around = q->bonuses + add_up_articles(q, first, g->paragraph_article[end - 1]);
        }
        double sum = threshold(q) - around - q->rest[needed];
        if (!(sum > 0)) sum = 1e-300; /* any posting reaches it */
        int reached = 0;
        for (int i = 0; i < needed; i++) {
            Term *t = q->strongest[i];
            t->next = t->at[level];
            reached = add_up(q, l, t, t->to[level], begin, end - begin, sum, reached);
        }
        if (reached) {
            for (int i = needed; i < q->count; i++) {
                Term *t = q->strongest[i];
                t->at[level] = seek(l->texts, t->at[level], t->to[level], begin);
            }
            for (int i = 0; q->whole && i < q->count; i++) {
                Term *t = &q->terms[i];
                t->at[SENTENCE] = seek(g->level[SENTENCE].texts, t->at[SENTENCE], t->to[SENTENCE],
                                       g->paragraph_sentences[begin]);
            }
        }
        for (int i = 0; i < reached; i++) {
            int32_t text = q->reached[i];
            double so_far = q->sums[text - begin];
            if (!(q->whole ? weigh_paragraph(q, text, so_far, needed, first)
                           : weigh_sentence(q, text, so_far, needed)))
                return 0;
        }
        for (int i = 0; i < needed; i++) {
            Term *t = q->strongest[i];
            for (; t->at[level] < t->next; t->at[level]++)
                q->sums[l->texts[t->at[level]] - begin] = 0;
        }
    }
}

static double most_of(const Segment *g, const Term *t, int level, int64_t number) {
    const Level *l = &g->level[level];
    if (t->at[level] == t->to[level]) return 0;
    double tf = l->peaks[2 * number], length = l->peaks[2 * number + 1];
    return t->idf[level] * (tf * (g->k1 + 1) / (tf + l->norm + l->slope * length)) * (1 + SLACK);
}

static int by_most(const void *a, const void *b) {
    double x = (*(Term *const *)a)->most, y = (*(Term *const *)b)->most;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* Find each term's postings, check them, and say what it may add. */
static int prepare(Search *q, const int64_t *numbers, const double *idf) {
    const Segment *g = q->g;
    int64_t *bad = q->bad;
    for (int i = 0; i < q->count; i++) {
        Term *t = &q->terms[i];
        q->strongest[i] = t;
        double most[LEVELS] = {0};
        for (int level = 0; level < (q->whole ? LEVELS : 1); level++) {
            const Level *l = &g->level[level];
            t->idf[level] = idf[i * LEVELS + level];
            if (numbers[i] < 0) continue; /* not in this segment */
            if (!SOUND(l->starts + numbers[i], 2) || !SOUND(l->peaks + 2 * numbers[i], 2)) return 0;
            int64_t at = t->at[level] = l->starts[numbers[i]];
            int64_t to = t->to[level] = l->starts[numbers[i] + 1];
            if (!SOUND(l->texts + at, to - at)) return 0;
            if (!sound(g, (const char *)l->codes + at * (l->wide ? 4 : 2),
                       (to - at) * (l->wide ? 4 : 2), bad))
                return 0;
            most[level] = most_of(g, t, level, numbers[i]);
        }
        double weight = i < q->own ? 1.0 : q->related;
        if (q->whole) {
            t->scale = q->weights[PARAGRAPH] * weight * t->idf[PARAGRAPH];
            t->extra = weight * most[SENTENCE];
            t->most = q->weights[PARAGRAPH] * weight * most[PARAGRAPH] + t->extra;
            q->surroundings += weight * (q->weights[ARTICLE] * most[ARTICLE] +
                                         q->weights[TITLE] * most[TITLE]);
        } else {
            t->scale = t->idf[SENTENCE];
            t->most = most[SENTENCE];
        }
    }
    qsort(q->strongest, q->count, sizeof *q->strongest, by_most);
    q->rest[q->count] = 0;
    for (int i = q->count; i--;) q->rest[i] = q->rest[i + 1] + q->strongest[i]->most;
    if (!q->whole) return 1;
    return SOUND(g->paragraph_article, g->level[PARAGRAPH].size) &&
           SOUND(g->paragraph_sentences, g->level[PARAGRAPH].size + 1);
}

/* ------------------------------------------------------------------ what Python calls */

static void let_go(PyObject *capsule) {
    Segment *g = PyCapsule_GetPointer(capsule, "byline.segment");
    if (!g) return;
    for (int i = 0; i < g->held; i++) PyBuffer_Release(&g->views[i]);
    free(g);
}

/* hold(singles, levels, k1, norms) -> segment */
static PyObject *hold(PyObject *self, PyObject *args) {
    PyObject *arrays, *norms;
    Segment *g = calloc(1, sizeof *g);
    if (!g) return PyErr_NoMemory();
    if (!PyArg_ParseTuple(args, "O!dO!", &PyTuple_Type, &arrays, &g->k1, &PyTuple_Type, &norms)) {
        free(g);
        return NULL;
    }
    PyObject *capsule = PyCapsule_New(g, "byline.segment", let_go);
    if (!capsule) {
        free(g);
        return NULL;
    }
    if (PyTuple_Size(arrays) != SINGLES + LEVELS * PARTS || PyTuple_Size(norms) != LEVELS) {
        PyErr_SetString(PyExc_ValueError, "not the arrays of a segment");
        goto failed;
    }
    for (; g->held < SINGLES + LEVELS * PARTS; g->held++)
        if (PyObject_GetBuffer(PyTuple_GetItem(arrays, g->held), &g->views[g->held],
                               g->held == CHECKED ? PyBUF_WRITABLE : PyBUF_SIMPLE) < 0)
            goto failed;
    const Py_buffer *v = g->views;
    g->file = v[FILE_BYTES].buf, g->bytes = v[FILE_BYTES].len;
    g->checks = v[CHECKS].buf, g->checked = v[CHECKED].buf;
    g->vocabulary = v[VOCABULARY].buf, g->vocabulary_at = v[VOCABULARY_AT].buf;
    g->terms = v[VOCABULARY_AT].len / 8 - 1;
    g->paragraph_sentences = v[PARAGRAPH_SENTENCES].buf;
    g->paragraph_article = v[PARAGRAPH_ARTICLE].buf;
    g->sentence_paragraph = v[SENTENCE_PARAGRAPH].buf;
    g->kinds = v[KINDS].buf, g->ranks = v[RANKS].buf;
    const int64_t sizes[] = {v[SENTENCE_PARAGRAPH].len / 4, v[PARAGRAPH_ARTICLE].len / 4,
                             v[RANKS].len / 4, v[RANKS].len / 4};
    for (int i = 0; i < LEVELS; i++) {
        const Py_buffer *w = v + SINGLES + i * PARTS;
        Level *l = &g->level[i];
        l->starts = w[STARTS].buf, l->texts = w[TEXTS].buf, l->codes = w[CODES].buf;
        l->peaks = w[PEAKS].buf, l->table = w[TABLE].buf;
        l->wide = w[TEXTS].len > 0 && w[CODES].len == w[TEXTS].len;
        l->size = (int32_t)sizes[i];
        if (!PyArg_ParseTuple(PyTuple_GetItem(norms, i), "dd", &l->norm, &l->slope)) goto failed;
    }
    return capsule;
failed:
    Py_DECREF(capsule);
    return NULL;
}

static PyObject *raise(int64_t bad) {
    if (bad < 0) return PyErr_NoMemory();
    PyObject *block = PyLong_FromLongLong(bad);
    if (block) PyErr_SetObject(PyExc_ValueError, block);
    Py_XDECREF(block);
    return NULL;
}

/* find(segment, term) -> (number, how many texts of each level hold it), None where none does */
static PyObject *find(PyObject *self, PyObject *args) {
    PyObject *capsule;
    const char *term;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(args, "Oy#", &capsule, &term, &length)) return NULL;
    const Segment *g = PyCapsule_GetPointer(capsule, "byline.segment");
    if (!g) return NULL;
    int64_t low = 0, high = g->terms, block = -1, *bad = &block;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (!SOUND(g->vocabulary_at + middle, 2)) return raise(block);
        int64_t at = g->vocabulary_at[middle], size = g->vocabulary_at[middle + 1] - at;
        if (!SOUND(g->vocabulary + at, size)) return raise(block);
        int order = memcmp(g->vocabulary + at, term, size < length ? size : length);
        if (order == 0 && size == length) {
            long long held[LEVELS];
            for (int i = 0; i < LEVELS; i++) {
                const int64_t *starts = g->level[i].starts + middle;
                if (!SOUND(starts, 2)) return raise(block);
                held[i] = starts[1] - starts[0];
            }
            return Py_BuildValue("LLLLL", (long long)middle, held[0], held[1], held[2], held[3]);
        }
        if (order < 0 || (order == 0 && size < length)) low = middle + 1;
        else high = middle;
    }
    Py_RETURN_NONE;
}

/* best(segment, numbers, idf, own, k, floor, ranges, allowed, ranking)
 *   -> [(score, article's rank, sentence)]; ranking is None for sentences alone, or
 *      (paragraph, article, title, related, bonus, kinds) */
static PyObject *best(PyObject *self, PyObject *args) {
    PyObject *capsule, *ranking, *result = NULL;
    Py_buffer numbers, idf, ranges, allowed = {0};
    Search q = {0};
    int64_t block = -1;
    if (!PyArg_ParseTuple(args, "Oy*y*iidy*z*O", &capsule, &numbers, &idf, &q.own, &q.k, &q.floor,
                          &ranges, &allowed, &ranking))
        return NULL;
    const Segment *g = q.g = PyCapsule_GetPointer(capsule, "byline.segment");
    if (!g) goto done;
    q.bad = &block;
    q.count = (int)(numbers.len / 8);
    q.allowed = allowed.buf;
    q.whole = ranking != Py_None;
    q.weights[SENTENCE] = 1;
    if (q.whole) {
        if (!PyArg_ParseTuple(ranking, "dddddi", &q.weights[PARAGRAPH], &q.weights[ARTICLE],
                              &q.weights[TITLE], &q.related, &q.bonus, &q.kinds))
            goto done;
        for (int bit = 1; bit <= 4; bit *= 2) q.bonuses += q.kinds & bit ? q.bonus : 0;
    }
    if (q.own > q.count || idf.len != (Py_ssize_t)sizeof(double) * LEVELS * q.count || q.k < 1 ||
        (q.allowed && allowed.len != g->level[ARTICLE].size)) {
        PyErr_SetString(PyExc_ValueError, "sizes do not agree");
        goto done;
    }
    q.terms = calloc(q.count + 1, sizeof *q.terms);
    q.strongest = calloc(q.count + 1, sizeof *q.strongest);
    q.rest = calloc(q.count + 1, sizeof *q.rest);
    q.hits = calloc(q.k, sizeof *q.hits);
    q.sums = calloc(WINDOW, sizeof *q.sums);
    q.around = calloc(g->level[ARTICLE].size + 1, sizeof *q.around);
    q.reached = malloc((WINDOW + 1) * sizeof *q.reached);
    int done = q.terms && q.strongest && q.rest && q.hits && q.sums && q.around && q.reached;
    Py_BEGIN_ALLOW_THREADS
    done = done && prepare(&q, numbers.buf, idf.buf) && go_over(&q, ranges.buf, ranges.len / 8);
    Py_END_ALLOW_THREADS
    if (!done) {
        raise(block);
        goto done;
    }
    result = PyList_New(q.found);
    for (int i = 0; result && i < q.found; i++) {
        const Hit *hit = &q.hits[i];
        PyObject *row = Py_BuildValue("dii", hit->score, (int)hit->rank, (int)hit->sentence);
        if (!row || PyList_SetItem(result, i, row) < 0) Py_CLEAR(result);
    }
done:
    free(q.terms), free(q.strongest), free(q.rest), free(q.hits), free(q.sums), free(q.around);
    free(q.reached), free(q.own_sums), free(q.related_sums), free(q.holding);
    PyBuffer_Release(&numbers), PyBuffer_Release(&idf), PyBuffer_Release(&ranges);
    PyBuffer_Release(&allowed);
    return result;
}

static PyMethodDef methods[] = {{"hold", hold, METH_VARARGS, NULL},
                                {"find", find, METH_VARARGS, NULL},
                                {"best", best, METH_VARARGS, NULL},
                                {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_kernel", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void) {
    make_crc_tables();
    return PyModule_Create(&module);
}
