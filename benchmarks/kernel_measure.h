/* What a week is measured at: the index by pair, pillar and state, sums over members in whole numbers (kernel.c). */

/* the index of the shipped theatres is a mean of cubes: kernel.py asks for nothing else */
static inline real cubed(real x) { return x * x * x; }
static inline real squared(real x) { return x * x; }

static inline real root(real x, real exponent) {
  return x > R(0.0) ? vexp(vlog(greater(x, R(1e-30))) / exponent) : R(0.0);
}

/* terms of 0 to 100 points of those lanes that are members, summed as integers in units of 2^-38 points */
static inline int64_t exact(const real *restrict terms, int64_t members) {
  int64_t sum = 0;
  for (int i = 0; i < LANES; i++) {
    double placed = (double)terms[i] * 0x1p38 + 0x1p52;
    int64_t word;
    memcpy(&word, &placed, sizeof word);
    sum += i < members ? word - 0x4330000000000000ll : 0;
  }
  return sum;
}

/* the six indicators of a pair, (pillar, lane) */
static void indicate(const Job *job, int64_t group, int64_t u, real (*restrict x)[LANES]) {
  const int64_t forth = group * job->directed + job->forth[u], back = group * job->directed + job->back[u];
  const int64_t pair = group * job->dyads + u;
  const int64_t one = group * job->actors + job->source[job->forth[u]];
  const int64_t other = group * job->actors + job->target[job->forth[u]];
  const real *h = AT(hostility, forth), *g = AT(hostility, back), *recent = AT(recent, pair), *growth = AT(growth, pair);
  const real *chance = AT(chance, forth), *vacuum = AT(vacuum, pair);
  const real *a = AT(alignment, one), *b = AT(alignment, other);
  const real *drawn_a = AT(alignment_drawn, one), *drawn_b = AT(alignment_drawn, other);
  const real *fear_a = AT(feared, forth), *fear_b = AT(feared, back);
  const real *loud_a = AT(rhetoric_effect, forth), *loud_b = AT(rhetoric_effect, back);
  const real *calm_a = AT(relief_effect, forth), *calm_b = AT(relief_effect, back);
  const real share = (real)job->index[IMBALANCE_SHARE], reference = (real)job->index[GROWTH_REFERENCE];
  const real hostile = (real)job->index[HOSTILE_PAIR], pacts = (real)job->index[PACT_POLARISATION];
  const real active = (real)job->index[ACTIVE_DEFICIT], concluded = (real)job->index[SIGNED_DEFICIT];
  IVDEP EACH {
    real mean = R(0.5) * (h[i] + g[i]), pace = clipped(growth[i] / reference, R(0.0), R(1.0));
    real uneven = R(2.0) * chance[i] - R(1.0);
    uneven = greater(uneven, -uneven);
    real apart = clipped(a[i] - drawn_a[i], R(-1.0), R(1.0)) - clipped(b[i] - drawn_b[i], R(-1.0), R(1.0));
    apart = R(0.5) * greater(apart, -apart) + pacts * greater(fear_a[i], fear_b[i]);
    x[0][i] = mean;
    x[1][i] = vlog1p(recent[i]);
    x[2][i] = ((R(1.0) - share) * pace + share * uneven) * lesser(mean / hostile, R(1.0));
    x[3][i] = clipped(apart, R(0.0), R(1.0));
    x[4][i] = vacuum[i];
    x[5][i] = R(0.0);
  }
  for (int64_t n = job->discussed_from[u]; n < job->discussed_from[u + 1]; n++) {
    const real *track = OF(track, tracks) + job->discussed[n] * LANES;
    IVDEP EACH {
      real missing = track[i] == R(0.0) ? R(1.0) : track[i] == R(1.0) ? active : track[i] == R(2.0) ? concluded : R(0.0);
      x[5][i] = greater(x[5][i], missing);
    }
  }
  IVDEP EACH {
    real heat = (loud_a[i] - calm_a[i]) + (loud_b[i] - calm_b[i]);
    x[5][i] = clipped(x[5][i] + heat * R(0.05), R(0.0), R(1.0));
  }
}

