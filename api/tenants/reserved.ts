import { parseReference } from '../../model/values/reference.ts';
import type { Settings } from '../settings.ts';

/**
 * Names that only operators may give to tenants, because users could take the host `<name>.<platform domain>` for a
 * service of the platform: names of services, of mailboxes (RFC 2142), and those that clients look up by themselves.
 */
const RESERVED = new Set(
  `abuse account accounts admin administrator api app apps assets auth autoconfig autodiscover billing blog cdn console
  dashboard dev dns docs download example fleet fleets ftp gateway gatehouse help host hostmaster image images imap info
  internal invite isatap local localhost localdomain login mail marketing mta-sts mx news noc ns ns0 ns1 ns2 ns3 oauth openpgpkey
  operator operators owner pay payment payments platform pop pop3 postmaster proxy public root secure security settings
  sign-in sign-up signin signup smtp ssl sso staging static status support system test usenet uucp webmail
  webmaster wpad www www1 www2`.split(/\s+/),
);

/**
 * Whether a person may not have the name. The tenant of the platform's gateway has the whole platform domain. Names
 * that begin with `xn--` or have `--` at the third place are reserved for international names (RFC 5891 §4.2.3.1): as
 * hosts they could look like those of other tenants.
 */
export const isReserved = (name: string, { platformGateway }: Pick<Settings, 'platformGateway'>): boolean =>
  RESERVED.has(name) || name.slice(2, 4) === '--' || name === parseReference(platformGateway).tenant;
