import { requireOpen } from '../access/open-tenant.ts';
import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { exhausted, roomIn } from '../plans/room.ts';
import { Problem } from '../problem.ts';
import type { Invitation } from '../store/invitations.ts';

/**
 * Makes the caller a member of the tenant that the invitation names.
 *
 * @throws Problem `invalid-code`, the same for an invitation that is unknown, expired, used, revoked, or for another
 *   address
 * @throws Problem `already-member` when the caller is a member of the tenant; the invitation can still be used
 * @throws Problem `tenant-suspended`; the invitation can still be used when the tenant is resumed
 * @throws Problem `too-many` when the plan of the tenant allows no more members; the invitation can still be used
 * @throws Problem `too-many-tenants` when the caller would own more tenants than a person may; the invitation can still be
 *   used
 */
export async function accept(ctx: Context, { code }: { code: string }): Promise<Invitation> {
  const { store, services, principal, now } = ctx;
  if (principal.type !== 'person') throw new Error('the matrix permits this only to people');
  const person = principal.id;
  const invitation = await store.invitations.findByHash(await services.sha256(code), now);
  if (!invitation || invitation.email !== principal.email) throw invalidInvitation();
  const { tenant } = invitation;
  await requireOpen(services, 'invitation:accept', tenant);
  const audit = {
    ...ctx.audit('accept', `tenants/${tenant}/invitations/${invitation.id}`),
    diff: objectDiff({}, { role: invitation.role }),
  };
  const outcome = await store.invitations.accept(
    {
      invitation,
      person,
      at: now,
      room: roomIn(ctx, 'members', tenant),
      mostOwned: services.settings.tenantsPerPerson,
    },
    audit,
  );
  services.grants.changed(person);
  if (outcome === 'no room') throw await exhausted(ctx, 'members', tenant);
  if (outcome === 'full')
    throw new Problem('too-many-tenants', {
      detail: 'you own as many tenants as a person may; leave one of them first',
    });
  if (outcome === 'invalid') throw invalidInvitation();
  if (outcome === 'member')
    throw new Problem('already-member', { detail: `you are a member of the tenant ${tenant} already` });
  return invitation;
}

const invalidInvitation = (): Problem =>
  new Problem('invalid-code', {
    detail: 'the invitation is unknown, has expired, was used or revoked, or is for another address than yours',
  });
