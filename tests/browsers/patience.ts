/** How long something is waited for at most, in milliseconds: long, for a machine that is busy. */
const PATIENCE = 30_000;
/** How often it is tried meanwhile. */
const TRY_EVERY = 100;

/**
 * Tries until it succeeds: a page that is just being replaced, or an element that is, makes an attempt fail, whatever is asked
 * of the browser. In the end it throws what `explain` makes of the last failure.
 */
export async function patiently<Answer>(
  attempt: () => Promise<Answer>,
  explain: (why: string) => Promise<Error>,
): Promise<Answer> {
  const until = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > until) {
        throw await explain(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      }
    }
    await new Promise((passed) => setTimeout(passed, TRY_EVERY));
  }
}
