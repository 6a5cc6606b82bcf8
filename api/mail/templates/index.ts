import type { z } from 'zod';
import { addressChanged } from './address-changed.ts';
import { addressInUse } from './address-in-use.ts';
import { certificateExpires } from './certificate-expires.ts';
import { changeAddress } from './change-address.ts';
import { commandSignedIn } from './command-signed-in.ts';
import { companyLinked } from './company-linked.ts';
import { confirmIdentity } from './confirm-identity.ts';
import { domainReleased } from './domain-released.ts';
import { domainUnproven } from './domain-unproven.ts';
import { invitation } from './invitation.ts';
import { passkeyAdded } from './passkey-added.ts';
import { passkeyCopied } from './passkey-copied.ts';
import { passkeyRemoved } from './passkey-removed.ts';
import { passwordChanged } from './password-changed.ts';
import { resetPassword } from './reset-password.ts';
import type { Block } from './template.ts';
import { verifyAddress } from './verify-address.ts';

/** All templates, by name. The name is stored with each message. */
const templates = {
  'verify-address': verifyAddress,
  'address-in-use': addressInUse,
  'reset-password': resetPassword,
  'password-changed': passwordChanged,
  'change-address': changeAddress,
  'address-changed': addressChanged,
  'confirm-identity': confirmIdentity,
  'command-signed-in': commandSignedIn,
  'company-linked': companyLinked,
  'passkey-added': passkeyAdded,
  'passkey-removed': passkeyRemoved,
  'passkey-copied': passkeyCopied,
  invitation,
  'certificate-expires': certificateExpires,
  'domain-unproven': domainUnproven,
  'domain-released': domainReleased,
};

type Templates = typeof templates;
type TemplateName = keyof Templates;

/** A message for one recipient. */
export type Message = {
  [N in TemplateName]: { to: string; template: N; values: z.input<Templates[N]['values']> };
}[TemplateName];

/** One template without the type of its values, for values that were checked before. */
interface AnyTemplate {
  values: z.ZodObject;
  expiresIn: number;
  subject(values: object): string;
  blocks(values: object): Block[];
}

/** Finds a template. A message in the queue may have one that this version of the API does not have. */
export function templateOf(name: string): AnyTemplate | undefined {
  // Each template gets only values that its own schema accepted.
  return Object.hasOwn(templates, name) ? (templates[name as TemplateName] as unknown as AnyTemplate) : undefined;
}
