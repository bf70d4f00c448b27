/** A browser that journeys are driven through, whichever protocol it speaks. */
export interface Browser {
  /** Opens a window that shares nothing with the others: no cookies, no storage. */
  open(): Promise<Window>;
  close(): Promise<void>;
}

/** A window with one page. */
export interface Window {
  open(address: string): Promise<void>;
  reload(): Promise<void>;
  /** Calls a function in the page, with values that JSON can hold. */
  run<Given extends unknown[], Answer>(work: (...given: Given) => Answer, ...given: Given): Promise<Awaited<Answer>>;
  /** Calls a function in the page that returns an element, or says why there is none. */
  find<Given extends unknown[]>(
    work: (...given: Given) => Promise<Element | string>,
    ...given: Given
  ): Promise<Found | string>;
  /** Presses a key, as the `key` of its event is named. */
  press(key: string, control: boolean): Promise<void>;
  /** Runs a program in the page, whatever its content security policy says. */
  inject(program: string): Promise<void>;
  /** The errors that the browser has logged for the page so far. */
  errors(): Promise<string[]>;
  close(): Promise<void>;
}

/** An element of the page. */
export interface Found {
  /** Clicks its middle, as a mouse does. */
  click(): Promise<void>;
  /** Types into it, as a keyboard does. */
  type(text: string): Promise<void>;
}

/** Everything runs at 1280 × 800 pixels, in the time zone of the demonstration. */
export const SIZE = { width: 1280, height: 800 };
export const TIME_ZONE = "America/Denver";

/** A refusal that a journey provokes is logged by the browser itself, as a resource that failed to load. */
export function isOwnFault(message: string): boolean {
  return !message.includes("Failed to load resource");
}
