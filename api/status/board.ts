import type { News } from '../store/news.ts';

/** A subscription to the next report. */
export interface Wake {
  /** Resolves at the first report since the subscription, or after `ms` milliseconds. */
  within(ms: number): Promise<void>;
  /** Ends the subscription. */
  cancel(): void;
}

/**
 * Wakes the requests that wait for the status of a revision. It wakes all of them whenever an agent reports to this
 * API process or to another one.
 */
export class StatusBoard {
  readonly #waiting = new Set<() => void>();
  readonly #news: News;

  constructor(news: News) {
    this.#news = news;
    news.listen((topic) => {
      if (topic === undefined || topic === 'report') this.#wake();
    });
  }

  /** Wakes the waiting requests of all processes, because an agent has reported to this one. */
  reported(): void {
    this.#wake();
    this.#news.notify('report');
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Subscribes to the next report. The caller subscribes before it reads the status, so that it misses no report. */
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
