import type { Context } from '../context.ts';
import { Pace } from '../pace.ts';
import type { AuditEntry, AuditFilter } from '../store/audit-log.ts';

/** The number of entries that are read at once. */
const AT_ONCE = 100;

/**
 * Returns the audit log as a stream of JSON lines, the oldest entry first. The stream reads as fast as its reader, and
 * ends when the reader has all entries.
 *
 * @param chain the chain to export; absent for the whole log
 * @param view makes the line of an entry
 */
export function exported(
  { store }: Context,
  chain: string | undefined,
  { after: from = 0, ...filter }: AuditFilter & { after?: number | undefined },
  view: (entry: AuditEntry) => unknown,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const pace = new Pace();
  let after: number | undefined = from;
  let isCancelled = false;
  return new ReadableStream(
    {
      async pull(controller) {
        // A pull must add something to the stream, or end it. Otherwise it is not called again.
        while (after !== undefined) {
          const { entries, next } = await store.audit.read(chain, filter, { order: 'oldest', after }, AT_ONCE);
          after = next;
          const lines = entries.map((entry) => `${JSON.stringify(view(entry))}\n`).join('');
          if (pace.isDue) await pace.rest();
          // Its reader has gone, perhaps while no entry matched the filter.
          if (isCancelled) return;
          if (lines !== '') return controller.enqueue(encoder.encode(lines));
        }
        controller.close();
      },
      cancel() {
        isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
}
