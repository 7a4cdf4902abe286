/* The search for the best sentences, compiled; index/ranking.py says the same plainly in NumPy, with
 * the same bits, and serves where this could not be compiled.
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
 * its checksum before its first use.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 16384       /* bytes that one checksum stands for; arrays.py writes them */
#define FIRST_WINDOW 256  /* small at first, so that a threshold is known soon */
#define WINDOW 32768      /* 256 KiB of sums: they stay in the second cache */
#define SLACK 1e-9        /* what rounding in another order may change, with plenty to spare */
#define GUESSES 32        /* texts of the rarest terms that are scored before all others */
#define GONE INT64_MIN    /* of an article that is gone */

#ifdef _MSC_VER
#define THREAD_LOCAL __declspec(thread)
#else
#define THREAD_LOCAL _Thread_local
#endif

enum { SENTENCE, PARAGRAPH, ARTICLE, TITLE, LEVELS };

typedef struct {
    const int64_t *starts; /* of each term's postings, and the end of the last */
    const int32_t *texts;
    const void *codes;   /* uint16, or uint32 where wide */
    const int32_t *peaks; /* four for each term; build.py says what they are */
    const double *table; /* what each code adds, before the idf */
    double norm, slope;  /* k1 * (1 - b) and k1 * b / average length */
    const int32_t *gone; /* stretches of texts that are gone: begin and end */
    int64_t gone_count;
    int32_t size; /* texts */
    int wide;
} Level;

enum {
    FILE_BYTES, CHECKS, WEIGHTS, CHECKED, VOCABULARY, VOCABULARY_AT, PARAGRAPH_SENTENCES,
    PARAGRAPH_ARTICLE, SENTENCE_PARAGRAPH, KINDS, SHIFTS, SINGLES
};
enum { STARTS, TEXTS, CODES, PEAKS, TABLE, GONE_TEXTS, PARTS };

typedef struct {
    Level level[LEVELS];
    const uint8_t *file, *vocabulary, *kinds;
    const uint64_t *checks, *weights;
    uint8_t *checked;
    int64_t bytes, terms;
    const int64_t *vocabulary_at;
    const int32_t *paragraph_sentences, *paragraph_article;
    const int32_t *sentence_paragraph;
    const int64_t *shifts; /* by article: from a sentence's number here to that in the snapshot */
    double k1;
    Py_buffer views[SINGLES + LEVELS * PARTS];
    int held;
} Segment;

/* ------------------------------------------------------------------ checking what is read */

/* The words of a block, each times its own odd weight, added up; arrays.py has the same. */
static uint64_t checksum_of(const uint8_t *p, int64_t n, const uint64_t *weights) {
    uint64_t sum = 0, word;
    for (; n >= 8; n -= 8, p += 8) {
        memcpy(&word, p, 8);
        sum += word * *weights++;
    }
    word = 0;
    memcpy(&word, p, n);
    return n ? sum + word * *weights : sum;
}

/* Whether the file's blocks under [p, p + n) are what was written; each is read once a process.
 * Where one is not, *bad is its number. */
