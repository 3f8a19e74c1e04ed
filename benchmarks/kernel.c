/* Choice, incidents, hostility, their chance and the measuring of a week, written by hand: the limit to be held against.
 *
 * Nothing of it is generated. Members are lanes: LANES of them lie side by side, row after row, (group, row, lane), so
 * that every loop over lanes is one of vectors. What depends on parameters alone comes in folded (phases.py). Chance
 * is detente's: SplitMix64 words, a table of parabolas for normals, AS 241 in their tails. -DSINGLE computes in float.
 * Cells with an incident and normals of a tail are few: they are collected, and worked on side by side.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#ifndef LANES
#define LANES 32
#endif
#define EACH for (int i = 0; i < LANES; i++)
#define AT(array, row) (job->array + (int64_t)(row) * LANES)
#define OF(array, rows) AT(array, group * job->rows)
/* memory of one kind is never another's */
#define IVDEP _Pragma("GCC ivdep")
#define EACH_ROW(row, rows) for (int64_t row = 0; row < job->rows; row++)
enum { MOST_ROWS = 64, MOST = 400, CELL_BITS = 12, EXACT = 64, PILLARS = 6, TENSE = 1, ARMED = 2, COERCE = 3, FORCE = 4 };

#ifdef SINGLE
typedef float real;
typedef uint32_t bits;
#define R(x) x##f
#define FMA fmaf
#define MAGIC 0x1.8p23f
#define MANTISSA 23
#define BIAS 127
#define LOWEST -87.0f
#define LN2_HIGH 0x1.62e4p-1f
#define LN2_LOW 0x1.7f7d1cp-20f
#define HALF_ROOT 0x3f3504f3u
#define EXP_SUM(sum, x) \
  sum = 0x1.a01a02p-13f, sum = FMA(sum, x, 0x1.6c16c2p-10f), sum = FMA(sum, x, 0x1.111112p-7f), \
  sum = FMA(sum, x, 0x1.555556p-5f), sum = FMA(sum, x, 0x1.555556p-3f), sum = FMA(sum, x, 0.5f)
#define LOG_SUM(sum, x) \
  sum = 0xf89e26.0p-26f, sum = FMA(sum, x, 0x91e9ee.0p-25f), sum = FMA(sum, x, 0xccce13.0p-25f), \
  sum = FMA(sum, x, 0xaaaaaa.0p-24f)
#define BELOW_ONE (1.0f - 0x1p-24f)
#else
typedef double real;
typedef uint64_t bits;
#define R(x) x
#define FMA fma
#define MAGIC 0x1.8p52
#define MANTISSA 52
#define BIAS 1023
#define LOWEST -708.0
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33
#define HALF_ROOT 0x3fe6a09e667f3bcdull
#define EXP_SUM(sum, x) \
  sum = 0x1.6124613a86d09p-33, sum = FMA(sum, x, 0x1.1eed8eff8d898p-29), \
  sum = FMA(sum, x, 0x1.ae64567f544e4p-26), sum = FMA(sum, x, 0x1.27e4fb7789f5cp-22), \
  sum = FMA(sum, x, 0x1.71de3a556c734p-19), sum = FMA(sum, x, 0x1.a01a01a01a01ap-16), \
  sum = FMA(sum, x, 0x1.a01a01a01a01ap-13), sum = FMA(sum, x, 0x1.6c16c16c16c17p-10), \
  sum = FMA(sum, x, 0x1.1111111111111p-7), sum = FMA(sum, x, 0x1.5555555555555p-5), \
  sum = FMA(sum, x, 0x1.5555555555555p-3), sum = FMA(sum, x, 0.5)
#define LOG_SUM(sum, x) \
  sum = 0x1.2f112df3e5244p-3, sum = FMA(sum, x, 0x1.39a09d078c69fp-3), sum = FMA(sum, x, 0x1.7466496cb03dep-3), \
  sum = FMA(sum, x, 0x1.c71c51d8e78afp-3), sum = FMA(sum, x, 0x1.2492494229359p-2), \
  sum = FMA(sum, x, 0x1.999999997fa04p-2), sum = FMA(sum, x, 0x1.5555555555593p-1)
