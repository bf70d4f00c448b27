/** The people of the demo, by their role. */
export const PEOPLE = {
  manager: "manager@demo.test",
  resident: "resident@demo.test",
  support: "support@demo.test",
  administrator: "administrator@demo.test",
} as const;

export type Person = keyof typeof PEOPLE;

/** The demo's password while the journeys run; a server that is already running may have another. */
export const PASSWORD = process.env.LATCHKEY_DEMO_PASSWORD ?? "three-little-journeys-on-a-bench";
