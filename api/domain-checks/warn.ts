import type { Services } from '../context.ts';
import type { Domain } from '../store/domains.ts';
import type { QueuedMail } from '../store/mail.ts';

/** What a message says about a domain. */
type Warning =
  /** Its proof is gone, and it is released at this time, in milliseconds since 1970. */
  | { template: 'domain-unproven'; releaseAt: number }
  /** The tenant no longer holds it. The reason contains nothing that others have written, such as records. */
  | { template: 'domain-released'; reason: string };

/** Makes the messages to the owners and gateway admins of a tenant about a domain. */
export async function messagesTo(
  { store, mail }: Services,
  { tenant, name: domain }: Pick<Domain, 'tenant' | 'name'>,
  warning: Warning,
): Promise<QueuedMail[]> {
  const about = { tenant, domain };
  const recipients = await store.members.keepers(tenant);
  return Promise.all(
    recipients.map((to) =>
      mail.prepareNotice(
        warning.template === 'domain-unproven'
          ? { to, template: warning.template, values: { ...about, releasedOn: dayOf(warning.releaseAt) } }
          : { to, template: warning.template, values: { ...about, reason: warning.reason } },
      ),
    ),
  );
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 'YYYY-MM-DD'.length);