#define BELOW_ONE (1.0 - 0x1p-53)
#endif

typedef struct {
  int64_t members, directed, dyads, actors, tracks, states;
  const int64_t *source, *target, *pair, *reverse, *forth, *back;
  const int64_t *heard, *heard_from, *discussed, *discussed_from, *own, *own_from;
  const real *parameters, *parabolas;
  const double *calm, *span, *weights, *narrow, *dyad_weights, *totals, *index;
  const uint64_t *rung_start, *incident_start, *hostility_start;
  const real *stake, *resting, *rate, *remoteness, *guarantee, *usual_severity, *first_causes, *pact_threat;
  const real *opening_threat, *arms_pressure, *rhetoric_effect, *incident_effect, *grievance_effect, *relief_effect;
  const real *regime_pressure, *recorded, *feared;
  const real *strength, *backing, *burden, *war_aversion, *insecurity, *coalition, *influence_pressure, *coercion;
  const real *alignment, *alignment_drawn;
  const real *demand, *presence, *regime, *damping, *climate, *background_factor, *recorded_severity, *vacuum, *growth;
  const real *track, *track_relief;
  real *hostility, *level, *severity, *rung, *excitation, *counts, *chance;
  real *recent, *outbreak;
  double *tension, *behaviour, *contribution;
  float *of_dyads, *of_states;
  uint16_t *incidents;
  int64_t *contribution_sum, *pillar_sum;
} Job;

/* parameters, (parameter, lane), in the order of phases.PARAMETERS */
enum {
  PRECISION, GAIN_THREATEN, GAIN_COERCE, COST_THREATEN, COST_COERCE, SEVERITY_THREATEN, SEVERITY_COERCE, SEVERITY_FORCE,
  RELIEF, CONCESSION, ANIMOSITY, DETERRENCE, EMBOLDENING, LOCAL_DETERRENCE, PRESENCE_SCALE, BELLIGERENCE, INCONSISTENCY,
  ELITE_FEAR, CHEAP_TALK, RESOURCES, AVERSION, WEEKLY_OUTBREAK, FORCE_PRIZE, FORCE_HOSTILITY, CONTEST_EXPONENT,
  GAIN, ANSWERING, KEPT, SENSITIVITY, DISPERSION, WHEN_COERCING, SEVERITY, FRESH,
  INERTIA, RECIPROCITY, INCIDENT_FEEDBACK, CONDUCT, EXTERNAL_COERCION, VOLATILITY, PARAMETERS
};
/* what measures are held against, in the order of phases.INDEX */
enum { EXPONENT, IMBALANCE_SHARE, HOSTILE_PAIR, GROWTH_REFERENCE, PACT_POLARISATION, ACTIVE_DEFICIT, SIGNED_DEFICIT };

typedef struct {
  real uniform[MOST_ROWS * LANES], rate[MOST_ROWS * LANES], later[MOST_ROWS * LANES];
  real few[5][MOST_ROWS * LANES];
  int32_t cells[MOST_ROWS * LANES];
} Scratch;

static inline real greater(real a, real b) { return a > b ? a : b; }
static inline real lesser(real a, real b) { return a < b ? a : b; }
static inline real clipped(real x, real low, real high) { return lesser(greater(x, low), high); }
static inline bits as_bits(real x) { bits b; memcpy(&b, &x, sizeof b); return b; }
static inline real as_real(bits b) { real x; memcpy(&x, &b, sizeof x); return x; }

static inline real vexp(real x) {
  x = greater(x, LOWEST);
  real shifted = FMA(x, R(0x1.71547652b82fep0), MAGIC), n = shifted - MAGIC;
  real r = FMA(n, -LN2_LOW, FMA(n, -LN2_HIGH, x)), sum;
  EXP_SUM(sum, r);
  real power = as_real((as_bits(shifted) + BIAS) << MANTISSA);
  return FMA(FMA(sum, r * r, r), power, power);
}

