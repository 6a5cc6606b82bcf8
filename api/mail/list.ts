import type { Context } from '../context.ts';
import { page } from '../paging.ts';
import type { MailRow } from '../store/mail.ts';

/** Reads one page of the messages in the queue, and of those that were sent or have failed. */
export function list(
  ctx: Context,
  {
    state,
    ...query
  }: { state?: MailRow['state'] | undefined; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: MailRow[]; next?: string }> {
  return page(
    query,
    (at) => ctx.store.mail.list({ ...at, state }),
    ({ id }) => id,
  );
}
