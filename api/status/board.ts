import type { News } from '../store/news.ts';

export interface Wake {
  /** Resolves at the next report since the subscription, or after `ms`. */
  within(ms: number): Promise<void>;
  cancel(): void;
}

/** Wakes those who wait for a revision's status whenever an agent reports, to this process or to another. */
export class StatusBoard {
  readonly #waiting = new Set<() => void>();
  readonly #news: News;

  constructor(news: News) {
    this.#news = news;
    news.listen((topic) => {
      if (topic === undefined || topic === 'report') this.#wake();
    });
  }

  reported(): void {
    this.#wake();
    this.#news.tell('report');
  }

  #wake(): void {
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