static inline real vlog(real x) {
  const bits one = (bits)BIAS << MANTISSA, whole = (bits)(BIAS + MANTISSA) << MANTISSA;
  bits word = as_bits(x) + (one - HALF_ROOT);
  real k = as_real((word >> MANTISSA) | whole) - (as_real(whole) + (real)BIAS);
  real f = as_real((word & ((((bits)1) << MANTISSA) - 1)) + HALF_ROOT) - R(1.0);
  real s = f / (R(2.0) + f), z = s * s, half = R(0.5) * f * f, sum;
  LOG_SUM(sum, z);
  return k * LN2_HIGH - ((half - (s * (half + z * sum) + k * LN2_LOW)) - f);
}

static inline real vlog1p(real x) {
  real u = R(1.0) + x;
  return vlog(u) + (x - (u - R(1.0))) / u;
}

static inline uint64_t mixed(uint64_t word) {
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9ull;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EBull;
  return word ^ (word >> 31);
}

/* whole numbers below 2^52 as doubles */
static inline double whole(uint64_t word) {
  double x;
  word |= 0x4330000000000000ull;
  memcpy(&x, &word, sizeof x);
  return x - 0x1p52;
}

static inline real uniform(uint64_t word) {
  real u = (real)((whole(word >> 12) + 0.5) * 0x1p-52);
  return lesser(u, BELOW_ONE);
}

/* a polynomial of degree 7, highest power first */
#define POLYNOMIAL(r, a, b, c, d, e, f, g, h) \
  FMA(FMA(FMA(FMA(FMA(FMA(FMA((real)(a), r, (real)(b)), r, (real)(c)), r, (real)(d)), r, (real)(e)), r, (real)(f)), \
          r, (real)(g)), r, (real)(h))

/* the normal quantile below or above the middle: AS 241, PPND16 */
static inline real quantile(real tail) {
  real root = sizeof(real) == 4 ? (real)__builtin_sqrtf((float)-vlog(tail)) : (real)__builtin_sqrt((double)-vlog(tail));
  real x = root - R(1.6), y = root - R(5.0);
  real near = POLYNOMIAL(x, 7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                         1.27045825245236838258, 3.64784832476320460504, 5.76949722146069140550,
                         4.63033784615654529590, 1.42343711074968357734)
              / POLYNOMIAL(x, 1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
                           1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940,
                           2.05319162663775882187, 1.0);
  real far = POLYNOMIAL(y, 2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                        2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580,
                        5.46378491116411436990, 6.65790464350110377720)
             / POLYNOMIAL(y, 2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
                          7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
                          5.99832206555887937690e-1, 1.0);
  return root > R(5.0) ? far : near;
}

/* standard normals of a week into `out`, (row, lane) */
static void normals(const Job *job, const uint64_t *start, int64_t week, real *restrict out, Scratch *restrict s) {
  const int cells = (int)job->directed * LANES;
  const uint64_t passed = (uint64_t)week * 0x9E3779B97F4A7C15ull;
  const real outer = R(1.0) * EXACT / (1 << CELL_BITS);
  int few = 0;
  real *tail = s->few[0], *sign = s->few[1], *signed_tail = s->rate;
  IVDEP for (int c = 0; c < cells; c++) {
    uint64_t word = mixed(start[c] + passed);
    int64_t cell = (int64_t)(word >> (64 - CELL_BITS)) * 4;
    real t = (real)(whole((word << CELL_BITS) >> 12) * 0x1p-52);
    double u = (whole(word >> 12) + 0.5) * 0x1p-52;
    out[c] = FMA(FMA(job->parabolas[cell + 2], t, job->parabolas[cell + 1]), t, job->parabolas[cell]);
    signed_tail[c] = (real)(u > 0.5 ? 1.0 - u : -u);
  }
  for (int c = 0; c < cells; c++) {
    s->cells[few] = c;
    tail[few] = signed_tail[c];
    few += signed_tail[c] < outer && signed_tail[c] > -outer;
  }
  IVDEP for (int n = 0; n < few; n++) {
    sign[n] = tail[n] > R(0.0) ? R(1.0) : R(-1.0);
    tail[n] = sign[n] * quantile(sign[n] * tail[n]);
  }
  for (int n = 0; n < few; n++) out[s->cells[n]] = tail[n];
}

