import type { Schemas } from '../../openapi/client.ts';
import type { Definition } from '../command.ts';

export const whoami: Definition = {
  path: 'whoami',
  description: 'Show as whom commands call the API, and what they may do',
  call: async (remote) => {
    const { accepted } = await import('../remote/client.ts');
    const me = accepted('Reading who calls', await remote.GET('/v1/me'));
    return { text: await textOf(me), json: me };
  },
};

async function textOf(me: Schemas['Me']): Promise<string> {
  const { table } = await import('../terminal/table.ts');
  const { type, id, email, platform, memberships = [], tenant, fleet, roles, expiresAt } = me;
  const holder = tenant ? ` of the tenant ${tenant}` : fleet ? ` of the fleet ${fleet}` : '';
  const first = type === 'person' ? `${email} (person ${id})` : `${type} ${id}${holder}`;
  const rows = memberships.map((each) => [each.tenant, each.role, stateOf(each)]);
  return [
    first,
    ...(platform ? [`role on the platform: ${platform}`] : []),
    ...(roles?.length ? [`roles: ${roles.join(', ')}`] : []),
    ...(expiresAt ? [`expires: ${expiresAt}`] : []),
    ...(rows.length > 0 ? ['', table(['tenant', 'role', 'state'], rows)] : []),
  ].join('\n');
}

function stateOf({ suspendedReason, purgeAt }: NonNullable<Schemas['Me']['memberships']>[number]): string {
  if (suspendedReason !== undefined) return `suspended: ${suspendedReason}`;
  return purgeAt === undefined ? 'open' : `deleted, can be restored until ${purgeAt}`;
}
