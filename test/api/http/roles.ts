import type { Access } from '../../../api/access/matrix.ts';
import type { Principal } from '../../../api/access/principal.ts';
import { PlatformRole, TenantRole } from '../../../api/members/schema.ts';

export const people = ['viewer', 'route-editor', 'gateway-admin', 'owner', 'of none', 'operator', 'support'];
export const members = ['viewer', 'route-editor', 'gateway-admin', 'owner'];
const from = (role: string) => members.slice(members.indexOf(role));
/** Which people are let in: by their role in the tenant, or in the platform. Support states a reason. */
export const invited: Record<Access, string[]> = {
  public: people,
  self: people,
  'invitation:accept': people,
  'tenant:create': people,
  'person:self': people,
  operator: ['operator'],
  'platform:read': ['operator', 'support?'],
  'tenant:read': [...members, 'operator', 'support?'],
  'tenant:write': [...from('route-editor'), 'operator'],
  'tenant:admin': ['owner', 'operator'],
  'tenant:delete': ['owner', 'operator'],
  'tenant:leave': members,
  'member:read': [...members, 'operator', 'support?'],
  'member:write': ['owner', 'operator'],
  'member:remove': ['owner', 'operator'],
  'invitation:read': ['owner', 'operator', 'support?'],
  'token:read': ['owner', 'operator', 'support?'],
  'token:write': ['owner', 'operator'],
  'token:revoke': ['owner', 'operator'],
  'audit:read': ['owner', 'operator', 'support?'],
  'route:write': [...from('route-editor'), 'operator'],
  'upstream:write': [...from('route-editor'), 'operator'],
  'endpoint:write': [...from('route-editor'), 'operator'],
  'gateway:write': [...from('gateway-admin'), 'operator'],
  'certificate:write': [...from('gateway-admin'), 'operator'],
  'trustBundle:write': [...from('gateway-admin'), 'operator'],
  'domain:write': [...from('gateway-admin'), 'operator'],
  'fleet:agent': [],
  'fleet:read': [...members, 'operator', 'support?'],
  'fleet:write': [...from('gateway-admin'), 'operator'],
  'agent:read': [...from('gateway-admin'), 'operator', 'support?'],
  'agent:revoke': [...from('gateway-admin'), 'operator'],
  'tenant:fleets': [...from('gateway-admin'), 'operator'],
};
/** What members and tokens of a suspended tenant may not do. They may do everything else that their role allows. */
export const onHold: Access[] = [
  ...(['tenant:write', 'tenant:admin', 'tenant:fleets', 'fleet:write'] as const),
  ...(['member:write', 'token:write', 'domain:write'] as const),
  ...(['route:write', 'upstream:write', 'endpoint:write'] as const),
  ...(['gateway:write', 'certificate:write', 'trustBundle:write'] as const),
];
export const personOf = (role: string): Principal => {
  const platform = PlatformRole.options.find((each) => each === role);
  const tenant = TenantRole.options.find((each) => each === role);
  const memberships = new Map(tenant ? [['acme', tenant]] : []);
  return { type: 'person', id: role, email: '', session: 's', memberships, ...(platform && { platform }) };
};
