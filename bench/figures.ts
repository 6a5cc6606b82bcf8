import type { ApiResult } from './api.ts';
import type { FanoutResult } from './fanout.ts';
import type { LiveResult } from './live.ts';
import { type Saved, saved } from './results.ts';
import type { Figures } from './simulate.ts';
import { round } from './statistics.ts';

/**
 * What the saved results say of one machine.
 *
 * @throws Error that says which measurement is missing
 */
export function measuredFigures(): Figures {
  const all = saved();
  const api = latest<ApiResult>(all, 'api');
  const fanout = latest<FanoutResult>(all, 'fanout');
  const live = all.filter(({ command }) => command === 'live').map(({ result }) => result as unknown as LiveResult);
  const bySize = live.toSorted((a, b) => a.tenants - b.tenants);
  const [few, many] = [bySize[0], bySize.at(-1)];
  if (!few || !many || few.tenants === many.tenants)
    throw new Error('no saved results of `live` at two numbers of tenants: run `live --tenants 100,10000 --save`');
  const per100k = (of: (result: LiveResult) => number) =>
    round(Math.max(0, ((of(many) - of(few)) / (many.tenants - few.tenants)) * 100_000), 0);
  return {
    publishes_per_s: api.publishes.per_s,
    send_us: round((fanout.cpu_ms_per_change.agent * 1000) / fanout.streams, 1),
    agent_mb_per_100k: per100k(({ rss_mb }) => rss_mb.agent),
    envoy_mb_per_100k: per100k(({ rss_mb }) => rss_mb.envoy),
  };
}

function latest<T>(all: Saved[], wanted: string): T {
  const found = all.findLast(({ command }) => command === wanted);
  if (!found) throw new Error(`no saved result of \`${wanted}\`: run \`${wanted} --save\``);
  return found.result as T;
}
