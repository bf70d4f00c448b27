// Figures as they are told: medians and percentiles of samples, each with its bound where it has one.

/** The smallest sample that so many percent don't exceed. */
export function percentile(samples, percent) {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}

export const median = (samples) => percentile(samples, 50);

export class Figures {
  #missed = [];

  /** Tells a figure at once; where it has a bound, whether it keeps to it. */
  tell(name, value, { unit = "ms", digits = 0, most, least, note = "" } = {}) {
    const number = (value) => `${value.toFixed(digits)} ${unit}`.trim();
    const bound = most !== undefined ? `at most ${number(most)}` : least !== undefined ? `at least ${number(least)}` : "";
    const kept = (most === undefined || value <= most) && (least === undefined || value >= least);
    if (!kept) this.#missed.push(name);
    console.log(`  ${name.padEnd(58)}${number(value).padStart(11)}  ${`${bound}${kept ? "" : ": MISSED"}`.padEnd(26)}${note}`);
  }

  /** Ends with what missed its bound. */
  sum() {
    console.log(this.#missed.length === 0 ? "\nEvery bound is kept." : `\nMissed: ${this.#missed.join("; ")}.`);
  }
}

/** How far the samples are apart. */
export function spread(samples) {
  return `${Math.min(...samples).toFixed(0)}–${Math.max(...samples).toFixed(0)}, ${samples.length} runs`;
}
