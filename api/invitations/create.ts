import { newToken } from '../access/authenticate.ts';
import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import type { TenantRole } from '../members/schema.ts';
import { countAttempt, invitationKeys } from '../people/attempts.ts';
import { absent, Problem } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import type { Invitation } from '../store/invitations.ts';
import { lacksReference } from '../store/violation.ts';

const DAY = 24 * 60 * 60 * 1000;
/** The time for which an invitation can be accepted. */
const VALID_FOR = 7 * DAY;
/** The number of invitations that a tenant may send per day, because each of them is a mail to a stranger. */
const MOST_PER_DAY = 100;

/**
 * Invites somebody to a tenant. The secret is only in the mail, and in a fragment of its link, which browsers do not
 * send to servers. An earlier invitation of the address is revoked.
 *
 * @param reply makes the reply that the batch stores
 * @throws Problem `not-found` when the tenant does not exist
 * @throws Problem `already-member` when the person with this address is a member
 * @throws Problem `too-many-requests` when the tenant, the person, or all tenants together have invited the address too often
 * @throws Problem `too-many` when the tenant has sent as many invitations in the last day as it may
 */
export async function create(
  ctx: Context,
  { tenant, email, role }: { tenant: string; email: string; role: TenantRole },
  reply: ReplyTo<Invitation>,
): Promise<Invitation> {
  const { store, services, principal, now } = ctx;
  if (!(await store.tenants.find(tenant))) throw absent(`tenant ${tenant}`);
  if (await store.members.has(tenant, email))
    throw new Problem('already-member', { detail: `${email} is a member of the tenant ${tenant} already` });
  await countAttempt(ctx, await invitationKeys(ctx, tenant, email));
  const secret = newToken('invitation');
  const expiresAt = now + VALID_FOR;
  const invitation: Invitation = {
    ...{ id: crypto.randomUUID(), tenant, email, role },
    ...{ invitedBy: ctx.author, createdAt: now, expiresAt },
  };
  const inviter = principal.type === 'person' ? principal.email : `An owner of ${tenant}`;
  const link = `${services.settings.publicUrl}/invitations#code=${secret}`;
  const values = { tenant, role, inviter, link };
  const mail = await services.mail.prepare({ to: email, template: 'invitation', values }, expiresAt);
  const record = {
    ...(await ctx.record('create', `tenants/${tenant}/invitations/${invitation.id}`, () => reply(invitation))),
    diff: objectDiff({}, { email, role }),
  };
  const limit = { most: MOST_PER_DAY, since: now - DAY };
  const isCreated = await store.invitations
    .create(invitation, await services.sha256(secret), mail, record, limit)
    .catch((error: unknown) => {
      // The tenant was removed meanwhile.
      throw lacksReference(error) ? absent(`tenant ${tenant}`) : error;
    });
  if (!isCreated)
    throw new Problem('too-many', { detail: `a tenant may send ${MOST_PER_DAY} invitations in 24 hours` });
  return invitation;
}
