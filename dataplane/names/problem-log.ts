import type { Log } from '../log.ts';
import type { NameProblem } from './names.ts';

/** The largest number of lines per minute. */
const MOST = 20;

/** Logs which names are not resolved, and which are resolved again. A tenant can have thousands, so most are left out. */
export function problemLog(log: Log): (name: string, problem: NameProblem | undefined) => void {
  let [minute, lines] = [0, 0];
  return (name, problem) => {
    const now = Math.floor(Date.now() / 60_000);
    if (now !== minute) [minute, lines] = [now, 0];
    if (++lines > MOST) return;
    const note = lines === MOST ? { note: 'no more names are logged in this minute' } : {};
    if (problem) log.warn({ name, ...problem, ...note }, 'a DNS name of upstreams is not resolved');
    else log.info({ name, ...note }, 'a DNS name of upstreams is resolved again');
  };
}