static int sound(const Segment *g, const void *p, int64_t n, int64_t *bad) {
    if (n <= 0) return 1;
    int64_t from = (const uint8_t *)p - g->file;
    for (int64_t block = from / BLOCK; block <= (from + n - 1) / BLOCK; block++) {
        if (g->checked[block]) continue;
        int64_t at = block * BLOCK, left = g->bytes - at;
        if (checksum_of(g->file + at, left < BLOCK ? left : BLOCK, g->weights) != g->checks[block]) {
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

/* ------------------------------------------------------------------ a question in one segment */

typedef struct {
    int64_t at[LEVELS], to[LEVELS]; /* its postings from the window on; the end of all */
    int64_t next;                   /* where the window ends, at the level that is gone over */
    int64_t near[LEVELS];           /* where a text was looked up last, and which; texts are */
    int32_t last[LEVELS];           /* mostly asked for in their order */
    double part;                    /* of the text that is weighed */
    double idf[LEVELS];
    double scale, extra; /* a posting adds scale * part + extra to its text's sum */
    double most;         /* and never more than this */
} Term;

typedef struct {
    double score;
    int64_t number; /* of the sentence in the snapshot; the lower one wins a tie */
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
    double *sums, *around; /* of the window's texts; what its articles and titles add */
    int32_t *reached;      /* texts whose sum reached what is needed */
    double *own_sums, *related_sums; /* of one paragraph's sentences */
    uint8_t *holding;
    int32_t room;
    int64_t *bad;
} Search;

/* Each thread's own, zero between searches: making them anew would cost more than many searches. */
static THREAD_LOCAL double window_sums[WINDOW];
static THREAD_LOCAL int32_t window_reached[WINDOW + 1];

/* The score that a sentence has to reach now. */
static inline double threshold(const Search *q) {
    return q->found == q->k ? q->hits[q->k - 1].score * (1 - SLACK) : 0.0;
}

static int before(const Hit *a, const Hit *b) {
    return a->score != b->score ? a->score > b->score : a->number < b->number;
}

static void keep(Search *q, double score, int64_t number) {
    Hit hit = {score, number};
    if (q->found == q->k && !before(&hit, &q->hits[q->k - 1])) return;
    int place = q->found;
    while (place > 0 && before(&hit, &q->hits[place - 1])) place--;
    if (place > 0 && q->hits[place - 1].number == number) return; /* it was guessed */
    if (q->found < q->k) q->found++;
    memmove(q->hits + place + 1, q->hits + place, sizeof hit * (q->found - 1 - place));
    q->hits[place] = hit;
}

static int may_answer(const Search *q, int32_t article) {
    return q->g->shifts[article] != GONE && (!q->allowed || q->allowed[article]);
}

/* The place of a term's first posting that is not before a text. */
static int64_t place_of(const Search *q, Term *t, int level, int32_t text) {
    int64_t from = t->at[level];
    if (t->last[level] <= text && t->near[level] > from) from = t->near[level];
    t->last[level] = text;
    return t->near[level] = seek(q->g->level[level].texts, from, t->to[level], text);
}

/* What a term adds to a text at one level before the idf, 0 where the text does not hold it. */
static double part_of(const Search *q, Term *t, int level, int32_t text) {
    const Level *l = &q->g->level[level];
    int64_t i = place_of(q, t, level, text);
    return i < t->to[level] && l->texts[i] == text ? part_at(l, i) : 0.0;
}

/* The exact score of a text at one level, from what each term adds to it. */
static double score_of(const Search *q, int level) {
    double own = 0, related = 0;
    for (int i = 0; i < q->count; i++) {
        const Term *t = &q->terms[i];
        if (i < q->own) own += t->part * t->idf[level];
        else related += t->part * t->idf[level];
    }
    return q->own < q->count ? own + q->related * related : own;
}

/* Keep a sentence whose sum came from strongest[:needed], if its score is high enough. */
static int weigh_sentence(Search *q, int32_t sentence, double sum, int needed) {
    const Segment *g = q->g;
    int64_t *bad = q->bad;
    for (int i = needed; i < q->count; i++) {
        if (sum + q->rest[i] < threshold(q)) return 1;
        Term *t = q->strongest[i];
        sum += t->scale * (t->part = part_of(q, t, SENTENCE, sentence));
    }
    if (sum < threshold(q)) return 1;
    if (!SOUND(g->sentence_paragraph + sentence, 1)) return 0;
    int32_t paragraph = g->sentence_paragraph[sentence];
    if (!SOUND(g->paragraph_article + paragraph, 1)) return 0;
    int32_t article = g->paragraph_article[paragraph];
    if (!may_answer(q, article)) return 1;
    for (int i = 0; i < needed; i++)
        q->strongest[i]->part = part_of(q, q->strongest[i], SENTENCE, sentence);
    keep(q, score_of(q, SENTENCE), g->shifts[article] + sentence);
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
        Term *t = q->strongest[i];
        t->part = part_of(q, t, PARAGRAPH, paragraph);
        if (t->part > 0) sum += t->scale * t->part + t->extra;
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
        Term *t = &q->terms[i];
        double *sums = i < q->own ? q->own_sums : q->related_sums;
        int64_t at = place_of(q, t, SENTENCE, from);
        for (; at < t->to[SENTENCE] && (uint32_t)(l->texts[at] - from) < (uint32_t)size; at++) {
            sums[l->texts[at] - from] += t->idf[SENTENCE] * part_at(l, at);
            q->holding[l->texts[at] - from] = 1;
        }
    }
    for (int i = 0; i < needed; i++)
        q->strongest[i]->part = part_of(q, q->strongest[i], PARAGRAPH, paragraph);
    double of_paragraph = q->weights[PARAGRAPH] * score_of(q, PARAGRAPH);
    for (int i = 0; i < q->count; i++) q->terms[i].part = part_of(q, &q->terms[i], ARTICLE, article);
    double of_article = q->weights[ARTICLE] * score_of(q, ARTICLE);
    for (int i = 0; i < q->count; i++) q->terms[i].part = part_of(q, &q->terms[i], TITLE, article);
    double of_title = q->weights[TITLE] * score_of(q, TITLE);
    for (int32_t i = 0; i < size; i++) {
        if (!q->holding[i]) continue;
        double score = q->own_sums[i];
        if (q->own < q->count) score += q->related * q->related_sums[i];
        score = score + of_paragraph + of_article + of_title;
        for (int bit = 1; bit <= 4; bit *= 2)
            if (q->kinds & g->kinds[from + i] & bit) score += q->bonus;
        keep(q, score, g->shifts[article] + from + i);
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

/* The most that a term adds to any text, before the idf. */
static double most_of(const Segment *g, const Level *l, int64_t number) {
    const int32_t *peaks = l->peaks + 4 * number;
    double most = 0;
    for (int i = 0; i < 3; i++) {
        if (!peaks[i + 1]) continue;
        double tf = i < 2 ? i + 1 : peaks[0];
        double part = tf * (g->k1 + 1) / (tf + l->norm + l->slope * peaks[i + 1]);
        if (part > most) most = part;
    }
    return most * (1 + SLACK);
}

static int by_most(const void *a, const void *b) {
    double x = (*(Term *const *)a)->most, y = (*(Term *const *)b)->most;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* Take up the postings of all terms in one segment, where they have the numbers given (-1 for none),
 * and say what each may add. */
static int take_up(Search *q, const Segment *g, const int64_t *numbers, const uint8_t *allowed) {
    int64_t *bad = q->bad;
    q->g = g, q->allowed = allowed, q->surroundings = 0;
    for (int i = 0; i < q->count; i++) {
        Term *t = &q->terms[i];
        double most[LEVELS] = {0};
        q->strongest[i] = t;
        for (int level = 0; level < (q->whole ? LEVELS : 1); level++) {
            const Level *l = &g->level[level];
            t->at[level] = t->to[level] = t->near[level] = t->last[level] = 0;
            if (numbers[i] < 0) continue;
            int64_t at = t->at[level] = l->starts[numbers[i]];
            int64_t to = t->to[level] = l->starts[numbers[i] + 1];
            if (at == to) continue;
            const char *codes = (const char *)l->codes + at * (l->wide ? 4 : 2);
            if (!SOUND(l->peaks + 4 * numbers[i], 4) || !SOUND(l->texts + at, to - at) ||
                !SOUND(codes, (to - at) * (l->wide ? 4 : 2)))
                return 0;
            most[level] = t->idf[level] * most_of(g, l, numbers[i]);
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
    free(q->around);
    q->around = calloc((size_t)g->level[ARTICLE].size + 1, sizeof *q->around);
    return q->around && SOUND(g->paragraph_article, g->level[PARAGRAPH].size) &&
           SOUND(g->paragraph_sentences, g->level[PARAGRAPH].size + 1);
}

/* Score some texts of the rarest terms, which are likely among the best: the sooner the threshold is
 * high, the less is looked at. */
static int guess(Search *q) {
    const int level = q->whole ? PARAGRAPH : SENTENCE;
    int64_t left = GUESSES, least = 0;
    while (left > 0) {
        const Term *rarest = NULL;
        for (int i = 0; i < q->count; i++) {
            int64_t held = q->terms[i].to[level] - q->terms[i].at[level];
            if (held > least && (!rarest || held < rarest->to[level] - rarest->at[level]))
                rarest = &q->terms[i];
        }
        if (!rarest) return 1;
        least = rarest->to[level] - rarest->at[level];
        int64_t end = rarest->at[level] + (least < left ? least : left);
        for (int64_t at = rarest->at[level]; at < end; at++) {
            int32_t text = q->g->level[level].texts[at];
            if (text < 0 || text >= q->g->level[level].size) return 1;
            if (!(q->whole ? weigh_paragraph(q, text, INFINITY, 0,
                                             q->g->paragraph_article[text])
                           : weigh_sentence(q, text, INFINITY, 0)))
                return 0;
        }
        left -= least;
    }
    return 1;
}

/* The number of a term in a segment, -1 where it has none, -2 where the file is damaged. */
static int64_t number_of(const Segment *g, const char *term, int64_t length, int64_t *bad) {
    int64_t low = 0, high = g->terms;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (!SOUND(g->vocabulary_at + middle, 2)) return -2;
        int64_t at = g->vocabulary_at[middle], size = g->vocabulary_at[middle + 1] - at;
        if (!SOUND(g->vocabulary + at, size)) return -2;
        int order = memcmp(g->vocabulary + at, term, size < length ? size : length);
        if (order == 0 && size == length) return middle;
        if (order < 0 || (order == 0 && size < length)) low = middle + 1;
        else high = middle;
    }
    return -1;
}

/* How many texts of a level that are not gone hold a term; -1 where the file is damaged. */
static int64_t held_by(const Segment *g, int level, int64_t number, int64_t *bad) {
    const Level *l = &g->level[level];
    if (!SOUND(l->starts + number, 2)) return -1;
    int64_t from = l->starts[number], to = l->starts[number + 1], held = to - from;
    if (l->gone_count && !SOUND(l->texts + from, held)) return -1;
    for (int64_t i = 0; i < l->gone_count; i++) {
        int64_t first = seek(l->texts, from, to, l->gone[2 * i]);
        from = seek(l->texts, first, to, l->gone[2 * i + 1]);
        held -= from - first;
    }
    return held;
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
    g->checks = v[CHECKS].buf, g->weights = v[WEIGHTS].buf, g->checked = v[CHECKED].buf;
    g->vocabulary = v[VOCABULARY].buf, g->vocabulary_at = v[VOCABULARY_AT].buf;
    g->terms = v[VOCABULARY_AT].len / 8 - 1;
    g->paragraph_sentences = v[PARAGRAPH_SENTENCES].buf;
    g->paragraph_article = v[PARAGRAPH_ARTICLE].buf;
    g->sentence_paragraph = v[SENTENCE_PARAGRAPH].buf;
    g->kinds = v[KINDS].buf, g->shifts = v[SHIFTS].buf;
    const int64_t sizes[] = {v[SENTENCE_PARAGRAPH].len / 4, v[PARAGRAPH_ARTICLE].len / 4,
                             v[SHIFTS].len / 8, v[SHIFTS].len / 8};
    for (int i = 0; i < LEVELS; i++) {
        const Py_buffer *w = v + SINGLES + i * PARTS;
        Level *l = &g->level[i];
        l->starts = w[STARTS].buf, l->texts = w[TEXTS].buf, l->codes = w[CODES].buf;
        l->peaks = w[PEAKS].buf, l->table = w[TABLE].buf;
        l->gone = w[GONE_TEXTS].buf, l->gone_count = w[GONE_TEXTS].len / 8;
        l->wide = w[TEXTS].len > 0 && w[CODES].len == w[TEXTS].len;
        l->size = (int32_t)sizes[i];
        if (!PyArg_ParseTuple(PyTuple_GetItem(norms, i), "dd", &l->norm, &l->slope)) goto failed;
    }
    return capsule;
failed:
    Py_DECREF(capsule);
    return NULL;
}

static PyObject *raise(int64_t bad, int part) {
    if (bad < 0) return PyErr_NoMemory();
    PyObject *where = Py_BuildValue("iL", part, (long long)bad);
    if (where) PyErr_SetObject(PyExc_ValueError, where);
    Py_XDECREF(where);
    return NULL;
}

/* find(segment, term) -> (number, how many texts of each level hold it), None where none does */
static PyObject *find(PyObject *self, PyObject *args) {
    PyObject *capsule;
    const char *term;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(args, "Os#", &capsule, &term, &length)) return NULL;
    const Segment *g = PyCapsule_GetPointer(capsule, "byline.segment");
    if (!g) return NULL;
    int64_t bad = -1, number = number_of(g, term, length, &bad);
    if (number == -1) Py_RETURN_NONE;
    if (number < 0) return raise(bad, 0);
    long long held[LEVELS];
    for (int level = 0; level < LEVELS; level++)
        if ((held[level] = held_by(g, level, number, &bad)) < 0) return raise(bad, 0);
    return Py_BuildValue("LLLLL", (long long)number, held[0], held[1], held[2], held[3]);
}

/* Look all terms up: their numbers in each segment, one row a segment, and their idf. */
static int look_up(Search *q, PyObject *terms, const Segment **segments, int parts,
                   const double *sizes, int64_t *numbers, int *part) {
    for (int i = 0; i < q->count; i++) {
        Py_ssize_t length;
        const char *term = PyUnicode_AsUTF8AndSize(PyList_GetItem(terms, i), &length);
        if (!term) return 0;
        int64_t held[LEVELS] = {0};
        for (*part = 0; *part < parts; ++*part) {
            int64_t number = number_of(segments[*part], term, length, q->bad);
            if (number == -2) return 0;
            numbers[*part * q->count + i] = number;
            for (int level = 0; number >= 0 && level < (q->whole ? LEVELS : 1); level++) {
                int64_t here = held_by(segments[*part], level, number, q->bad);
                if (here < 0) return 0;
                held[level] += here;
            }
        }
        for (int level = 0; level < LEVELS; level++) /* as positive_idf has it */
            if (held[level])
                q->terms[i].idf[level] =
                    log(1 + (sizes[level] - held[level] + 0.5) / (held[level] + 0.5));
    }
    return 1;
}

/* best(segments, terms, own, sizes, k, filters, ranking) -> (numbers, scores), as bytes of int64 and
 * float64. Where filters is not None, it has (allowed, ranges) for each segment; ranking is None for
 * sentences alone, or (paragraph, article, title, related, bonus, kinds). */
static PyObject *best(PyObject *self, PyObject *args) {
    PyObject *held, *terms, *filters, *ranking, *result = NULL;
    double sizes[LEVELS];
    Search q = {0};
    int64_t bad = -1;
    if (!PyArg_ParseTuple(args, "O!O!i(dddd)iOO", &PyTuple_Type, &held, &PyList_Type, &terms, &q.own,
                          &sizes[0], &sizes[1], &sizes[2], &sizes[3], &q.k, &filters, &ranking))
        return NULL;
    q.bad = &bad;
    q.count = (int)PyList_Size(terms);
    q.whole = ranking != Py_None;
    q.weights[SENTENCE] = 1;
    if (q.whole) {
        if (!PyArg_ParseTuple(ranking, "dddddi", &q.weights[PARAGRAPH], &q.weights[ARTICLE],
                              &q.weights[TITLE], &q.related, &q.bonus, &q.kinds))
            return NULL;
        for (int bit = 1; bit <= 4; bit *= 2) q.bonuses += q.kinds & bit ? q.bonus : 0;
    }
    int parts = (int)PyTuple_Size(held), part = 0;
    if (q.own > q.count || q.k < 1) {
        PyErr_SetString(PyExc_TypeError, "k has to be at least 1");
        return NULL;
    }
    const Segment **segments = calloc(parts + 1, sizeof *segments);
    int64_t *numbers = calloc((size_t)parts * q.count + 1, sizeof *numbers);
    q.terms = calloc(q.count + 1, sizeof *q.terms);
    q.strongest = calloc(q.count + 1, sizeof *q.strongest);
    q.rest = calloc(q.count + 1, sizeof *q.rest);
    q.hits = calloc((size_t)q.k + 1, sizeof *q.hits);
    q.sums = window_sums, q.reached = window_reached;
    int fine = segments && numbers && q.terms && q.strongest && q.rest && q.hits;
    for (int i = 0; fine && i < parts; i++)
        if (!(segments[i] = PyCapsule_GetPointer(PyTuple_GetItem(held, i), "byline.segment")))
            goto done;
    fine = fine && look_up(&q, terms, segments, parts, sizes, numbers, &part);
    for (part = fine ? 0 : part; fine && part < parts; part++) {
        const Segment *g = segments[part];
        int32_t all[2] = {0, g->level[q.whole ? PARAGRAPH : SENTENCE].size};
        Py_buffer allowed = {0}, ranges = {0};
        if (filters != Py_None &&
            !PyArg_ParseTuple(PyTuple_GetItem(filters, part), "y*y*", &allowed, &ranges))
            goto done;
        const int32_t *stretches = ranges.buf ? ranges.buf : all;
        int64_t count = ranges.buf ? ranges.len / 8 : 1;
        if (allowed.buf && allowed.len != g->level[ARTICLE].size) count = 0;
        if (count && !(ranges.buf && !ranges.len)) {
            Py_BEGIN_ALLOW_THREADS
            fine = take_up(&q, g, numbers + (int64_t)part * q.count, allowed.buf) &&
                   (q.found == q.k || guess(&q)) && go_over(&q, stretches, count);
            Py_END_ALLOW_THREADS
        }
        if (allowed.obj) PyBuffer_Release(&allowed);
        if (ranges.obj) PyBuffer_Release(&ranges);
        if (!fine) break;
    }
    if (!fine) {
        memset(window_sums, 0, sizeof window_sums);
        if (!PyErr_Occurred()) raise(bad, part);
        goto done;
    }
    PyObject *found = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)sizeof(int64_t) * q.found);
    PyObject *scores = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)sizeof(double) * q.found);
    if (found && scores) {
        for (int i = 0; i < q.found; i++) {
            ((int64_t *)PyBytes_AsString(found))[i] = q.hits[i].number;
            ((double *)PyBytes_AsString(scores))[i] = q.hits[i].score;
        }
        result = PyTuple_Pack(2, found, scores);
    }
    Py_XDECREF(found), Py_XDECREF(scores);
done:
    free(segments), free(numbers), free(q.terms), free(q.strongest), free(q.rest), free(q.hits);
    free(q.around), free(q.own_sums), free(q.related_sums), free(q.holding);
    return result;
}

static PyMethodDef methods[] = {{"hold", hold, METH_VARARGS, NULL},
                                {"find", find, METH_VARARGS, NULL},
                                {"best", best, METH_VARARGS, NULL},
                                {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_kernel", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void) {
    return PyModule_Create(&module);
}
