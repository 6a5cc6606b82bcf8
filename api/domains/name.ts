import { z } from 'zod';
import { HostPattern, nameless } from '../../model/values/host.ts';
import { publicSuffix } from '../../model/values/public-suffix.ts';
import { unicodeOf } from './punycode.ts';

/** The label below a domain at which its proof is, and the longest domain that leaves room for it. */
export const PROOF_LABEL = '_gatehouse';
const LONGEST = 253 - PROOF_LABEL.length - 1;

/** Writes an international domain in A-labels. https://url.spec.whatwg.org/#idna */
function inAscii(text: string): string {
  const name = text.trim().replace(/[.\u3002]$/, '');
  // A URL has more parts than a host, which would be lost.
  if (/[\s/?#@:%\\[\]]/.test(name)) return name;
  // Names in ASCII too: labels that begin with `xn--` may be no A-labels.
  const host = URL.parse(`http://${name}`)?.hostname;
  return host ?? name.toLowerCase();
}

/** Says why nobody can claim a domain; undefined when somebody can. */
function unclaimable(name: string): string | undefined {
  if (name.startsWith('*.')) return `claim ${name.slice(2)}: it includes all names below it`;
  // Written in U-labels, the name must lead to the same A-labels: some texts after `xn--` are no A-label.
  if (HostPattern.safeParse(name).data !== name || URL.parse(`http://${unicodeOf(name)}`)?.hostname !== name)
    return 'must be a domain such as example.com, without a scheme, a port and a path';
  if (name.length > LONGEST) return `must have at most ${LONGEST} characters`;
  if (nameless(name)) return 'must be a domain, not an IP address or a reserved name';
  const suffix = publicSuffix(`*.${name}`);
  return suffix === undefined ? undefined : `${suffix} is a public suffix, below which anybody can register names`;
}

/** The name of a domain in a path: in any case, and in U-labels or A-labels. */
export const DomainName = z
  .string()
  .min(1)
  .max(300, { abort: true })
  .overwrite(inAscii)
  .meta({ id: 'DomainName', description: 'A domain in A-labels, such as `example.com` or `xn--bcher-kva.example`.' });

/** The name of a domain to claim. */
export const ClaimedName = DomainName.superRefine((name, context) => {
  const message = unclaimable(name);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
}).meta({
  id: 'ClaimedDomainName',
  description:
    'The domain to claim: itself and all names below it. International names are stored in A-labels (`bücher.example` becomes `xn--bcher-kva.example`).',
  example: 'example.com',
});

/** Returns the domain and all domains above it: `a.b.c` → `a.b.c`, `b.c`, `c`. Of a wildcard, those of its parent. */
export function domainsOf(host: string): string[] {
  const labels = (host.startsWith('*.') ? host.slice(2) : host).split('.');
  return labels.map((_, at) => labels.slice(at).join('.'));
}