/* negative binomial counts of cells that may have any, by inversion */
static void invert(const Job *job, const real *restrict p, real *restrict counts, Scratch *restrict s) {
  const int cells = (int)job->directed * LANES;
  real *u = s->few[0], *share = s->few[1], *mass = s->few[2], *total = s->few[3], *size = s->few[4];
  int few = 0;
  for (int c = 0; c < cells; c++) {
    s->cells[few] = c;
    few += s->uniform[c] > R(1.0) - s->rate[c];
  }
  for (int n = 0; n < few; n++) {
    int c = s->cells[n];
    u[n] = s->uniform[c], share[n] = s->rate[c], size[n] = p[DISPERSION * LANES + c % LANES];
  }
  IVDEP for (int n = 0; n < few; n++) {
    share[n] = lesser(share[n] / (share[n] + size[n]), BELOW_ONE);
    total[n] = mass[n] = vexp(size[n] * vlog1p(-share[n]));
  }
  real *found = s->later;
  memset(found, 0, sizeof(real) * (size_t)few);
  for (int first = 0; first < few; first += 16) {
    const int last = first + 16 < few ? first + 16 : few;
    for (int k = 0, going = 1; k < MOST && going; k++) {
      going = 0;
      IVDEP for (int n = first; n < last; n++) {
        const int below = u[n] > total[n];
        going |= below;
        found[n] += below ? R(1.0) : R(0.0);
        mass[n] = mass[n] * share[n] * (size[n] + (real)k) / ((real)k + R(1.0));
        total[n] += mass[n];
      }
    }
  }
  memset(counts, 0, sizeof(real) * (size_t)cells);
  for (int n = 0; n < few; n++) counts[s->cells[n]] = found[n];
}

/* log odds of a rung between holding and force */
static inline real climb(real appetite, real gain, real cost, real severity, real shield, real previous, const real *p,
                         int i) {
  real down = p[INCONSISTENCY * LANES + i] * greater(previous - severity, R(0.0));
  return (gain * appetite - cost - down) * p[PRECISION * LANES + i] - severity * shield;
}

#define P(name) p[(name) * LANES + i]