/* index of each state: the power mean of its own pairs */
static void of_states(const Job *job, int64_t at, real (*restrict terms)[LANES]) {
  for (int64_t state = 0; state < job->states; state++) {
    real sum[LANES] = {0};
    for (int64_t n = job->own_from[state]; n < job->own_from[state + 1]; n++) {
      const real *term = terms[job->own[n]];
      IVDEP EACH sum[i] += term[i];
    }
    const real total = (real)job->totals[state], exponent = (real)job->index[EXPONENT];
    float *kept = job->of_states + (at * job->states + state) * LANES;
    IVDEP EACH kept[i] = (float)root(sum[i] / total, exponent);
  }
}

static void measure(const Job *job, int64_t group, int64_t row) {
  const int64_t groups = (job->members + LANES - 1) / LANES, at = row * groups + group;
  const int64_t members = job->members - group * LANES;
  const real exponent = (real)job->index[EXPONENT];
  static _Thread_local real points[MOST_ROWS][PILLARS][LANES], index[MOST_ROWS][LANES], terms[MOST_ROWS][LANES];
  real x[PILLARS][LANES], region[LANES] = {0}, narrow[LANES] = {0}, sums[PILLARS][LANES] = {{0}};
  EACH_ROW(u, dyads) {
    const real weight = (real)job->dyad_weights[u];
    real behaving[LANES] = {0};
    indicate(job, group, u, x);
    IVDEP EACH index[u][i] = R(0.0);
    for (int k = 0; k < PILLARS; k++) {
      const real calm = (real)job->calm[k], span = (real)job->span[k];
      const real full = (real)job->weights[k], responding = (real)job->narrow[k];
      IVDEP EACH {
        real scaled = clipped((x[k][i] - calm) / span, R(0.0), R(1.0));
        points[u][k][i] = scaled * full;
        index[u][i] += points[u][k][i];
        behaving[i] += scaled * responding;
      }
    }
    IVDEP EACH {
      terms[u][i] = weight * cubed(index[u][i]);
      region[i] += terms[u][i];
      narrow[i] += weight * cubed(behaving[i]);
    }
  }
  double *tension = job->tension + at * LANES, *behaviour = job->behaviour + at * LANES;
  IVDEP EACH {
    region[i] = root(region[i], exponent);
    tension[i] = region[i], behaviour[i] = root(narrow[i], exponent);
  }
  EACH_ROW(u, dyads) {
    const real weight = (real)job->dyad_weights[u];
    const real *forth = OF(counts, directed) + job->forth[u] * LANES, *back = OF(counts, directed) + job->back[u] * LANES;
    float *kept = job->of_dyads + (at * job->dyads + u) * LANES;
    uint16_t *found = job->incidents + (at * job->dyads + u) * LANES;
    real lever[LANES], share[LANES];
    IVDEP EACH {
      lever[i] = weight * squared(index[u][i] / (region[i] > R(0.0) ? region[i] : R(1.0)));
      kept[i] = (float)index[u][i], found[i] = (uint16_t)(int32_t)(forth[i] + back[i]);
    }
    for (int k = 0; k < PILLARS; k++) {
      const int64_t cell = (row * job->dyads + u) * PILLARS + k;
      IVDEP EACH share[i] = points[u][k][i] * lever[i], sums[k][i] += share[i];
      job->contribution_sum[cell] += exact(share, members);
      job->pillar_sum[cell] += exact(points[u][k], members);
    }
  }
  double *contribution = job->contribution + at * PILLARS * LANES;
  for (int k = 0; k < PILLARS; k++) EACH contribution[k * LANES + i] = sums[k][i];
  of_states(job, at, terms);
}
