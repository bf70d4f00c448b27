// Reporting figures: medians and percentiles of samples, with limits where there are any.

/** The smallest sample that this percentage of the samples doesn't exceed. */
export function percentile(samples, percent) {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}

export const median = (samples) => percentile(samples, 50);

export class Figures {
  #missed = [];

  /** Prints a figure and, if it has a limit, whether it is met. */
  report(name, value, { unit = "ms", digits = 0, most, least, note = "" } = {}) {
    const number = (value) => `${value.toFixed(digits)} ${unit}`.trim();
    const limit = most !== undefined ? `at most ${number(most)}` : least !== undefined ? `at least ${number(least)}` : "";
    const met = (most === undefined || value <= most) && (least === undefined || value >= least);
    if (!met) this.#missed.push(name);
    console.log(`  ${name.padEnd(58)}${number(value).padStart(11)}  ${`${limit}${met ? "" : ": MISSED"}`.padEnd(26)}${note}`);
  }

  /** Prints which figures missed their limits. */
  summarize() {
    console.log(this.#missed.length === 0 ? "\nEvery limit is met." : `\nMissed: ${this.#missed.join("; ")}.`);
  }
}

/** The range of the samples. */
export function spread(samples) {
  return `${Math.min(...samples).toFixed(0)}–${Math.max(...samples).toFixed(0)}, ${samples.length} runs`;
}