static void choose(const Job *job, int64_t group, int64_t week, const real *restrict p, Scratch *restrict s) {
  real strength[MOST_ROWS * LANES], force[MOST_ROWS * LANES];
  EACH_ROW(a, actors) {
    const real *held = OF(strength, actors) + a * LANES;
    IVDEP EACH strength[a * LANES + i] = vlog(greater(held[i], R(1e-9)));
  }
  EACH_ROW(d, directed) {
    const int64_t own = group * job->actors + job->source[d], row = group * job->directed + d;
    const int64_t pair = group * job->dyads + job->pair[d];
    const real *ours = strength + job->source[d] * LANES, *theirs = strength + job->target[d] * LANES;
    const real *hostility = AT(hostility, row), *stake = AT(stake, row), *guarantee = AT(guarantee, row);
    const real *remoteness = AT(remoteness, row), *level = AT(level, row), *regime = AT(regime, pair);
    const real *demand = AT(demand, pair), *presence = AT(presence, pair), *insecurity = AT(insecurity, own);
    const real *backing = AT(backing, own), *burden = AT(burden, own), *averse = AT(war_aversion, own);
    const real *coalition = AT(coalition, own);
    const uint64_t *start = AT(rung_start, row), passed = (uint64_t)week * 0x9E3779B97F4A7C15ull;
    real *chance = AT(chance, row), *severity = AT(severity, row), *rung = AT(rung, row), held[LANES];
    IVDEP EACH {
      real ahead = ours[i] - theirs[i] - remoteness[i];
      chance[i] = R(1.0) / (R(1.0) + vexp(lesser(-P(CONTEST_EXPONENT) * ahead, -LOWEST)));
      held[i] = P(DETERRENCE) * guarantee[i] - P(EMBOLDENING) * backing[i] + P(RESOURCES) * burden[i]
                + P(AVERSION) * averse[i];
      force[d * LANES + i] = R(0.0);
    }
    int tense = 0;
    EACH tense |= regime[i] == TENSE;
    if (tense) IVDEP EACH {
      real fear = P(ELITE_FEAR) * insecurity[i] * coalition[i];
      real even = P(FORCE_PRIZE) * (stake[i] * chance[i] - R(0.5));
      real log = even + P(FORCE_HOSTILITY) * (hostility[i] - level[i]) - (held[i] + fear);
      real odds = P(WEEKLY_OUTBREAK) * vexp(clipped(log, R(-700.0), R(8.0)));
      force[d * LANES + i] = regime[i] == TENSE ? odds / (R(1.0) + odds) : R(0.0);
    }
    IVDEP EACH {
      real needed = demand[i] > R(0.0) ? demand[i] : P(PRESENCE_SCALE);
      real covered = lesser(presence[i] / greater(needed, R(1.0)), R(1.0));
      real fear = P(ELITE_FEAR) * insecurity[i] * coalition[i];
      real anger = P(ANIMOSITY) * (hostility[i] / R(10.0)), appetite = anger + stake[i] * chance[i];
      real shield = held[i] + P(LOCAL_DETERRENCE) * covered + P(BELLIGERENCE);
      real step_down = P(INCONSISTENCY) * greater(severity[i], R(0.0));
      real calm = P(PRECISION) * (-P(CONCESSION) - anger - step_down), hold = P(PRECISION) * -step_down;
      real threaten = climb(appetite, P(GAIN_THREATEN), P(COST_THREATEN), P(SEVERITY_THREATEN), shield, severity[i], p, i)
                      + P(CHEAP_TALK) * insecurity[i];
      real coerce = climb(appetite, P(GAIN_COERCE), P(COST_COERCE), P(SEVERITY_COERCE), shield + fear, severity[i], p, i);
      real best = greater(greater(calm, hold), greater(threaten, coerce));
      real upto0 = vexp(calm - best), upto1 = upto0 + vexp(hold - best), upto2 = upto1 + vexp(threaten - best);
      real upto3 = upto2 + vexp(coerce - best);
      real mark = uniform(mixed(start[i] + passed)) * upto3 / (R(1.0) - force[d * LANES + i]);
      real chosen = mark > upto0 ? R(1.0) : R(0.0), felt = mark > upto0 ? R(0.0) : -P(RELIEF);
      chosen = mark > upto1 ? R(2.0) : chosen, felt = mark > upto1 ? P(SEVERITY_THREATEN) : felt;
      chosen = mark > upto2 ? R(3.0) : chosen, felt = mark > upto2 ? P(SEVERITY_COERCE) : felt;
      int fights = (mark > upto3) | (regime[i] == ARMED);
      rung[i] = fights ? FORCE : chosen, severity[i] = fights ? P(SEVERITY_FORCE) : felt;
    }
  }
  EACH_ROW(u, dyads) {
    const real *forth = force + job->forth[u] * LANES, *back = force + job->back[u] * LANES;
    real *outbreak = OF(outbreak, dyads) + u * LANES;
    IVDEP EACH outbreak[i] = R(1.0) - (R(1.0) - forth[i]) * (R(1.0) - back[i]);
  }
}

static void happen(const Job *job, int64_t group, int64_t week, const real *restrict p, Scratch *restrict s) {
  const uint64_t passed = (uint64_t)week * 0x9E3779B97F4A7C15ull;
  real *counts = OF(counts, directed);
  EACH_ROW(d, directed) {
    const int64_t row = group * job->directed + d, pair = group * job->dyads + job->pair[d];
    const real *hostility = AT(hostility, row), *resting = AT(resting, row), *pressure = AT(regime_pressure, row);
    const real *damping = AT(damping, pair), *climate = AT(climate, pair), *slow = AT(background_factor, pair);
    const real *first = AT(first_causes, row), *excited = AT(excitation, row), *rung = AT(rung, row);
    const real *answered = AT(excitation, group * job->directed + job->reverse[d]);
    const uint64_t *start = AT(incident_start, row);
    IVDEP EACH {
      real excess = clipped(P(SENSITIVITY) * (hostility[i] - resting[i] - pressure[i]), R(-6.0), R(6.0));
      real factor = rung[i] == COERCE ? P(WHEN_COERCING) : R(1.0);
      real cause = first[i] * vexp(excess) * (damping[i] * climate[i] * slow[i]) * factor;
      s->rate[d * LANES + i] = cause + P(GAIN) * (excited[i] + P(ANSWERING) * (answered[i] - excited[i]));
      s->uniform[d * LANES + i] = uniform(mixed(start[i] + passed));
    }
  }
  invert(job, p, counts, s);
  EACH_ROW(d, directed) {
    real *excited = OF(excitation, directed) + d * LANES;
    const real *recorded = OF(recorded, directed) + d * LANES, *found = counts + d * LANES;
    IVDEP EACH excited[i] = excited[i] * P(KEPT) + (found[i] + recorded[i]);
  }
  EACH_ROW(u, dyads) {
    real *recent = OF(recent, dyads) + u * LANES;
    const real *forth = counts + job->forth[u] * LANES, *back = counts + job->back[u] * LANES;
    const real *recorded = OF(recorded_severity, dyads) + u * LANES;
    IVDEP EACH recent[i] += (P(SEVERITY) * (forth[i] + back[i]) + recorded[i] - recent[i]) * P(FRESH);
  }
}

