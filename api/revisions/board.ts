export interface Wake {
  /** Resolves at the next report since the subscription, or after `ms`. */
  within(ms: number): Promise<void>;
  cancel(): void;
}

/** Wakes those who wait for a revision's status whenever an agent reports. */
export class StatusBoard {
  readonly #waiting = new Set<() => void>();

  reported(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Taken before the status is read, so that no report falls in between. */
  subscribe(): Wake {
    let wake!: () => void;
    const reported = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.add(wake);
    return {
      cancel: () => void this.#waiting.delete(wake),
      within: async (ms) => {
        const timer = setTimeout(wake, ms);
        await reported;
        clearTimeout(timer);
        this.#waiting.delete(wake);
      },
    };
  }
}
