import type { News, Topic } from '../store/news.ts';

/** The prefix of the topic that announces a report about one fleet. */
const OF_FLEET = 'report/';

/** A subscription to the next report. */
export interface Wake {
  /** Resolves at the first report since the subscription, or after `ms` milliseconds. */
  within(ms: number): Promise<void>;
  /** Ends the subscription. */
  cancel(): void;
}

/**
 * Wakes the requests that wait for the status of a revision. It wakes those that wait for a fleet whenever an agent of
 * the fleet reports to this API process or to another one.
 */
export class StatusBoard {
  readonly #waiting = new Map<() => void, ReadonlySet<string> | undefined>();
  readonly #reports = new Map<string, number>();
  readonly #news: News;

  constructor(news: News) {
    this.#news = news;
    news.listen((topic) => {
      if (topic === undefined) this.#wake();
      else if (topic.startsWith(OF_FLEET)) this.#heard(topic.slice(OF_FLEET.length));
    });
  }

  /** Wakes the waiting requests of all processes, because an agent of the fleet has reported to this one. */
  reported(fleet: string): void {
    this.#heard(fleet);
    this.#news.notify(`${OF_FLEET}${fleet}` as Topic);
  }

  /** Returns the number of reports about a fleet of which this process has heard. */
  reports(fleet: string): number {
    return this.#reports.get(fleet) ?? 0;
  }

  #heard(fleet: string): void {
    this.#reports.set(fleet, this.reports(fleet) + 1);
    this.#wake(fleet);
  }

  /** Wakes the requests that wait for a fleet; without one, all. */
  #wake(fleet?: string): void {
    for (const [wake, fleets] of [...this.#waiting])
      if (fleet === undefined || fleets === undefined || fleets.has(fleet)) {
        this.#waiting.delete(wake);
        wake();
      }
  }

  /**
   * Subscribes to the next report. The caller subscribes before it reads the status, so that it misses no report.
   *
   * @param fleets the fleets whose reports matter; undefined: all
   */
  subscribe(fleets?: ReadonlySet<string>): Wake {
    let wake!: () => void;
    const reported = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.set(wake, fleets);
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