static void feel(const Job *job, int64_t group, int64_t week, const real *restrict p, Scratch *restrict s) {
  real *shock = s->later, *level = OF(level, directed), *hostility = OF(hostility, directed);
  normals(job, OF(hostility_start, directed), week, shock, s);
  EACH_ROW(d, directed) {
    const int64_t row = group * job->directed + d;
    const real *threat = AT(pact_threat, row), *opening = AT(opening_threat, row), *resting = AT(resting, row);
    const real *arms = AT(arms_pressure, row), *rhetoric = AT(rhetoric_effect, row), *clash = AT(incident_effect, row);
    const real *grievance = AT(grievance_effect, row), *relief = AT(relief_effect, row);
    const real *regime = AT(regime_pressure, row), *outside = OF(influence_pressure, actors) + job->source[d] * LANES;
    IVDEP EACH level[d * LANES + i] = threat[i] - opening[i] + resting[i] + arms[i] + outside[i] + rhetoric[i] + clash[i]
                                      + grievance[i] - relief[i] + regime[i];
  }
  EACH_ROW(t, tracks) {
    const real *relief = OF(track_relief, tracks) + t * LANES;
    for (int64_t n = job->heard_from[t]; n < job->heard_from[t + 1]; n++)
      IVDEP EACH level[job->heard[n] * LANES + i] -= relief[i];
  }
  real *next = s->rate;
  EACH_ROW(d, directed) {
    const int64_t other = job->reverse[d], back = group * job->directed + other;
    const real *counts = AT(counts, back), *rate = AT(rate, back), *deed = AT(severity, back);
    const real *usual = AT(usual_severity, back), *coercion = OF(coercion, actors) + job->source[d] * LANES;
    const real *h = hostility + d * LANES, *g = hostility + other * LANES;
    const real *own = level + d * LANES, *theirs = level + other * LANES, *chance = shock + d * LANES;
    IVDEP EACH {
      real drift = P(INERTIA) * (h[i] - own[i]) + P(RECIPROCITY) * (g[i] - theirs[i]);
      real push = P(INCIDENT_FEEDBACK) * (counts[i] - rate[i]) + P(CONDUCT) * (deed[i] - usual[i])
                  + P(EXTERNAL_COERCION) * coercion[i];
      next[d * LANES + i] = clipped(own[i] + drift + push + P(VOLATILITY) * chance[i], R(0.0), R(10.0));
    }
  }
  memcpy(hostility, next, sizeof(real) * (size_t)(job->directed * LANES));
}

#include "kernel_measure.h"

void weeks(const Job *job, int64_t first, int64_t count) {
  static _Thread_local Scratch scratch;
  const int64_t groups = (job->members + LANES - 1) / LANES;
  for (int64_t group = 0; group < groups; group++) {
    const real *p = job->parameters + group * PARAMETERS * LANES;
    for (int64_t week = first; week < first + count; week++) {
      choose(job, group, week, p, &scratch);
      happen(job, group, week, p, &scratch);
      feel(job, group, week, p, &scratch);
      measure(job, group, week - first);
    }
  }
}
